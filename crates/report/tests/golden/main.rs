//! The golden run report: what every format, the page and the store are built against.
//!
//! `report_v1.json` is made by [`builder`] from a small seeded simulation of fifty users, so its
//! numbers agree with one another: counts balance, rows add up to the total, and the throughput
//! obeys Little's law. Write it anew with `VICTOR_WRITE_GOLDEN=1 cargo test -p victor-report`.

mod builder;
mod simulation;
mod statistics;
mod words;

use std::path::Path;
use victor_report::json;

const STORED: &str = include_str!("report_v1.json");

#[test]
fn the_stored_report_is_the_builders() {
    let built = json::write(&builder::report());
    if std::env::var_os("VICTOR_WRITE_GOLDEN").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/report_v1.json");
        std::fs::write(path, &built).expect("the golden report can be written");
        return;
    }
    let differs = built.lines().zip(STORED.lines()).find(|(a, b)| a != b);
    assert!(
        built == STORED,
        "the builder and report_v1.json differ, first at {differs:?}; \
         if that is wanted, run with VICTOR_WRITE_GOLDEN=1"
    );
}

#[test]
fn the_golden_numbers_agree_with_one_another() {
    let report = json::read(STORED).expect("golden report");
    for row in report.rows.iter().chain([&report.total]) {
        assert_eq!(row.sent, row.succeeded + row.failed + row.incomplete, "{:?}", row.key);
        assert_eq!(row.latency.count, row.succeeded);
        assert_eq!(row.failed_latency.count(), row.failed);
    }
    assert_eq!(report.rows.iter().map(|row| row.sent).sum::<u64>(), report.total.sent);
    assert_eq!(report.history.iter().map(|p| p.sent).sum::<u64>(), report.total.sent);
    assert_eq!(report.failures.iter().map(|f| f.count).sum::<u64>(), report.total.failed);
    assert!(report.total.failed > 0 && report.total.incomplete > 0);
}

#[test]
fn an_old_reader_ignores_fields_it_does_not_know() {
    let mut document: serde_json::Value = serde_json::from_str(STORED).expect("JSON");
    document["energy"] = serde_json::json!({"joules": 12.5});
    document["run"]["shape"] = "spike".into();
    document["total"]["latency"]["p42"] = 3.into();
    document["history"][0]["workers"] = serde_json::json!([1, 2]);
    let read = json::read(&document.to_string()).expect("unknown fields are ignored");
    assert_eq!(read, json::read(STORED).expect("golden report"));
}

#[test]
fn a_report_from_before_the_server_was_seen_in_detail_is_read() {
    let mut document: serde_json::Value = serde_json::from_str(STORED).expect("JSON");
    let server = document["server"].as_object_mut().expect("sampled");
    server.retain(|name, _| {
        ["pid", "command", "cores", "memory_total", "samples"].contains(&&**name)
    });
    for sample in server["samples"].as_array_mut().expect("a list") {
        let sample = sample.as_object_mut().expect("a sample");
        sample.retain(|name, _| ["at", "cpu_cores", "rss", "threads", "fds"].contains(&&**name));
    }
    let read = json::read(&document.to_string()).expect("an old report");
    let server = read.server.expect("sampled");
    assert_eq!((server.cost, server.metrics, server.samples[0].memory), (None, None, None));
    assert_eq!(
        server.samples.len(),
        json::read(STORED).expect("golden").server.expect("sampled").samples.len()
    );
}
