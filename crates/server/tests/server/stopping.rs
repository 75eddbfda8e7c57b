//! Stopping: in-flight turns finish, idle connections close, the rest is cut.

use crate::client::events;
use crate::running::Running;
use serde_json::json;
use std::time::Duration;
use victor_clock::now;
use victor_server::Profile;
use victor_types::ServerOutcome;

async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

#[tokio::test]
async fn in_flight_turns_finish_and_idle_connections_close_at_once() {
    let mut server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    let mut idle = server.client().await;
    idle.get("/health").await;
    let mut silent = server.client().await;
    let body = json!({ "message": "Message 1: x" }).to_string();
    let mut whole = server.client().await;
    whole.send("POST", "/api/v1/chat", "", body.as_bytes()).await;
    let mut streamed = server.client().await;
    streamed.send("POST", "/api/v1/chat/stream", "", body.as_bytes()).await;
    pause(100).await;
    let start = now();
    server.stop();
    assert!(idle.maybe_answer().await.is_none());
    assert!(silent.maybe_answer().await.is_none());
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
    let answer = whole.answer().await;
    assert_eq!(answer.json()["response"], "Message 1 noted.");
    assert_eq!(answer.head.header("connection"), Some("close"));
    let answer = streamed.answer().await;
    assert_eq!(events(answer.text()).last().expect("events"), "[DONE]");
    server.stopped().await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn what_does_not_finish_in_the_drain_time_is_cut() {
    let mut server = Running::start(|settings| {
        settings.profile = Profile::Cloud;
        settings.drain = Duration::from_millis(100);
    })
    .await;
    let mut client = server.client().await;
    let body = br#"{"message":"Message 1: x"}"#;
    client.send("POST", "/api/v1/chat", "X-Request-Id: cut\r\n", body).await;
    pause(50).await;
    let start = now();
    server.stop();
    assert!(client.maybe_answer().await.is_none());
    assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
    assert_eq!(server.record("cut").await.outcome, ServerOutcome::Aborted);
    server.stopped().await;
}
