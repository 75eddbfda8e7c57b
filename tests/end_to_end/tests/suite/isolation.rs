//! Session isolation, with and without the fault that breaks it.

use crate::support::{Ended, Place, Server, truth};
use serde_json::Value;
use victor_types::{FailureKind, RunReport, TruthRecord};

const TEST: &str = "test_session_isolation";

/// Runs the isolation test on a server with `fault`, and hands over what it wrote and the truth.
fn isolation(fault: &str) -> (Ended, RunReport, Vec<TruthRecord>) {
    let place = Place::new();
    let server = Server::start(&place, &format!("--profile fast --seed 7 {fault}"));
    let host = server.host();
    let set = [format!("{TEST}.sessions=50"), format!("{TEST}.turns=10")];
    let name = format!("TestIntegrity::{TEST}");
    let ended = place.victor(&[
        "scale", &name, "--host", &host, "--set", &set[0], "--set", &set[1], "--json", "s.json",
    ]);
    server.stop();
    let written: Value = serde_json::from_str(&place.read("s.json")).expect("JSON");
    let report = serde_json::from_value(written["tests"][0]["reports"][0].clone());
    (ended, report.expect("a run report"), truth(&place))
}

fn failures(report: &RunReport, kind: FailureKind) -> usize {
    let rows = report.failures.iter().filter(|row| row.kind == kind);
    usize::try_from(rows.map(|row| row.count).sum::<u64>()).expect("a count")
}

#[test]
fn sessions_that_are_kept_apart_pass() {
    let (ended, report, truth) = isolation("");
    assert_eq!(ended.code(), 0, "{ended}");
    assert_eq!((report.total.sent, report.total.succeeded), (500, 500), "{ended}");
    assert_eq!(truth.len(), 500);
    assert!(truth.iter().all(|record| record.cross_talk_from.is_none()));
    assert!(ended.out.contains("0 of 500 judged turns"), "{ended}");
}

#[test]
fn every_crossed_answer_is_found_and_no_other() {
    let (ended, report, truth) = isolation("--fault cross-talk=5%");
    assert_eq!(ended.code(), 1, "{ended}");
    let crossed: Vec<&TruthRecord> =
        truth.iter().filter(|record| record.cross_talk_from.is_some()).collect();
    assert!(crossed.len() > 5, "the fault struck {} times", crossed.len());
    assert_eq!(failures(&report, FailureKind::WrongSession), crossed.len(), "{ended}");
    assert_eq!(report.total.failed as usize, crossed.len(), "{ended}");
    assert!(ended.out.contains("belongs to"), "an offending pair is shown: {ended}");

    // The pairs kept as evidence are those that the server made.
    let rows = report.failures.iter().filter(|row| row.kind == FailureKind::WrongSession);
    let kept: Vec<_> = rows.flat_map(|row| &row.exemplars).collect();
    assert!(!kept.is_empty());
    for exemplar in kept {
        let made = crossed.iter().find(|record| record.request_id == exemplar.request_id);
        let made = made.unwrap_or_else(|| panic!("not crossed: {exemplar:?}"));
        let seen = exemplar.other.as_ref().map(|other| &other.session_id);
        assert_eq!(seen, made.cross_talk_from.as_ref(), "{exemplar:?}");
        assert_eq!(exemplar.session_id, made.session_id, "{exemplar:?}");
    }
}
