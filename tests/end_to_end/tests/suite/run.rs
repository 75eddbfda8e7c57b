//! `victor load --headless`: files, balance, exit code, and what goes to which stream.

use crate::support::{Place, Server, expected_code, report, trace};
use serde_json::Value;
use victor_types::{EndReason, Outcome, RunReport};

const CHAT: [&str; 4] = [
    "/api/v1/chat (concurrent)",
    "/api/v1/chat (large_context)",
    "/api/v1/chat (simple)",
    "/api/v1/chat (tool_call)",
];

#[test]
fn a_run_leaves_all_that_was_asked_for() {
    let place = Place::new();
    place.write("workspace/README.md", "# A project\n");
    let server = Server::start(&place, "");
    let ended = place.load(
        &server.host(),
        "-u 20 -r 20 -t 8 --seed 4 --html out/run.html --csv out/run --json --json-file out/run \
         --report-json out/report.json --trace out/trace.jsonl",
    );
    let report = report(&place, "out/report.json");
    assert_eq!(ended.code(), expected_code(&report), "{ended}");
    assert_eq!((report.run.end, report.run.users, report.run.seed), (EndReason::RunTime, 20, 4));
    assert_eq!(report.run.classes, [("VictorLoadTest".to_owned(), 20)]);
    assert_eq!(report.total.failed, 0, "{ended}");
    let names: Vec<&str> = report.rows.iter().map(|row| row.key.name.as_str()).collect();
    assert_eq!(names, CHAT);
    assert!(report.server.is_some(), "the server's process was found and sampled");

    // Standard output is one JSON array and nothing else; the table is talk.
    let array: Vec<Value> = serde_json::from_str(&ended.out).expect("one JSON array");
    let listed: Vec<&str> = array.iter().filter_map(|entry| entry["name"].as_str()).collect();
    assert_eq!(listed, CHAT);
    assert_eq!(place.read("out/run.json"), ended.out);
    assert!(ended.err.contains("Aggregated") && ended.err.contains("Verdicts"), "{ended}");

    assert_eq!(trace(&place, "out/trace.jsonl").len() as u64, report.total.sent);
    html_is_whole(&place.read("out/run.html"), &report);
    tables_are_whole(&place, &report);
}

fn html_is_whole(page: &str, report: &RunReport) {
    assert!(page.to_ascii_lowercase().starts_with("<!doctype html>"));
    assert!(page.trim_end().ends_with("</html>"));
    for name in CHAT {
        assert!(page.contains(name), "{name}");
    }
    assert!(page.contains(&report.run.host), "the page says what was loaded");
    for loaded in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!page.contains(loaded), "the page loads something: {loaded}");
    }
}

fn tables_are_whole(place: &Place, report: &RunReport) {
    let stats = place.read("out/run_stats.csv");
    let mut lines = stats.lines();
    assert!(lines.next().is_some_and(|head| head.starts_with("Type,Name,Request Count")));
    let total = lines.find(|line| line.contains(",Aggregated,")).expect("a total");
    let count = total.split(',').nth(2).and_then(|count| count.parse().ok());
    assert_eq!(count, Some(report.total.succeeded + report.total.failed), "{total}");
    let history = place.read("out/run_stats_history.csv");
    let last = history.lines().last().expect("a last second");
    let (users, count) = (last.split(',').nth(1), last.split(',').nth(17));
    assert!(users.is_some_and(|users| users.parse::<u64>().is_ok()), "{last}");
    let finished = (report.total.succeeded + report.total.failed).to_string();
    assert_eq!(count, Some(finished.as_str()), "the last second is there, once: {last}");
    assert_eq!(history.lines().count(), 1 + report.history.len(), "a row for each second");
    for name in ["out/run_failures.csv", "out/run_exceptions.csv"] {
        assert_eq!(place.read(name).lines().count(), 1, "{name}: a head and no failure");
    }
}

