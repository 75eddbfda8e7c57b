//! Server-sent events of a streamed turn, each `data: {json}` and a blank line.

use crate::tools::ToolReport;
use axum::body::Bytes;
use serde::Serialize;
use victor_model::{ToolCall, Usage};

/// What a client of a stream reads, in this order: one `request`, any number of the others, one
/// `usage`, then `[DONE]`; or an `error` as the last.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// Before any work.
    Request { request_id: &'a str, session_id: Option<&'a str>, model: &'a str },
    /// What the model thinks before it speaks or calls a tool.
    Reasoning { content: &'a str },
    /// One token, or several where the preset says so.
    Content { content: &'a str },
    /// A tool is about to run.
    ToolCall { tool_call: &'a ToolCall },
    /// A tool has run.
    ToolResult { tool_result: &'a ToolReport },
    /// Tokens of the whole turn.
    Usage { usage: UsageBody },
    /// The turn failed; nothing follows.
    Error { message: &'a str },
}

/// Tokens as clients see them.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct UsageBody {
    prompt_tokens: u64,
    completion_tokens: u64,
}

impl From<Usage> for UsageBody {
    fn from(usage: Usage) -> Self {
        let Usage { prompt_tokens, completion_tokens } = usage;
        Self { prompt_tokens, completion_tokens }
    }
}

/// A comment: the stream is alive. Clients skip it.
pub(crate) const ALIVE: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// The end of a stream that is whole.
pub(crate) const DONE: Bytes = Bytes::from_static(b"data: [DONE]\n\n");

/// The JSON of an event's bytes, without their envelope as a server-sent event; text that has none
/// stays as it is.
pub(crate) fn event_json(event: Bytes) -> Bytes {
    if event.starts_with(b"data: ") && event.ends_with(b"\n\n") {
        return event.slice(6..event.len() - 2);
    }
    event
}

impl Event<'_> {
    /// The bytes on the wire.
    pub(crate) fn bytes(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(b"data: ");
        // Writing these types to memory cannot fail: string keys only, no maps of other keys.
        let written = serde_json::to_writer(&mut bytes, self);
        debug_assert!(written.is_ok(), "an event is JSON");
        bytes.extend_from_slice(b"\n\n");
        bytes.into()
    }
}
