//! More turns than the server takes: slots, the line, refusals, hang-ups.

use crate::client::Client;
use crate::running::Running;
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::time::Duration;
use victor_clock::now;
use victor_server::{Profile, ServerSettings};
use victor_types::ServerOutcome;

const CHAT: &str = "/api/v1/chat";

fn narrow(settings: &mut ServerSettings, slots: usize, queue: usize) {
    settings.profile = Profile::Cloud;
    settings.max_concurrent = NonZeroUsize::new(slots).expect("slots");
    settings.queue = Some(queue);
}

async fn ask(server: &Running, id: &str) -> Client {
    let mut client = server.client().await;
    let body = json!({ "message": "Message 1: x" }).to_string();
    client.send("POST", CHAT, &format!("X-Request-Id: {id}\r\n"), body.as_bytes()).await;
    client
}

async fn diagnose(server: &Running) -> Value {
    server.client().await.get("/api/v1/diagnostics").await.json()
}

/// Waits up to two seconds for the slots and the line to be as given.
async fn line_is(server: &Running, used: usize, waiting: usize) -> Value {
    for _ in 0..400 {
        let seen = diagnose(server).await;
        if seen["slots"]["used"] == used && seen["queue"]["waiting"] == waiting {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not {used} and {waiting}: {}", diagnose(server).await);
}

#[tokio::test]
async fn those_who_find_no_place_are_refused_and_the_others_answered_in_order() {
    let server = Running::start(|settings| narrow(settings, 2, 3)).await;
    let mut inside = Vec::new();
    for n in 0..5_usize {
        inside.push(ask(&server, &format!("in-{n}")).await);
        line_is(&server, (n + 1).min(2), (n + 1).saturating_sub(2)).await;
    }
    for n in 0..4 {
        let answer = ask(&server, &format!("out-{n}")).await.answer().await;
        assert_eq!(answer.refusal(), (503, "overloaded".to_owned()));
        let retry: u64 = answer.head.header("retry-after").expect("a time").parse().expect("s");
        assert!((1..=60).contains(&retry), "{retry}");
    }
    let seen = diagnose(&server).await;
    assert_eq!(seen["refused"], json!({ "overloaded": 4 }));
    assert!(seen["queue"]["oldest_ms"].as_f64().expect("somebody waits") > 0.0);
    assert_eq!(server.client().await.get("/health").await.head.status, 200);
    for client in &mut inside {
        assert_eq!(client.answer().await.head.status, 200);
    }
    line_is(&server, 0, 0).await;
    let order: Vec<String> = server
        .records()
        .into_iter()
        .filter(|record| record.outcome == ServerOutcome::Complete)
        .map(|record| record.request_id)
        .collect();
    // The first two run together; the line is served in its order.
    assert_eq!(order.len(), 5);
    assert!(order[..2].iter().all(|id| id == "in-0" || id == "in-1"), "{order:?}");
    let refused =
        server.records().iter().filter(|record| record.outcome == ServerOutcome::Refused).count();
    assert_eq!(refused, 4);
}

#[tokio::test]
async fn a_refusal_leaves_the_connection_usable() {
    let server = Running::start(|settings| narrow(settings, 1, 0)).await;
    let _held = ask(&server, "held").await;
    line_is(&server, 1, 0).await;
    let mut client = server.client().await;
    for _ in 0..3 {
        let answer = client.post(CHAT, &json!({ "message": "x".repeat(20_000) })).await;
        assert_eq!(answer.head.status, 503);
    }
    assert_eq!(client.get("/health").await.head.status, 200);
}

#[tokio::test]
async fn waiting_ends_at_the_limit() {
    let server = Running::start(|settings| {
        narrow(settings, 1, 1);
        settings.queue_wait = Duration::from_millis(100);
    })
    .await;
    let mut held = ask(&server, "held").await;
    line_is(&server, 1, 0).await;
    let start = now();
    let mut waiting = ask(&server, "waiting").await;
    assert_eq!(waiting.answer().await.refusal(), (503, "overloaded".to_owned()));
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert_eq!(held.answer().await.head.status, 200);
}

#[tokio::test]
async fn who_hangs_up_leaves_the_line_or_the_slot() {
    let server = Running::start(|settings| narrow(settings, 1, 2)).await;
    let held = ask(&server, "held").await;
    line_is(&server, 1, 0).await;
    let first = ask(&server, "first").await;
    line_is(&server, 1, 1).await;
    let mut second = ask(&server, "second").await;
    line_is(&server, 1, 2).await;
    let gone = now();
    drop(first);
    line_is(&server, 1, 1).await;
    drop(held);
    line_is(&server, 1, 0).await;
    assert!(gone.elapsed() < Duration::from_secs(1), "{:?}", gone.elapsed());
    for id in ["first", "held"] {
        assert_eq!(server.record(id).await.outcome, ServerOutcome::Aborted);
    }
    assert_eq!(second.answer().await.head.status, 200);
    line_is(&server, 0, 0).await;
}

#[tokio::test]
async fn a_stream_that_is_left_frees_its_slot_at_once() {
    let server = Running::start(|settings| narrow(settings, 1, 0)).await;
    let mut client = server.client().await;
    let body = json!({ "message": "Tell me a long story" }).to_string();
    client.send("POST", "/api/v1/chat/stream", "X-Request-Id: left\r\n", body.as_bytes()).await;
    client.head().await.expect("a head");
    client.chunk().await.expect("an event");
    line_is(&server, 1, 0).await;
    let gone = now();
    drop(client);
    line_is(&server, 0, 0).await;
    assert!(gone.elapsed() < Duration::from_secs(1), "{:?}", gone.elapsed());
    assert_eq!(server.record("left").await.outcome, ServerOutcome::Aborted);
}

#[tokio::test]
async fn a_capacity_sets_the_pace_whatever_the_slots() {
    let server = Running::start(|settings| {
        narrow(settings, 50, 50);
        settings.profile = Profile::Instant;
        settings.capacity = Some("100".parse().expect("a capacity"));
    })
    .await;
    let start = now();
    let mut clients = Vec::new();
    for n in 0..40 {
        clients.push(ask(&server, &format!("c-{n}")).await);
    }
    for client in &mut clients {
        assert_eq!(client.answer().await.head.status, 200);
    }
    // 39 gaps of 10 ms; a faster answer would be over the capacity.
    assert!(start.elapsed() >= Duration::from_millis(380), "{:?}", start.elapsed());
}

#[tokio::test]
async fn stopping_refuses_the_line_and_tells_a_balancer_why() {
    let mut server = Running::start(|settings| narrow(settings, 1, 5)).await;
    let mut held = ask(&server, "held").await;
    line_is(&server, 1, 0).await;
    let mut waiting = ask(&server, "waiting").await;
    line_is(&server, 1, 1).await;
    server.stop();
    let answer = waiting.answer().await;
    assert_eq!(answer.refusal(), (503, "stopping".to_owned()));
    assert_eq!(answer.head.header("retry-after"), Some("1"));
    let ready = server.client().await.get("/health/ready").await;
    assert_eq!((ready.head.status, ready.head.header("connection")), (503, Some("close")));
    let late = ask(&server, "late").await.answer().await;
    assert_eq!(late.refusal(), (503, "stopping".to_owned()));
    assert_eq!(held.answer().await.head.status, 200);
    server.stopped().await;
}
