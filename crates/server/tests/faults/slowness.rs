//! Service times that are not what they were.

use crate::load::{Seen, plain, touched};
use crate::running::Running;
use serde_json::json;
use std::time::Duration;
use victor_clock::now;
use victor_server::Profile;
use victor_types::TruthRecord;

/// A server with the times of `fast` and one fault.
async fn slow(text: &str) -> Running {
    Running::start(|settings| {
        settings.profile = Profile::Fast;
        settings.faults = vec![text.parse().expect("a fault")];
    })
    .await
}

/// Turns one after another for `span`.
async fn during(server: &Running, name: &str, span: Duration) -> Vec<Seen> {
    let (start, mut seen) = (now(), Vec::new());
    while start.elapsed() < span {
        let id = format!("{name}{}", seen.len());
        seen.push(plain(server, &id, &json!({ "message": "Message 1: x" })).await);
    }
    seen
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn seen_median(seen: &[Seen]) -> f64 {
    median(seen.iter().map(|seen| seen.took.as_secs_f64()).collect())
}

fn truth_median(records: &[TruthRecord], seen: &[Seen]) -> f64 {
    let of = |r: &&TruthRecord| seen.iter().any(|seen| seen.id == r.request_id);
    let took = |r: &TruthRecord| (r.last_write_ns - r.received_ns) as f64 / 1e9;
    median(records.iter().filter(of).map(took).collect())
}

fn close(own: f64, truth: f64) {
    assert!((own / truth - 1.0).abs() < 0.2, "{own} is not {truth}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_creep_up_by_the_given_share_and_stay() {
    let server = slow("latency-creep=200%/1500ms").await;
    let first = during(&server, "a", Duration::from_millis(200)).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let last = during(&server, "b", Duration::from_millis(600)).await;
    let growth = seen_median(&last) / seen_median(&first);
    // 1 + 2 x 100 ms / 1,500 ms at first, 3 at last; a turn has about 2 ms beside its service time.
    assert!((1.9..3.3).contains(&growth), "{growth}");
    let records = server.records();
    close(growth, truth_median(&records, &last) / truth_median(&records, &first));
    assert!(touched(&records, "latency_creep").len() >= first.len() + last.len() - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_start_ends() {
    let server = slow("slow-start=5x/800ms").await;
    let first = during(&server, "a", Duration::from_millis(150)).await;
    tokio::time::sleep(Duration::from_millis(750)).await;
    let last = during(&server, "b", Duration::from_millis(400)).await;
    let records = server.records();
    let ratio = seen_median(&first) / seen_median(&last);
    assert!((2.2..5.5).contains(&ratio), "{ratio}");
    close(ratio, truth_median(&records, &first) / truth_median(&records, &last));
    let slow = touched(&records, "slow_start");
    assert_eq!(slow.len(), first.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_crowd_times_stay_doubled_for_a_while() {
    let server = slow("slow-recovery=800ms,above=10").await;
    let before = during(&server, "a", Duration::from_millis(400)).await;
    let mut crowd = Vec::new();
    for n in 0..20 {
        let mut client = server.client().await;
        let header = format!("X-Request-Id: crowd{n}\r\n");
        client.send("POST", "/api/v1/chat", &header, br#"{"message":"Message 1: x"}"#).await;
        crowd.push(client);
    }
    for client in &mut crowd {
        client.answer().await;
    }
    let during_it = during(&server, "b", Duration::from_millis(500)).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let after = during(&server, "c", Duration::from_millis(400)).await;
    let records = server.records();
    let doubled = seen_median(&during_it) / seen_median(&before);
    assert!((1.5..2.7).contains(&doubled), "{doubled}");
    close(doubled, truth_median(&records, &during_it) / truth_median(&records, &before));
    let recovered = seen_median(&after) / seen_median(&before);
    assert!((0.7..1.4).contains(&recovered), "{recovered}");
    close(recovered, truth_median(&records, &after) / truth_median(&records, &before));
    let slow = touched(&records, "slow_recovery");
    assert!(during_it.iter().all(|seen| slow.contains(&seen.id)));
    assert!(before.iter().chain(&after).all(|seen| !slow.contains(&seen.id)));
}
