//! What a run looked like: console, HTML, CSV, JSON, JUnit and Markdown.
//!
//! The one idea: every format is a small file over the same [`victor_types::RunReport`]. None of
//! them measures, and none decides: numbers, verdicts and doubts arrive finished, so two formats of
//! one run can never disagree. Three meanings hold everywhere:
//!
//! - *requests* (`# reqs`, `Request Count`) are finished turns: successes and failures;
//! - *requests a second* are successes a second: a failure is not throughput;
//! - *current* is the last ten seconds.
//!
//! ```
//! let stored = include_str!("../tests/golden/report_v1.json");
//! let report = victor_report::json::read(stored)?;
//! let table = victor_report::console::summary(&report, 80, false);
//! assert!(table.lines().all(|line| line.chars().count() <= 80));
//! # Ok::<(), victor_report::json::ReadError>(())
//! ```
//!
//! Why not let each format read the engine's snapshots? Because a stored report must give the same
//! page a year later, without the engine. Why not a charting library in the page? Because it would
//! make every report a megabyte and need scripts; a chart is a few paths.

pub mod console;
pub mod csv;
pub mod html;
pub mod json;
pub mod junit;
pub mod locust_json;
pub mod markdown;

mod number;
mod overall;
mod recent;
mod resources;
mod streaming;
mod svg;
mod text;

#[cfg(test)]
mod golden {
    //! The stored report that every format is tested on; `tests/golden` makes it.

    use victor_types::RunReport;

    pub(crate) fn report() -> RunReport {
        crate::json::read(include_str!("../tests/golden/report_v1.json")).expect("golden report")
    }
}
