//! Readers of what `victor` writes.

use super::place::Place;
use std::collections::HashMap;
use victor_types::{
    EndReason, ExitCode, Outcome, RequestRow, RunReport, ServerOutcome, TraceOutcome, TraceRecord,
    TruthRecord,
};

/// The run report in `name`, whose counts must agree with one another.
pub(crate) fn report(place: &Place, name: &str) -> RunReport {
    let report: RunReport = serde_json::from_str(&place.read(name)).expect("a run report");
    check(&report);
    report
}

/// Every count is found again in every part of the report that holds it.
pub(crate) fn check(report: &RunReport) {
    let balanced = |row: &RequestRow| row.sent == row.succeeded + row.failed + row.incomplete;
    let total = &report.total;
    assert!(balanced(total) && report.rows.iter().all(balanced), "{report:?}");
    let counts = |row: &RequestRow| [row.sent, row.succeeded, row.failed, row.incomplete];
    let add = |a: [u64; 4], b: [u64; 4]| [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
    let rows = report.rows.iter().map(counts).fold([0; 4], add);
    assert_eq!(rows, counts(total), "the rows are the total");
    assert_eq!(report.failures.iter().map(|row| row.count).sum::<u64>(), total.failed);
    assert_eq!(total.latency.count, total.succeeded);
    assert_eq!(total.latency.histogram.count(), total.succeeded);
    assert_eq!(total.failed_latency.count(), total.failed);
    let points = report.history.iter().map(|p| [p.sent, p.succeeded, p.failed, 0]);
    let points = points.fold([0; 4], add);
    assert_eq!(points, [total.sent, total.succeeded, total.failed, 0], "the history is the total");
}

/// The exit code that is promised for a run that ended like this, with the default
/// `--exit-code-on-error`.
pub(crate) fn expected_code(report: &RunReport) -> u8 {
    let any = |outcome| report.verdicts.iter().any(|verdict| verdict.outcome == outcome);
    let code = match report.run.end {
        EndReason::Interrupted => ExitCode::Interrupted,
        EndReason::Futile => ExitCode::Usage,
        _ if !report.validity.is_valid() || any(Outcome::Invalid) => ExitCode::Invalid,
        _ if report.total.failed > 0 || any(Outcome::Fail) => ExitCode::Failed,
        _ if any(Outcome::Inconclusive) => ExitCode::Inconclusive,
        _ => ExitCode::Ok,
    };
    code.code()
}

/// The records of a `--trace` file.
pub(crate) fn trace(place: &Place, name: &str) -> Vec<TraceRecord> {
    let text = place.read(name);
    text.lines().map(|line| serde_json::from_str(line).expect("a trace record")).collect()
}

/// The records of the server's truth log.
pub(crate) fn truth(place: &Place) -> Vec<TruthRecord> {
    let text = place.read("truth.jsonl");
    let records = text.lines().map(|line| serde_json::from_str(line).expect("a truth record"));
    // What asks for the API before the load is no turn.
    records.filter(|record: &TruthRecord| !record.request_id.starts_with("probe-")).collect()
}

/// What client and server say about the same run, by request id.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) client: HashMap<String, TraceRecord>,
    pub(crate) server: HashMap<String, TruthRecord>,
}

impl Joined {
    /// Reads `trace.jsonl` and `truth.jsonl`. Every id must be there once at most in each, and each
    /// one that the server has must be one that the client began.
    pub(crate) fn read(place: &Place) -> Self {
        let (client, server) = (trace(place, "trace.jsonl"), truth(place));
        let counts = (client.len(), server.len());
        let client: HashMap<_, _> =
            client.into_iter().map(|record| (record.request_id.clone(), record)).collect();
        let server: HashMap<_, _> =
            server.into_iter().map(|record| (record.request_id.clone(), record)).collect();
        assert_eq!((client.len(), server.len()), counts, "an id is there twice");
        for (id, truth) in &server {
            assert!(client.contains_key(id), "the client did not begin {truth:?}");
        }
        Self { client, server }
    }

    /// How many turns of the client ended so.
    pub(crate) fn ended(&self, outcome: TraceOutcome) -> u64 {
        self.client.values().filter(|record| record.outcome == outcome).count() as u64
    }

    /// The client's view of the turns that the server answered to the last byte.
    pub(crate) fn complete(&self) -> impl Iterator<Item = &TraceRecord> {
        let complete = self.server.iter().filter(|(_, t)| t.outcome == ServerOutcome::Complete);
        complete.map(|(id, _)| &self.client[id])
    }

    /// The report counts what the trace lists, and every success is a turn that the server says it
    /// answered to the last byte.
    pub(crate) fn check(&self, report: &RunReport) {
        let total = &report.total;
        assert_eq!(self.ended(TraceOutcome::Success), total.succeeded);
        assert_eq!(self.ended(TraceOutcome::Failed), total.failed);
        assert_eq!(self.ended(TraceOutcome::Incomplete), total.incomplete);
        for (id, record) in &self.client {
            let answered = self.server.get(id).map(|truth| truth.outcome);
            if record.outcome == TraceOutcome::Success {
                assert_eq!(answered, Some(ServerOutcome::Complete), "{record:?}");
            }
        }
    }
}
