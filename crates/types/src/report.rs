//! The run report: everything a reader needs, in one versioned document (`--report-json`).

use crate::{
    Bytes, Exemplar, FailureKind, Finding, GeneratorHealth, Goodput, Histogram, Millis, PerSecond,
    RowKey, Seconds, ServerResources, Streaming, TokenUse, Validity, Verdict,
};
use serde::{Deserialize, Serialize};

/// Version of [`RunReport`]. It rises when a reader of the old form could misread the new one;
/// added optional fields do not raise it.
pub const REPORT_VERSION: u32 = 1;

/// A finished (or interrupted) run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// [`REPORT_VERSION`] of the writer.
    pub version: u32,
    /// Who wrote it.
    pub tool: Tool,
    /// What was run.
    pub run: RunInfo,
    /// All rows together.
    pub total: RequestRow,
    /// One row for each request name, by name and method.
    pub rows: Vec<RequestRow>,
    /// Failures by name and kind, most frequent first.
    pub failures: Vec<FailureRow>,
    /// The run over time, about one point a second, thinned in long runs.
    pub history: Vec<HistoryPoint>,
    /// The part that the verdicts are about, when it is not the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<JudgedPart>,
    /// From when on latency and throughput no longer moved in one direction, if they settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steady_from: Option<Seconds>,
    /// The target's process; absent when it was not sampled.
    pub server: Option<ServerResources>,
    /// The generator's own health.
    pub generator: GeneratorHealth,
    /// Doubts about the numbers.
    pub validity: Validity,
    /// Verdicts on the targets.
    pub verdicts: Vec<Verdict>,
    /// Diagnosis in plain words.
    pub findings: Vec<Finding>,
}

/// The part of a run that the verdicts are about: the turns that ended in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedPart {
    /// Its start, from the start of the run.
    pub from: Seconds,
    /// Why it does not begin with the run.
    pub before: Before,
    /// Its turns, all request names together.
    pub total: RequestRow,
}

/// What comes before the part that is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// A warm-up that was asked for. The rows of the report leave it out.
    WarmUp,
    /// The ramp, in which users were still being started. The rows hold it.
    Ramp,
}

/// The program that wrote a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `victor`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was run, and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Random id of the run, in every request id and marker.
    pub id: String,
    /// Base address of the target, without credentials.
    pub host: String,
    /// What it speaks, by its name in `--api`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// User classes with the number of users of each.
    pub classes: Vec<(String, u64)>,
    /// Users at the peak: those asked for in a closed load, the most there were in an open one.
    pub users: u64,
    /// Users started a second, in a closed load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spawn_rate: Option<PerSecond>,
    /// Turns that arrive a second, in an open load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival_rate: Option<PerSecond>,
    /// Length asked for; `None` means until interrupted.
    pub run_time: Option<Seconds>,
    /// Seed of every random choice.
    pub seed: u64,
    /// Start, RFC 3339 in UTC.
    pub started_at: String,
    /// End, RFC 3339 in UTC.
    pub ended_at: String,
    /// Measured length.
    pub duration: Seconds,
    /// Why it ended.
    pub end: EndReason,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The run time was over.
    RunTime,
    /// All users had done what they were asked to do.
    Done,
    /// Ctrl-C or a termination signal.
    Interrupted,
    /// The first turns all failed in a way that more load cannot mend.
    Futile,
    /// As many turns failed, or as large a share of them, as were allowed.
    Failures,
    /// The 95th percentile stayed over the limit that was set for ending the run.
    Slow,
    /// The target no longer kept up.
    Saturated,
    /// As many output tokens as were allowed were received.
    Tokens,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Statistics of one request name, or of all together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestRow {
    /// Which; the total has the name `Aggregated` and an empty method.
    pub key: RowKey,
    /// Turns begun: always `succeeded + failed + incomplete`.
    pub sent: u64,
    /// Turns answered and judged right.
    pub succeeded: u64,
    /// Turns that failed.
    pub failed: u64,
    /// Turns in flight at the end.
    pub incomplete: u64,
    /// Age of the youngest incomplete turn at the end: their latencies are at least this.
    pub incomplete_age_min: Option<Millis>,
    /// Successes a second over the run.
    pub throughput: PerSecond,
    /// Failures a second over the run.
    pub failure_rate: PerSecond,
    /// Mean response size of finished turns.
    pub mean_bytes: f64,
    /// Latency of successes: planned instant to the answer's last byte.
    pub latency: Distribution,
    /// Service time of successes: hand-over of the request to the last byte.
    pub service: Distribution,
    /// Time to first byte of successes.
    pub first_byte: Distribution,
    /// Time to first token, reasoning included; empty unless turns were streamed.
    pub first_token: Distribution,
    /// Output tokens of successes, as the server reports them.
    pub output_tokens: u64,
    /// Tokens of successes; absent when there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<TokenUse>,
    /// Streams among the successes; absent when there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streaming: Option<Streaming>,
    /// Turns that met every objective; absent when there were no objectives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodput: Option<Goodput>,
    /// Time from planned instant to failure, of failed turns.
    pub failed_latency: Histogram,
    /// Attempts beyond the first that finished turns took.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u64,
}

/// A measured distribution of times. Empty when `count` is 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Number of values.
    pub count: u64,
    /// Mean.
    pub mean: Option<Millis>,
    /// Smallest (to 0.1 %).
    pub min: Option<Millis>,
    /// Largest (to 0.1 %).
    pub max: Option<Millis>,
    /// 50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99 and 100 %, as in Locust's files.
    pub percentiles: Vec<PercentileValue>,
    /// The whole distribution.
    pub histogram: Histogram,
}

/// One percentile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PercentileValue {
    /// Which, in per cent: 0 to 100.
    pub percent: f64,
    /// Its value over successes.
    pub value: Millis,
    /// 95 % interval, widened for serial correlation; absent when there are too few values for one.
    pub interval: Option<Interval>,
    /// Error-adjusted: each failure counts as infinitely slow. `None` means that it falls among the
    /// failures.
    pub adjusted: Option<Millis>,
}

/// A 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: Millis,
    /// Upper end; `None` when the data cannot bound it.
    pub high: Option<Millis>,
}

/// One way in which one request name failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailureRow {
    /// Which request.
    pub key: RowKey,
    /// How it failed.
    pub kind: FailureKind,
    /// How often.
    pub count: u64,
    /// First and last second of the run in which it was seen.
    pub first_seen: Seconds,
    /// See `first_seen`.
    pub last_seen: Seconds,
    /// At most 8 turns as evidence.
    pub exemplars: Vec<Exemplar>,
}

/// The run at one instant, over all shards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// End of the window, from the start of the run.
    pub at: Seconds,
    /// Length of the window.
    pub window: Seconds,
    /// Users running.
    pub users: u64,
    /// Turns in flight.
    pub in_flight: u64,
    /// Turns begun in the window.
    pub sent: u64,
    /// Successes in the window.
    pub succeeded: u64,
    /// Failures in the window.
    pub failed: u64,
    /// Response bytes in the window.
    pub received: Bytes,
    /// Latencies of the window's successes.
    pub latency: Histogram,
}
