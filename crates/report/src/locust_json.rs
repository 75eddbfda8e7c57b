//! Locust's `--json`: an array of request entries, for tools that read Locust's.
//!
//! Field order, the indent of four and the rounding of times are Locust's. As in Locust, and unlike
//! everywhere else in this crate, `num_requests`, the times and `response_times` are of successes
//! *and* failures, and the total is left out.
//!
//! What the run report does not hold is not invented. Seconds are known for the whole run only, so
//! `num_reqs_per_sec`, `num_fail_per_sec` and `last_request_timestamp` are filled when the run had
//! one request name and a history that was never thinned (windows of about a second); otherwise the
//! maps are empty and the timestamp is `null`, as in an entry of Locust that has seen nothing.

mod bucket;
mod entry;

use entry::Entry;
use serde::Serialize;
use serde_json::ser::PrettyFormatter;
use victor_types::RunReport;

/// The array, with a newline at its end.
#[must_use]
pub fn write(report: &RunReport) -> String {
    let entries: Vec<Entry<'_>> = report
        .rows
        .iter()
        .filter(|row| row.succeeded + row.failed > 0)
        .map(|row| Entry::new(row, report))
        .collect();
    let mut bytes = Vec::new();
    let layout = PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, layout);
    entries.serialize(&mut serializer).expect("keys are numbers, which JSON can hold");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use serde_json::Value;

    fn parsed(report: &RunReport) -> Vec<Value> {
        serde_json::from_str(&write(report)).expect("an array")
    }

    #[test]
    fn the_array_is_locusts() {
        insta::assert_snapshot!(write(&golden::report()));
    }

    #[test]
    fn each_timed_request_is_in_one_bucket() {
        let report = golden::report();
        for (entry, row) in parsed(&report).iter().zip(&report.rows) {
            let buckets = entry["response_times"].as_object().expect("a map");
            let sum: u64 = buckets.values().filter_map(Value::as_u64).sum();
            assert_eq!(sum, row.succeeded + row.failed);
            assert_eq!(entry["num_reqs_per_sec"], serde_json::json!({}));
        }
    }

    #[test]
    fn a_run_of_one_name_knows_its_seconds() {
        let mut report = golden::report();
        report.rows = vec![report.total.clone()];
        let entry = &parsed(&report)[0];
        let sum = |map: &str| {
            let seconds = entry[map].as_object().expect("a map");
            seconds.values().filter_map(Value::as_u64).sum::<u64>()
        };
        assert_eq!(sum("num_reqs_per_sec"), report.total.succeeded + report.total.failed);
        assert_eq!(sum("num_fail_per_sec"), report.total.failed);
        assert_eq!(entry["last_request_timestamp"], 1_795_423_890.0);
    }

    #[test]
    fn a_thinned_history_gives_no_seconds() {
        let mut report = golden::report();
        report.rows = vec![report.total.clone()];
        report.history[3].window.0 = 10.0;
        let entry = &parsed(&report)[0];
        assert_eq!(entry["num_reqs_per_sec"], serde_json::json!({}));
        assert!(entry["last_request_timestamp"].is_null());
    }
}