#[test]
fn the_console_shows_the_summary_on_standard_output() {
    let place = Place::new();
    let server = Server::start(&place, "");
    let ended = place.load(
        &server.host(),
        "StressTestUser -u 5 -r 5 -t 3 --stop-timeout 5 --report-json report.json",
    );
    let report = report(&place, "report.json");
    assert_eq!(ended.code(), expected_code(&report), "{ended}");
    assert_eq!(report.total.incomplete, 0, "turns in flight were waited for: {ended}");
    let balance = format!("sent {0} = {0} succeeded + 0 failed", report.total.sent);
    let out = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains(&balance), "{balance}: {ended}");
    assert_eq!(ended.out.matches("Verdicts").count(), 1, "{ended}");
    assert!(ended.err.contains("turns/s"), "progress is talk: {ended}");
    assert!(!ended.out.contains('\u{1b}'), "no colours in a file: {ended}");
}

#[test]
fn the_verdicts_decide_the_exit_code() {
    let place = Place::new();
    let server = Server::start(&place, "");
    let words =
        "StressTestUser -u 20 -r 20 -t 3 --stop-timeout 5 --report-json report.json --config";
    let off = ["p50_ms", "p95_ms", "p99_ms", "throughput", "error_rate", "cpu", "memory"];
    let targets: String = off.iter().map(|key| format!("{key} = false\n")).collect();
    place.write("none.toml", format!("[targets]\n{targets}"));
    let ended = place.load(&server.host(), &format!("{words} none.toml"));
    let free = report(&place, "report.json");
    assert_eq!(ended.code(), expected_code(&free), "{ended}");
    let judged = |report: &RunReport, outcome| {
        report.verdicts.iter().any(|verdict| verdict.outcome == outcome)
    };
    assert!(!judged(&free, Outcome::Fail), "nothing was wanted, so nothing can fail: {ended}");

    place.write("strict.toml", "[targets]\np50_ms = 0.001\n");
    let ended = place.load(&server.host(), &format!("{words} strict.toml"));
    let strict = report(&place, "report.json");
    assert_eq!(ended.code(), expected_code(&strict), "{ended}");
    let p50 = strict.verdicts.iter().find(|verdict| verdict.name == "latency p50");
    assert_eq!(p50.map(|verdict| verdict.outcome), Some(Outcome::Fail), "{ended}");
}

#[test]
fn a_single_user_shows_what_it_asked_what_it_got_and_why_that_is_right_or_not() {
    let place = Place::new();
    let server = Server::start(&place, "--profile instant");
    for more in ["", " --stream", " --transport ws"] {
        let words = format!("--single SessionUser -n 2 --api-key hidden-key{more}");
        let ended = place.load(&server.host(), &words).with_code(0);
        for part in ["turn 2 of 2", "my code word", "< ", "right, after", "vmk", "session_id `vs-"]
        {
            assert!(ended.out.contains(part), "`{part}` with `{more}`: {ended}");
        }
        assert!(!ended.out.contains("hidden-key"), "a key is never shown: {ended}");
    }
    let server = Server::start(&place, "--profile instant --fault error-in-200=1");
    let ended = place.load(&server.host(), "--single StressTestUser").with_code(1);
    assert!(ended.out.contains("wrong, after") && ended.out.contains("error_in_200"), "{ended}");
}

#[test]
fn a_plain_burst_makes_just_so_many_requests_and_counts_what_failed() {
    let place = Place::new();
    place.write("body.json", r#"{"message":"hello"}"#);
    place.write("wrong.json", r#"{"message":5}"#);
    let server = Server::start(&place, "--profile instant");
    let burst = |words: &str| {
        let ended = place.load(&server.host(), &format!("{words} --report-json report.json"));
        (report(&place, "report.json"), ended)
    };
    let (right, ended) =
        burst("--requests 200 --concurrency 20 --payload body.json --endpoint /api/v1/chat");
    assert_eq!((right.total.succeeded, right.total.failed), (200, 0), "{ended}");
    assert_eq!(right.rows[0].key.name, "/api/v1/chat");
    let (plain, ended) = burst("--requests 50 --concurrency 5 --method GET --endpoint /metrics");
    assert_eq!((plain.total.succeeded, plain.rows[0].key.method.as_str()), (50, "GET"), "{ended}");
    let (wrong, ended) = burst("--requests 3 --concurrency 1 --payload wrong.json");
    assert_eq!(wrong.total.succeeded, 0, "{ended}");
    let words = "--requests 3 --payload nowhere.json";
    let ended = place.load(&server.host(), words).with_code(2);
    assert!(
        ended.error().contains("--payload") && ended.error().contains("nowhere.json"),
        "{ended}"
    );
}
