//! `victor scale`: selection, a dead target, and the files.

use crate::support::{Place, Pretend, Server};
use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;

const TEN: &str = "TestConcurrentRequests::test_10_concurrent_requests";
const OLD_NAME: &str = "tests/load_test/test_scalability.py::TestConcurrentRequests::\
                        test_10_concurrent_requests";
const NOBODY: &str = "http://127.0.0.1:1";

fn listed(place: &Place, words: &[&str]) -> Vec<String> {
    let mut all = vec!["scale", "--list"];
    all.extend(words);
    let ended = place.victor(&all).with_code(0);
    let names = ended.out.lines().filter(|line| !line.starts_with(' '));
    names.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn tests_are_listed_and_chosen() {
    let place = Place::new();
    let all = listed(&place, &[]);
    assert!(all.iter().any(|name| name == TEN), "{all:?}");
    assert_eq!(listed(&place, &[OLD_NAME, "-v", "-s"]), [TEN]);
    assert_eq!(listed(&place, &["test_10_concurrent_requests"]), [TEN]);
    let group = listed(&place, &["TestConcurrentRequests"]);
    assert!(group.len() > 1 && group.iter().all(|name| name.starts_with("TestConcurrent")));
    let quick = listed(&place, &["-m", "not slow"]);
    assert!(quick.len() < all.len() && quick.iter().any(|name| name == TEN), "{quick:?}");
    assert_eq!(listed(&place, &["-k", "concurrent and not (100 or 500 or throughput)"]), [TEN]);
}

#[test]
fn what_does_not_exist_is_wrong_usage() {
    let place = Place::new();
    let cases: [(&[&str], &str); 5] = [
        (&["test_no_such_thing"], "test_no_such_thing"),
        (&["tests/load_test/test_scalability.py::TestNothing"], "TestNothing"),
        (&["-k", "nothing_is_called_so"], "-k"),
        (&["-k", "and and"], "-k"),
        (&["--set", "test_10_concurrent_requests.userz=3"], "--set"),
    ];
    for (words, part) in cases {
        let mut all = vec!["scale", "--host", NOBODY];
        all.extend(words);
        let ended = place.victor(&all).with_code(2);
        assert!(ended.error().contains(part), "`{part}` is not said: {ended}");
    }
}

#[test]
fn a_dead_target_fails_and_is_never_skipped() {
    let place = Place::new();
    let words = ["scale", OLD_NAME, "--host", NOBODY, "--junit", "j.xml", "--json", "j.json"];
    let ended = place.victor(&words).with_code(3);
    assert!(ended.out.contains(&format!("FAIL  {TEN}")), "{ended}");
    assert!(ended.out.contains("victor serve"), "how to start one is said: {ended}");
    assert!(!ended.out.to_lowercase().contains("skip"), "{ended}");

    let junit = junit(&place);
    let cases: Vec<_> = junit.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
    let failed = |status: &TestCaseStatus| matches!(status, TestCaseStatus::NonSuccess { .. });
    assert!(!cases.is_empty() && cases.iter().all(|case| failed(&case.status)), "{junit:?}");
    assert_eq!((junit.failures + junit.errors, junit.tests), (cases.len(), cases.len()));
    let json: Value = serde_json::from_str(&place.read("j.json")).expect("JSON");
    assert_eq!(json["tests"][0]["outcome"], "fail", "{json}");
}

/// The JUnit file; reading it fails when it is not well formed.
fn junit(place: &Place) -> Report {
    Report::deserialize_from_str(&place.read("j.xml")).expect("well-formed JUnit")
}

#[test]
fn a_test_measures_a_live_server() {
    let place = Place::new();
    let server = Server::start(&place, "--profile fast");
    let host = server.host();
    let words = ["scale", TEN, "--host", &host, "--junit", "j.xml", "--json", "j.json"];
    let set = ["seconds=3", "turns=50"].map(|set| format!("test_10_concurrent_requests.{set}"));
    let mut all = words.to_vec();
    set.iter().for_each(|set| all.extend(["--set", set]));
    let ended = place.victor(&all);
    let junit = junit(&place);
    let json: Value = serde_json::from_str(&place.read("j.json")).expect("JSON");
    let verdicts = json["tests"][0]["verdicts"].as_array().expect("verdicts");
    let applicable = verdicts.iter().filter(|verdict| verdict["outcome"] != "not_applicable");
    assert_eq!(junit.tests, verdicts.len(), "each verdict is a case: {junit:?}");
    assert!(applicable.count() > 2, "{json}");
    let any = |outcome: &str| verdicts.iter().any(|verdict| verdict["outcome"] == outcome);
    let expected = [("fail", 1), ("invalid", 4), ("inconclusive", 5)];
    let expected = expected.iter().find(|(outcome, _)| any(outcome)).map_or(0, |(_, code)| *code);
    assert_eq!(ended.code(), expected, "{ended}");
    let reports = json["tests"][0]["reports"].as_array().expect("reports");
    for report in reports {
        assert!(report["total"]["succeeded"].as_u64() > Some(0), "{report}");
        assert_eq!(report["total"]["failed"], 0, "{report}");
    }
    assert_eq!(reports.len(), 2, "a closed loop and a burst");
}

#[test]
fn files_that_cannot_be_written_are_refused_before_anything_is_sent() {
    let place = Place::new();
    let server = Pretend::http("200 OK");
    let host = server.host();
    for flag in ["--junit", "--json"] {
        let words = ["scale", TEN, "--host", &host, flag, "/proc/nowhere/results"];
        let ended = place.victor(&words).with_code(2);
        let error = ended.error();
        assert!(error.contains(flag) && error.contains("/proc/nowhere/results"), "{ended}");
    }
    assert_eq!(server.connections(), 0, "something was sent");
}

#[test]
fn an_empty_variable_is_no_address() {
    let place = Place::new();
    let words = ["scale", TEN, "--set", "test_10_concurrent_requests.seconds=1"];
    let ended = place.start(&words, &[("VICTOR_API_HOST", "")]).wait(60);
    assert_ne!(ended.code(), 2, "as if it were not set: {ended}");
}
