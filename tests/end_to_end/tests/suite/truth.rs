//! What the client reports against what the server did, id by id.

use crate::support::{Joined, Place, Server, expected_code, report, until};
use rustix::process::Signal;
use victor_types::{EndReason, FailureKind, RunReport, ServerOutcome, TraceOutcome};

const USERS: u64 = 40;
const LOAD: &str = "StressTestUser -u 40 -r 40 --trace trace.jsonl --report-json report.json";

/// Waits until the trace has lines, so that what follows happens in the middle of the run.
fn until_under_way(place: &Place) {
    let written = || {
        let trace = std::fs::read_to_string(place.path("trace.jsonl")).unwrap_or_default();
        (trace.lines().count() > 100).then_some(())
    };
    until(20, written).expect("a run that gets under way");
}

/// A run that waits for its turns: nothing is lost, nothing is there twice, nothing is made up.
fn whole_run(more: &str) -> RunReport {
    let place = Place::new();
    let server = Server::start(&place, "--profile fast");
    let ended = place.load(&server.host(), &format!("{LOAD} -t 5 --stop-timeout 10 {more}"));
    server.stop();
    let (report, joined) = (report(&place, "report.json"), Joined::read(&place));
    assert_eq!(ended.code(), expected_code(&report), "{ended}");
    assert_eq!((report.total.failed, report.total.incomplete), (0, 0), "{ended}");
    assert!(report.total.sent > 5 * USERS, "{ended}");
    joined.check(&report);
    assert_eq!(joined.server.len(), joined.client.len(), "both know the same ids");
    assert_eq!(joined.complete().count(), joined.client.len());
    report
}

#[test]
fn a_run_that_waits_for_its_turns_agrees_with_the_server_exactly() {
    let report = whole_run("");
    assert_eq!(report.total.first_token.count, 0, "nothing was streamed");
}

#[test]
fn a_streamed_run_agrees_with_the_server_exactly() {
    let report = whole_run("--stream");
    assert_eq!(report.total.first_token.count, report.total.succeeded, "each had a first token");
    assert!(report.total.output_tokens > report.total.succeeded, "streams report their usage");
}

#[test]
fn an_interrupted_run_writes_its_report_and_agrees_with_the_server() {
    let place = Place::new();
    let server = Server::start(&place, "--profile fast");
    let load = place.start_load(&server.host(), &format!("{LOAD} -t 10m --html run.html"));
    until_under_way(&place);
    load.signal(Signal::INT);
    let ended = load.wait(10).with_code(130);
    server.stop();
    let (report, joined) = (report(&place, "report.json"), Joined::read(&place));
    assert_eq!(report.run.end, EndReason::Interrupted);
    assert!(ended.out.contains("Verdicts") && place.read("run.html").contains("</html>"));
    assert_eq!(report.total.failed, 0, "{ended}");
    assert!(report.total.incomplete <= USERS, "{ended}");
    joined.check(&report);
    // What was hung up on may have reached the server or not, and have been answered or not; all
    // else is there.
    for (id, record) in &joined.client {
        let at_server = joined.server.contains_key(id);
        assert!(at_server || record.outcome == TraceOutcome::Incomplete, "{record:?}");
    }
}

#[test]
fn a_second_interrupt_ends_the_wait_for_turns_in_flight() {
    let place = Place::new();
    let server = Server::start(&place, "--profile cloud");
    let words = "-u 5 -r 5 -t 10m --stop-timeout 10m --report-json report.json";
    let load = place.start_load(&server.host(), words);
    let in_flight = || {
        let text = crate::support::call(server.address(), "/metrics", None).body;
        let line = text.lines().find_map(|line| line.strip_prefix("victor_turns_in_flight "))?;
        line.parse::<u64>().ok().filter(|&count| count > 0)
    };
    until(20, in_flight).expect("turns in flight");
    load.signal(Signal::INT);
    let heard = || load.err().contains("stopping").then_some(());
    until(10, heard).expect("the first interrupt is heard");
    load.signal(Signal::TERM);
    load.wait(10).with_code(130);
    assert_eq!(report(&place, "report.json").run.end, EndReason::Interrupted);
}

#[test]
fn a_killed_server_leaves_no_turn_unexplained() {
    let place = Place::new();
    let server = Server::start(&place, "--profile fast");
    let load = place.start_load(&server.host(), &format!("{LOAD} -t 5"));
    until_under_way(&place);
    server.signal(Signal::KILL);
    let ended = load.wait(20);
    let (report, joined) = (report(&place, "report.json"), Joined::read(&place));
    assert_eq!(ended.code(), expected_code(&report), "{ended}");
    joined.check(&report);
    for record in joined.complete() {
        let explained = match record.outcome {
            TraceOutcome::Success | TraceOutcome::Incomplete => true,
            TraceOutcome::Failed => record.failure == Some(FailureKind::Cut),
        };
        assert!(explained, "the server answered it whole: {record:?}");
    }
    let complete = joined.complete().count() as u64;
    assert!(complete - report.total.succeeded <= USERS, "{complete} complete: {ended}");
    assert!(joined.server.values().all(|truth| truth.outcome == ServerOutcome::Complete));
    // Afterwards nobody listens: every failure is a broken answer or a refused connection.
    let kinds: Vec<FailureKind> = report.failures.iter().map(|row| row.kind).collect();
    assert!(kinds.contains(&FailureKind::Connect), "{ended}");
    let known = [FailureKind::Connect, FailureKind::Cut];
    assert!(kinds.iter().all(|kind| known.contains(kind)), "{kinds:?}: {ended}");
}
