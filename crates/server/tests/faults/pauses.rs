//! What stops everyone: pauses in a rhythm, one lock for all, bursts of errors.

use crate::load::{Seen, fault, ids, plain, touched};
use crate::running::Running;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use victor_clock::{now, sleep_until};
use victor_server::Profile;

/// Turns sent at an even rate, each on a connection of its own, whatever became of the others.
async fn open(server: &Arc<Running>, count: u32, every: Duration) -> Vec<Seen> {
    let start = now();
    let mut turns = Vec::new();
    for n in 0..count {
        sleep_until(start + every * n).await;
        let server = Arc::clone(server);
        turns.push(tokio::spawn(async move {
            plain(&server, &format!("t{n}"), &json!({ "message": "Hi" })).await
        }));
    }
    let mut seen = Vec::new();
    for turn in turns {
        seen.push(turn.await.expect("no panic"));
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_holds_all_that_comes_until_it_ends() {
    // Four whole periods of 500 ms, 100 ms of each paused, after the first.
    let server = Arc::new(Running::start(fault("gc-pause=100ms/500ms")).await);
    let seen = open(&server, 625, Duration::from_millis(4)).await;
    let truth = touched(&server.records(), "gc_pause");
    let slow = ids(&seen, |seen| seen.took > Duration::from_millis(10));
    let share = truth.len() as f64 / 500.0;
    assert!((share - 0.2).abs() < 0.04, "a fifth of four periods: {share}");
    assert!((slow.len() as f64 / truth.len() as f64 - 0.9).abs() < 0.2, "{}", slow.len());
    // stats: an open load waits W_q = s + max(0, D - (1-q)P); its mean over the share is D/2.
    let mean =
        seen.iter().filter(|seen| truth.contains(&seen.id)).map(|seen| seen.took.as_secs_f64());
    let mean = mean.sum::<f64>() / truth.len() as f64;
    assert!((0.040..0.065).contains(&mean), "{mean}");
    let longest = seen.iter().map(|seen| seen.took).max().expect("turns");
    assert!((90..140).contains(&longest.as_millis()), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_at_work_rests_too() {
    // The same seed and the same turn take the same time, but for the pauses.
    let mut took = Vec::new();
    for faults in [vec![], vec!["gc-pause=100ms/200ms".parse().expect("a fault")]] {
        let paused = faults.len();
        let server = Running::start(|settings| {
            settings.profile = Profile::Cloud;
            settings.faults = faults;
        })
        .await;
        let seen = plain(&server, "t", &json!({ "message": "Message 1: x" })).await;
        let record = server.record("t").await;
        assert_eq!(touched(std::slice::from_ref(&record), "gc_pause").len(), paused);
        let truth = (record.last_write_ns - record.received_ns) as f64 / 1e9;
        assert!((seen.took.as_secs_f64() / truth - 1.0).abs() < 0.2, "{seen:?}");
        took.push(truth);
    }
    // It begins when the server has started, just before the rhythm's first free 200 ms.
    let pauses = ((took[0] - 0.2) / 0.1).floor() + 1.0;
    assert!((took[1] - took[0] - 0.1 * pauses).abs() < 0.12, "{took:?}");
    assert!(took[1] - took[0] > 0.08, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_refuses_everyone_while_it_lasts() {
    let server = Arc::new(Running::start(fault("error-burst=503,100ms/400ms")).await);
    let seen = open(&server, 300, Duration::from_millis(4)).await;
    let records = server.records();
    let truth = touched(&records, "error_burst");
    assert_eq!(ids(&seen, |seen| seen.status == 503), truth);
    // Two bursts of 100 ms at 250 turns a second.
    assert!((40..=60).contains(&truth.len()), "{}", truth.len());
    let on_record = records.iter().filter(|record| record.status == 503).count();
    assert_eq!(on_record, truth.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn turns_run_one_after_another() {
    for (faults, serial) in [(vec!["serialise"], true), (vec![], false)] {
        let server = Running::start(|settings| {
            settings.profile = Profile::Fast;
            settings.faults = faults.iter().map(|text| text.parse().expect("a fault")).collect();
        })
        .await;
        let server = Arc::new(server);
        let start = now();
        let seen = open(&server, 12, Duration::ZERO).await;
        let all = start.elapsed().as_secs_f64();
        let records = server.records();
        let span = |a: u64, b: u64| (b - a) as f64 / 1e9;
        let work = records.iter().map(|r| span(r.started_ns.expect("started"), r.last_write_ns));
        let sum: f64 = work.sum();
        assert_eq!((all / sum - 1.0).abs() < 0.2, serial, "{all} {sum}");
        let waited = touched(&records, "serialise");
        assert_eq!(waited.len(), if serial { seen.len() - 1 } else { 0 });
        // The truth tells waiting from working.
        let queued =
            records.iter().map(|r| span(r.queued_ns.expect("queued"), r.started_ns.expect("x")));
        let longest = queued.fold(0.0, f64::max);
        assert_eq!(longest > 0.5 * sum, serial, "{longest} {sum}");
    }
}
