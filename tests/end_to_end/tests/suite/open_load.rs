//! An open load: turns come when they are due, whether or not the server keeps up.

use crate::support::{Place, Server, report, trace};
use victor_types::{TraceOutcome, TraceRecord, Warning};

/// Instants at which the turns were due, in order, from the first, in milliseconds.
fn due(records: &[TraceRecord]) -> Vec<f64> {
    let mut planned: Vec<u64> = records.iter().map(|record| record.planned_ns).collect();
    planned.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "seconds of a test in nanoseconds")]
    planned.iter().map(|at| (at - planned[0]) as f64 / 1e6).collect()
}

#[test]
fn every_turn_is_planned_for_its_place_in_the_schedule() {
    let place = Place::new();
    let server = Server::start(&place, "");
    place.load(
        &server.host(),
        "--arrival-rate 100 -t 4 --report-json report.json --trace trace.jsonl --only-summary \
         StressTestUser",
    );
    let report = report(&place, "report.json");
    assert_eq!(
        (report.run.arrival_rate.map(|rate| rate.0), report.run.spawn_rate),
        (Some(100.0), None)
    );
    // 400 are due in four seconds; the run may end a moment before or after the last.
    assert!((398..=402).contains(&report.total.sent), "{} sent", report.total.sent);
    assert!(report.generator.slip_p99.is_some());
    let records = trace(&place, "trace.jsonl");
    for (number, at) in due(&records).into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred turns")]
        let expected = number as f64 * 10.0;
        assert!((at - expected).abs() < 0.001, "turn {number} was planned for {at} ms");
    }
}

#[test]
fn a_turn_that_waits_for_a_user_counts_its_wait() {
    let place = Place::new();
    let server = Server::start(&place, "--profile cloud");
    let ended = place.load(
        &server.host(),
        "--arrival-rate 20 --max-users 2 -t 5 --stop-timeout 20 --report-json report.json \
         --trace trace.jsonl --only-summary StressTestUser",
    );
    let report = report(&place, "report.json");
    let exhausted = report.validity.warnings.iter().find_map(|warning| match warning {
        Warning::UsersExhausted { waited, most_users, .. } => Some((*waited, *most_users)),
        _ => None,
    });
    let (waited, most_users) = exhausted.unwrap_or_else(|| panic!("no word of it: {ended}"));
    assert_eq!(most_users, 2);
    // A turn takes most of a second, so two users take far fewer than 20 a second.
    assert!(waited > 20, "{waited} waited");
    assert_eq!(report.run.users, 2);
    let total = &report.total;
    assert_eq!(total.sent, total.succeeded + total.failed + total.incomplete);
    let records = trace(&place, "trace.jsonl");
    let waits = |record: &&TraceRecord| {
        record.sent_ns.is_some_and(|sent| sent > record.planned_ns + 500_000_000)
    };
    assert!(records.iter().any(|record| waits(&record)), "some were sent long after they were due");
    for record in records.iter().filter(|record| record.outcome == TraceOutcome::Success) {
        assert!(record.sent_ns >= Some(record.planned_ns), "none before");
    }
}
