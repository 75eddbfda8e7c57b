//! The frames beside those that a stream has, too.

use crate::chat::UsageBody;
use serde::{Deserialize, Serialize};

/// What a client sends, as far as it must be known before a turn begins.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ClientFrame {
    /// A turn; the rest of the frame is read as the body of a chat request is.
    Chat { request_id: Option<String> },
    /// A sign of life, answered with `pong` even while a turn runs.
    Ping,
    /// The key, where it was not in the head of the request.
    Auth { api_key: String },
}

/// What only a socket's client is told.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerFrame<'a> {
    Done {
        request_id: &'a str,
        session_id: Option<&'a str>,
        model: &'a str,
        provider: &'a str,
        simulated: bool,
        usage: UsageBody,
        latency_ms: f64,
    },
    /// With the id of the turn that failed; without one, a frame was refused.
    Error {
        code: &'a str,
        message: &'a str,
        request_id: Option<&'a str>,
    },
    Pong,
    AuthSuccess,
    AuthFailed {
        message: &'a str,
    },
}

impl ServerFrame<'_> {
    /// The text of the frame.
    pub(super) fn text(&self) -> String {
        // These types have string keys only, so writing them cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}
