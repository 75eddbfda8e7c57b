//! The terminal: a table every two seconds during the run, and the summary after it.
//!
//! The tables are Locust's (type, name, requests, failures, then times, then rates) with three
//! changes: times keep decimals where a fast server needs them, failures do not count as
//! throughput, and nothing ever wraps: names are shortened in the middle, and at a narrow width
//! the least telling columns are left out. Text from the server cannot move the cursor.

mod case;
mod failures;
mod live;
mod paint;
mod percentiles;
mod requests;
mod server;
mod streaming;
mod summary;
mod table;
mod verdicts;

pub use case::CaseReport;
pub use live::Live;
pub use requests::live_table;
pub use summary::summary;

/// Narrower terminals than this are treated as this wide.
const NARROWEST: usize = 40;
