use super::*;
use std::time::Duration;
use victor_types::{FailureCount, FailureKind, Seconds, Snapshot, SnapshotRow};

/// A second in which `sent` turns began, `ok` ended right after `ms` and `failed` failed.
#[derive(Clone, Copy)]
struct Told {
    sent: u64,
    ok: u64,
    failed: u64,
    in_flight: u64,
    ms: u64,
}

const FINE: Told = Told { sent: 100, ok: 100, failed: 0, in_flight: 10, ms: 20 };

/// The second in which the alarms end the run, and why.
fn end(alarms: Alarms, seconds: impl Iterator<Item = Told>) -> Option<(u64, EndReason)> {
    let mut watchman = Watchman::new(alarms);
    let mut timeline = Timeline::default();
    for (sequence, told) in (0..).zip(seconds) {
        #[expect(clippy::cast_precision_loss, reason = "small numbers of a test")]
        let at = Seconds(sequence as f64 + 1.0);
        let failed = vec![FailureCount { kind: FailureKind::HttpStatus(503), count: told.failed }];
        timeline.add(&Snapshot {
            sequence,
            at,
            window: Seconds(1.0),
            in_flight: told.in_flight,
            rows: vec![SnapshotRow {
                sent: told.sent,
                succeeded: told.ok,
                output_tokens: told.ok * 10,
                failed: if told.failed > 0 { failed } else { Vec::new() },
                latency: [(told.ms * 1000, told.ok)].into_iter().filter(|b| b.1 > 0).collect(),
                ..SnapshotRow::default()
            }],
            ..Snapshot::default()
        });
        if let Some(why) = watchman.look(&timeline) {
            return Some((sequence, why));
        }
    }
    None
}

#[test]
fn failures_end_the_run_by_number_or_by_share() {
    let failing = Told { ok: 80, failed: 20, ..FINE };
    let seconds = || std::iter::repeat_n(FINE, 20).chain(std::iter::repeat_n(failing, 20));
    let by_number = Alarms { failures: Some(41), ..Alarms::default() };
    assert_eq!(end(by_number, seconds()), Some((22, EndReason::Failures)));
    let by_share = Alarms { error_rate: Some(0.1), ..Alarms::default() };
    let (at, why) = end(by_share, seconds()).expect("ends");
    assert_eq!(why, EndReason::Failures);
    assert!((25..=28).contains(&at), "over a tenth of ten seconds at {at}");
    let few = std::iter::repeat_n(Told { sent: 2, ok: 0, failed: 2, ..FINE }, 20);
    assert_eq!(end(by_share, few), None, "too few to say");
}

#[test]
fn slowness_must_last() {
    let alarms =
        Alarms { slow: Some((Millis(100.0), Duration::from_secs(3))), ..Alarms::default() };
    let slow = Told { ms: 150, ..FINE };
    let flicker = [FINE, slow, slow, FINE].into_iter().cycle().take(40);
    assert_eq!(end(alarms, flicker), None);
    let lasting = [FINE; 4].into_iter().chain([slow; 9]);
    assert_eq!(end(alarms, lasting), Some((7, EndReason::Slow)));
    let stalled = Told { ok: 0, ..FINE };
    assert!(end(alarms, [stalled; 9].into_iter()).is_some(), "a stall is slow");
}

#[test]
fn only_a_target_that_falls_behind_is_saturated() {
    let alarms = Alarms { saturation: true, ..Alarms::default() };
    let behind = (0..30).map(|n| Told {
        sent: 120,
        ok: 100,
        in_flight: 10 + 20 * n,
        ms: 20 + 100 * n,
        ..FINE
    });
    assert_eq!(end(alarms, behind), Some((10, EndReason::Saturated)));
    let ramp = (0..30).map(|n| Told {
        sent: 100 + 20 * n,
        ok: 98 + 20 * n,
        in_flight: 10 + 2 * n,
        ms: 20 + n,
        ..FINE
    });
    assert_eq!(end(alarms, ramp), None, "a ramp ends what it begins");
    assert_eq!(end(alarms, std::iter::repeat_n(FINE, 60)), None);
}

#[test]
fn a_budget_of_tokens_is_kept() {
    let alarms = Alarms { tokens: Some(2500), ..Alarms::default() };
    assert_eq!(end(alarms, std::iter::repeat_n(FINE, 60)), Some((2, EndReason::Tokens)));
}
