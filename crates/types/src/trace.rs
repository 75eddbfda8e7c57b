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
    /// A connection began to be opened for this turn; absent, as the three after it, when one was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening_ns: Option<u64>,
    /// The target's name had been looked up; absent when its addresses were known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_ns: Option<u64>,
    /// TCP, and a proxy's tunnel if there is one, was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected_ns: Option<u64>,
    /// The TLS handshake was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secured_ns: Option<u64>,
    /// First response byte.
    pub first_byte_ns: Option<u64>,
    /// First piece of the answer's text; only streams have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_content_ns: Option<u64>,
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
    /// When the request had been read and checked and began to wait for its turn: behind earlier
    /// turns of its session or for a free place. Absent when it was refused before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_ns: Option<u64>,
    /// When the model began on it; absent when it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_ns: Option<u64>,
    /// When the first content token was handed to the socket; absent for answers in one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_ns: Option<u64>,
    /// When each content token was handed to the socket; empty without `--truth-tokens`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_ns: Vec<u64>,
    /// Content tokens handed over, in a stream or in one piece.
    #[serde(default)]
    pub tokens: u64,
    /// The faults that touched this turn, by name (`stall`, `error_in_200`), without repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// How long the turn went on after its client had hung up; absent when it stopped at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_after_hangup_ns: Option<u64>,
    /// The latest compaction of the session since its turn before, if there was one: this turn may
    /// have waited for it, and is the first that sees what it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compaction: Option<CompactionTruth>,
}

/// How a session was made smaller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompactionTruth {
    /// The strategy: `truncation`, `tiered`, `summary` or `hybrid`.
    pub strategy: String,
    /// Why: `threshold` (after a turn), `overflow` (before one) or `manual`.
    pub trigger: String,
    /// Whether the model wrote a summary.
    pub summarized: bool,
    /// Messages before and after.
    pub messages_before: u64,
    /// See [`Self::messages_before`].
    pub messages_after: u64,
    /// Estimated tokens before and after.
    pub tokens_before: u64,
    /// See [`Self::tokens_before`].
    pub tokens_after: u64,
    /// Bytes of text less than before.
    pub bytes_freed: u64,
    /// How long it took, the model's call included.
    pub took_ns: u64,
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

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"request_id":"r","session_id":null,"received_ns":1,"first_write_ns":2,
        "last_write_ns":3,"status":200,"outcome":"complete","cross_talk_from":null}"#;

    #[test]
    fn a_record_of_an_older_server_reads() {
        let record: TruthRecord = serde_json::from_str(OLD).expect("an old record");
        assert_eq!((record.last_write_ns, record.tokens), (3, 0));
        assert!(record.faults.is_empty() && record.queued_ns.is_none());
    }

    #[test]
    fn fields_of_a_newer_server_are_ignored_and_all_of_ours_come_back() {
        let newer = OLD.replace("\"status\"", "\"colour\":[1],\"status\"");
        let mut record: TruthRecord = serde_json::from_str(&newer).expect("a newer record");
        record.queued_ns = Some(1);
        record.started_ns = Some(2);
        record.first_token_ns = Some(3);
        record.token_ns = vec![3, 4];
        record.tokens = 2;
        record.faults = vec!["stall".to_owned()];
        record.work_after_hangup_ns = Some(5);
        record.compaction = Some(CompactionTruth {
            strategy: "summary".to_owned(),
            trigger: "overflow".to_owned(),
            summarized: true,
            messages_before: 9,
            messages_after: 3,
            tokens_before: 900,
            tokens_after: 300,
            bytes_freed: 2000,
            took_ns: 7,
        });
        let text = serde_json::to_string(&record).expect("JSON");
        assert_eq!(serde_json::from_str::<TruthRecord>(&text).expect("a record"), record);
    }
}
