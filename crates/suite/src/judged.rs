//! The part of a run that verdicts are about.

use victor_types::{HistoryPoint, RequestRow, RunReport, Seconds};

/// A view of the judged part of a report; all of it, where the report names none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) total: &'a RequestRow,
    pub(crate) history: &'a [HistoryPoint],
    pub(crate) from: Seconds,
}

impl<'a> Judged<'a> {
    pub(crate) fn of(report: &'a RunReport) -> Self {
        match &report.judged {
            None => Self { total: &report.total, history: &report.history, from: Seconds(0.0) },
            Some(part) => {
                // A window ends a few milliseconds after its second.
                let before =
                    |point: &HistoryPoint| point.at.0 - point.window.0 <= part.from.0 - 0.5;
                let first = report.history.partition_point(before);
                Self { total: &part.total, history: &report.history[first..], from: part.from }
            }
        }
    }
}
