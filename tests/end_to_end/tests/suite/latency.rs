//! Units and clocks: the client's latency holds the server's own time and little else.

use crate::support::{Joined, Place, Server, report};
use victor_types::{TraceOutcome, TraceRecord, TruthRecord};

/// Room for the precision to which two processes read one clock.
const SLACK: f64 = 1.0;

fn millis(from: u64, to: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "hours of nanoseconds are exact")]
    let span = to as f64 - from as f64;
    span / 1e6
}

/// Checks the order of the instants of one turn; returns how much longer it was for the client.
fn excess(client: &TraceRecord, server: &TruthRecord) -> f64 {
    let sent = client.sent_ns.expect("a success was sent");
    let latency = millis(client.planned_ns, client.done_ns);
    let service = millis(sent, client.done_ns);
    let at_server = millis(server.received_ns, server.last_write_ns);
    let told = format!("{client:?} {server:?}");
    assert!(latency >= service && service >= at_server - SLACK, "{told}");
    assert!(millis(sent, server.received_ns) >= -SLACK, "received before it was sent: {told}");
    assert!(millis(server.last_write_ns, client.done_ns) >= -SLACK, "done too early: {told}");
    let first = client.first_byte_ns.expect("a success has a first byte");
    assert!(sent <= first && first <= client.done_ns, "{told}");
    let wrote = server.first_write_ns.expect("a success has a first write");
    assert!(server.received_ns <= wrote && wrote <= server.last_write_ns, "{told}");
    assert!(millis(wrote, first) >= -SLACK, "a first byte before the first write: {told}");
    latency - at_server
}

#[test]
fn the_clients_times_hold_the_servers() {
    let place = Place::new();
    let server = Server::start(&place, "--profile fast");
    place.load(
        &server.host(),
        "StressTestUser -u 40 -r 40 -t 9 --stop-timeout 10 --trace trace.jsonl --report-json \
         report.json",
    );
    server.stop();
    let (report, joined) = (report(&place, "report.json"), Joined::read(&place));
    let successes: Vec<&TraceRecord> =
        joined.client.values().filter(|r| r.outcome == TraceOutcome::Success).collect();
    assert!(successes.len() > 300, "only {} turns", successes.len());
    let mut more: Vec<f64> =
        successes.iter().map(|record| excess(record, &joined.server[&record.request_id])).collect();
    more.sort_by(f64::total_cmp);
    let median = more[more.len() / 2];
    assert!(median < 20.0, "half of the turns took {median} ms more for the client");

    // The report's histogram is made of the very same latencies, to its resolution of 0.1 %.
    let mut latencies: Vec<f64> =
        successes.iter().map(|record| millis(record.planned_ns, record.done_ns)).collect();
    latencies.sort_by(f64::total_cmp);
    for (rank, exact) in (1..).zip(latencies) {
        let kept = report.total.latency.histogram.value_at_rank(rank).expect("as many values");
        #[expect(clippy::cast_precision_loss, reason = "microseconds of seconds are exact")]
        let kept = kept as f64 / 1e3;
        let off = kept - exact;
        assert!(off >= -0.001 && off <= exact * 0.001 + 0.001, "rank {rank}: {exact} as {kept}");
    }
}
