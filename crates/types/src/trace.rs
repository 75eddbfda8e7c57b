//! Single records on request: what the client saw, what the server did. Both carry nanoseconds of
//! `CLOCK_MONOTONIC`, so on one machine they can be joined by request id and compared directly.

use crate::FailureKind;
use serde::{Deserialize, Serialize};

/// One line of `victor load --trace FILE` (JSON lines): one turn as the client saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceRecord {
    /// Request id, sent in `X-Request-Id`.
    pub request_id: String,
    /// The user's number, from 0.
    pub user: u64,
    /// Request name.
    pub name: String,
    /// Session of the turn, if any.
    pub session_id: Option<String>,
    /// Planned instant.
    pub planned_ns: u64,
    /// First request byte handed to the socket; absent when no connection was had, and of incomplete
    /// turns, of which only the planned instant and the id are known.
    pub sent_ns: Option<u64>,
    /// First response byte.
    pub first_byte_ns: Option<u64>,
    /// Last response byte, or the instant of failure, or the end of the run when incomplete.
    pub done_ns: u64,
    /// How it ended.
    pub outcome: TraceOutcome,
    /// Failure kind, when it failed.
    pub failure: Option<FailureKind>,
}

/// How a turn ended, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceOutcome {
    /// Answered and judged right.
    Success,
    /// Failed; the record names the kind.
    Failed,
    /// In flight when the run ended.
    Incomplete,
}

/// One line of `victor serve --truth-log FILE` (JSON lines): one chat request as the server
/// handled it, written before the response's last byte is handed to the socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthRecord {
    /// The id of `X-Request-Id`, or one made by the server.
    pub request_id: String,
    /// Session of the turn, if any.
    pub session_id: Option<String>,
    /// When the request had been read and was handed to the handler.
    pub received_ns: u64,
    /// When the first byte of the answer's body was handed to the socket.
    pub first_write_ns: Option<u64>,
    /// When the last byte was handed to the socket, or when the client was found gone.
    pub last_write_ns: u64,
    /// HTTP status.
    pub status: u16,
    /// How it ended.
    pub outcome: ServerOutcome,
    /// The session whose history was used instead of this one's, when the cross-talk fault changed
    /// the answer.
    pub cross_talk_from: Option<String>,
}

/// How a request ended, seen from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerOutcome {
    /// The whole answer was handed to the socket.
    Complete,
    /// Refused with a 4xx or 5xx status.
    Refused,
    /// The client hung up first.
    Aborted,
}
