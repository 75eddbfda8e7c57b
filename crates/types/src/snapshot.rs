//! The only thing that leaves a shard: one [`Snapshot`] a second.

use crate::{Bytes, FailureKind, Histogram, Millis, Seconds, StreamSums, TokenSums};
use serde::{Deserialize, Serialize};

/// What one shard did in one window. Counts and histograms are deltas since the shard's previous
/// snapshot, so that adding snapshots of any shards and windows gives the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which shard, from 0.
    pub shard: u32,
    /// Number of this snapshot within the shard, from 0.
    pub sequence: u64,
    /// End of the window, from the start of the run.
    pub at: Seconds,
    /// Length of the window.
    pub window: Seconds,
    /// Users running at the end of the window.
    pub users: u32,
    /// Turns in flight at the end of the window.
    pub in_flight: u64,
    /// Age of the oldest turn in flight, so that a total stall is not mistaken for silence.
    pub oldest_in_flight: Option<Millis>,
    /// One row for each request name that did anything in the window.
    pub rows: Vec<SnapshotRow>,
    /// How the generator itself fared.
    pub generator: GeneratorSample,
}

/// Identity of a row of statistics, as in Locust: method and name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowKey {
    /// Request name such as `/api/v1/chat (simple)`.
    pub name: String,
    /// HTTP method, `POST` for turns.
    pub method: String,
}

/// One request name's part of a [`Snapshot`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SnapshotRow {
    /// Which row.
    pub key: RowKey,
    /// Turns begun.
    pub sent: u64,
    /// Turns answered and judged right.
    pub succeeded: u64,
    /// Turns that failed, by kind.
    pub failed: Vec<FailureCount>,
    /// Turns still in flight when the run ended (only in a shard's last snapshot).
    pub incomplete: u64,
    /// Ages of the incomplete turns when the run ended: their latency is at least this.
    pub incomplete_age: Histogram,
    /// Response bytes (head and body) of finished turns.
    pub received: Bytes,
    /// Latency of successes: planned instant to the answer's last byte.
    pub latency: Histogram,
    /// Time from the planned instant to the failure, of failed turns.
    pub failed_latency: Histogram,
    /// Service time of successes: first request byte handed to the socket, to the last response byte.
    pub service: Histogram,
    /// Time to first byte of successes: from the request's hand-over to the response's first byte.
    pub first_byte: Histogram,
    /// Time to first token (TTFT) of streamed successes: to the first chunk that carries content,
    /// reasoning included.
    pub first_token: Histogram,
    /// Output tokens of successes, as the server's usage field reports them.
    pub output_tokens: u64,
    /// Tokens of successes.
    #[serde(default)]
    pub tokens: TokenSums,
    /// Streams among the successes.
    #[serde(default)]
    pub streams: StreamSums,
    /// Successes that met every objective; `None` when there are no objectives.
    #[serde(default)]
    pub good: Option<u64>,
    /// Attempts beyond the first that finished turns took.
    #[serde(default)]
    pub retries: u64,
    /// A few turns worth showing (at most 8 a failure kind and window).
    pub exemplars: Vec<Exemplar>,
}

/// How many turns failed in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureCount {
    /// In which way.
    pub kind: FailureKind,
    /// How many.
    pub count: u64,
}

/// One turn kept as evidence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Exemplar {
    /// How it failed; `None` for a success worth showing.
    pub kind: Option<FailureKind>,
    /// Request id, as sent in `X-Request-Id`.
    pub request_id: String,
    /// The user's session, if the turn had one.
    pub session_id: Option<String>,
    /// When it finished, from the start of the run.
    pub at: Seconds,
    /// Its latency.
    pub latency: Millis,
    /// What was seen, in at most 300 characters: the answer, status line or error text.
    pub excerpt: String,
    /// What was expected instead, where that can be said.
    pub expected: Option<String>,
    /// The other session of an offending pair.
    pub other: Option<OtherHalf>,
}

/// The session whose data turned up in someone else's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherHalf {
    /// The marker that was seen.
    pub marker: String,
    /// The session it belongs to.
    pub session_id: String,
}

/// How the generator fared in one window; see the limits in [`crate::Warning`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GeneratorSample {
    /// CPU time of the shard's thread over the window's length, 0 to 1.
    pub cpu: f64,
    /// How late a 5 ms ticker on the shard fired.
    pub ticker_late: Histogram,
    /// Resident memory of the generator's process.
    pub rss: Bytes,
    /// The schedule slip: how long after their planned instant turns of an open load were dispatched.
    /// Waiting for a free user is not part of it.
    #[serde(default)]
    pub slip: Histogram,
    /// Turns of an open load that had to wait because all users were busy.
    #[serde(default)]
    pub waited: u64,
    /// Turns of an open load that were due and had found no free user when the window ended.
    #[serde(default)]
    pub unsent: u64,
    /// Turns of an open load that were due during a pause and were left out.
    #[serde(default)]
    pub skipped: u64,
    /// Time that the shard's thread was ready to run and had no core, over the window's length.
    #[serde(default)]
    pub run_queue: f64,
    /// Connections that could not be opened because no port was left.
    #[serde(default)]
    pub no_port: u64,
    /// Connections that could not be opened because no file or buffer was left.
    #[serde(default)]
    pub no_file: u64,
}
