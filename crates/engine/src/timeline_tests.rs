use super::*;
use victor_types::FailureCount;
use victor_types::PerSecond;

fn snapshot(shard: u32, sequence: u64, failed: u64) -> Snapshot {
    let latency: Histogram = [(20_000, 8), (40_000, 2)].into_iter().collect();
    let kind = FailureKind::HttpStatus(404);
    Snapshot {
        shard,
        sequence,
        #[expect(clippy::cast_precision_loss, reason = "small numbers of a test")]
        at: Seconds(sequence as f64 + 1.0),
        window: Seconds(1.0),
        users: 3,
        in_flight: 1,
        rows: vec![SnapshotRow {
            key: RowKey { name: "a".into(), method: "POST".into() },
            sent: 11 + failed,
            succeeded: 10,
            failed: vec![FailureCount { kind, count: failed }],
            latency,
            exemplars: (0..failed)
                .map(|_| Exemplar { kind: Some(kind), ..Exemplar::default() })
                .collect(),
            ..SnapshotRow::default()
        }],
        ..Snapshot::default()
    }
}

#[test]
fn shards_and_seconds_add_up() {
    let mut timeline = Timeline::default();
    for sequence in 0..10 {
        for shard in 0..2 {
            timeline.add(&snapshot(shard, sequence, 1));
        }
    }
    let (rows, total) = timeline.rows(Part::Whole);
    assert_eq!(rows.len(), 1);
    assert_eq!((total.sent, total.succeeded, total.failed), (240, 200, 20));
    assert_eq!(total.throughput, PerSecond(20.0), "failures are no throughput");
    assert_eq!(total.latency.count, 200);
    assert_eq!(timeline.present(), (6, 2));
    assert_eq!(timeline.history().len(), 10);
    let failures = timeline.failures();
    assert_eq!((failures[0].count, failures[0].exemplars.len()), (20, 8));
    assert_eq!((failures[0].first_seen, failures[0].last_seen), (Seconds(0.0), Seconds(10.0)));
}

#[test]
fn only_requests_that_cannot_succeed_are_futile() {
    let mut timeline = Timeline::default();
    let mut hopeless = snapshot(0, 0, 3);
    hopeless.rows[0].succeeded = 0;
    timeline.add(&hopeless);
    assert!(timeline.is_futile(3));
    assert!(!timeline.is_futile(4), "too early to say");
    let mut busy = hopeless.clone();
    busy.rows[0].failed[0].kind = FailureKind::HttpStatus(503);
    timeline.add(&busy);
    assert!(!timeline.is_futile(3), "a busy server may recover");
}

#[test]
fn a_part_holds_the_turns_that_ended_in_it() {
    let mut timeline = Timeline::judged_from(Duration::from_secs(4));
    for sequence in 0..10 {
        let mut one = snapshot(0, sequence, 1);
        // A turn of the second before ends in the fifth.
        match sequence {
            3 => one.rows[0].sent += 1,
            4 => one.rows[0].succeeded += 1,
            _ => {}
        }
        timeline.add(&one);
    }
    let (_, whole) = timeline.rows(Part::Whole);
    let (_, judged) = timeline.rows(Part::Judged);
    // Each second sends a turn more than it ends; they stay in flight.
    assert_eq!((whole.sent, whole.succeeded, whole.failed), (121, 101, 10));
    assert_eq!((judged.succeeded, judged.failed), (61, 6));
    assert_eq!(judged.sent, whole.sent - 44, "what had ended before is not in it");
    assert_eq!(judged.latency.count, 60);
    assert!((judged.throughput.0 - 61.0 / 6.0).abs() < 1e-9);
    assert_eq!(timeline.finished(), 111);
}
