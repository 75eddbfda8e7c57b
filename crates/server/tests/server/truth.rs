//! The truth log: on record before the last byte, with times that fit the client's.

use crate::running::Running;
use serde_json::json;
use victor_clock::{Anchor, now};
use victor_server::Profile;
use victor_types::ServerOutcome;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_is_there_when_the_client_has_the_last_byte() {
    let server = Running::start(|_| {}).await;
    let anchor = Anchor::take();
    let mut client = server.client().await;
    for n in 0..200 {
        let path = if n % 2 == 0 { "/api/v1/chat" } else { "/api/v1/chat/stream" };
        let sent = anchor.monotonic_ns(now());
        let body = json!({ "message": "Hello", "session_id": "s" }).to_string();
        client.send("POST", path, &format!("X-Request-Id: t{n}\r\n"), body.as_bytes()).await;
        if n % 2 == 0 {
            client.answer().await;
        } else {
            client.head().await.expect("a head");
            while !client.chunk().await.expect("not cut").ends_with("[DONE]\n\n") {}
        }
        let done = anchor.monotonic_ns(now());
        let records = server.records();
        let record = records.last().expect("a record");
        assert_eq!((records.len(), record.request_id.as_str()), (n + 1, format!("t{n}").as_str()));
        assert_eq!((record.status, record.outcome), (200, ServerOutcome::Complete));
        assert_eq!(record.session_id.as_deref(), Some("s"));
        let first = record.first_write_ns.expect("written");
        // Two anchors read the clocks to 20 us each.
        let slack = 50_000;
        assert!(sent <= record.received_ns + slack && record.received_ns <= first);
        assert!(first <= record.last_write_ns && record.last_write_ns <= done + slack);
        if n % 2 == 1 {
            assert_eq!(client.chunk().await, None);
        }
    }
}

#[tokio::test]
async fn the_times_of_a_stream_are_those_of_its_tokens() {
    let server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    let mut client = server.client().await;
    client.post("/api/v1/chat/stream", &json!({ "message": "Message 1: x" })).await;
    let record = server.records().pop().expect("a record");
    let first = record.first_write_ns.expect("written");
    // The request event leaves before any work, the last byte after 300 ms and four tokens.
    assert!(first - record.received_ns < 50_000_000, "{record:?}");
    assert!(record.last_write_ns - first > 150_000_000, "{record:?}");
}

#[tokio::test]
async fn an_older_log_is_continued() {
    let mut server = Running::start(|_| {}).await;
    server.client().await.chat("Hi", None).await;
    server.stop();
    let path = server.place.path().join("truth.jsonl");
    let again = Running::start(|settings| settings.truth_log = Some(path)).await;
    again.client().await.chat("Hi", None).await;
    assert_eq!(server.records().len(), 2);
}
