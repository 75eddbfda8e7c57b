//! The stable vocabulary of Victor: what other programs parse, and nothing else.
//!
//! The one idea: every format that leaves the process (run report, snapshots, trace and truth
//! records, exit codes, failure names) is declared here once, carries a version, and has no
//! behaviour beyond keeping its own invariants (merging histograms, ordering rows). Code that
//! decides anything lives elsewhere.
//!
//! ```
//! use victor_types::{FailureKind, Histogram};
//!
//! let mut h = Histogram::default();
//! h.add(1_200, 3); // three turns of 1.2 ms
//! assert_eq!(h.count(), 3);
//! assert_eq!("http_status:503".parse(), Ok(FailureKind::HttpStatus(503)));
//! ```
//!
//! Why not keep each type beside the code that makes it? Because a reader of a stored report must
//! not need the engine, and a change to any format must be visible in one crate's history.

mod exit;
mod failure;
mod histogram;
mod report;
mod resources;
mod snapshot;
mod streaming;
mod trace;
mod units;
mod verdict;
mod warning;

pub use exit::ExitCode;
pub use failure::{FailureKind, Phase, UnknownFailure};
pub use histogram::Histogram;
pub use report::{
    Before, Distribution, EndReason, FailureRow, HistoryPoint, Interval, JudgedPart,
    PercentileValue, REPORT_VERSION, RequestRow, RunInfo, RunReport, Tool,
};
pub use resources::{
    ActivitySample, CgroupSample, GeneratorHealth, GeneratorMachine, HostSample, Machine,
    MemorySample, MetricsSample, OBSERVER_VERSION, Observation, ObserverCost, ObserverPage,
    ProcessSample, ServerResources, SocketCounts,
};
pub use snapshot::{
    Exemplar, FailureCount, GeneratorSample, OtherHalf, RowKey, Snapshot, SnapshotRow,
};
pub use streaming::{Goodput, Lengths, StreamSums, Streaming, TokenSums, TokenUse};
pub use trace::{CompactionTruth, ServerOutcome, TraceOutcome, TraceRecord, TruthRecord};
pub use units::{Bytes, Millis, PerSecond, Seconds};
pub use verdict::{Finding, Outcome, Verdict};
pub use warning::{Severity, Validity, Warning};
