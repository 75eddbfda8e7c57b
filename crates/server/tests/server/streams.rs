//! Streams: framing, real streaming, hang-ups.

use crate::client::events;
use crate::running::Running;
use serde_json::{Value, json};
use std::time::Duration;
use victor_clock::now;
use victor_server::Profile;
use victor_types::ServerOutcome;

#[tokio::test]
async fn both_ways_to_a_stream_give_the_same_events() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    let plain = client.chat("Tell me about maps", None).await;
    for (path, stream) in [("/api/v1/chat", Some(true)), ("/api/v1/chat/stream", None)] {
        let body = json!({ "message": "Tell me about maps", "stream": stream, "session_id": "s" });
        let answer = client.post(path, &body).await;
        assert_eq!(answer.head.header("content-type"), Some("text/event-stream"));
        let events = events(answer.text());
        let (first, last) = (&events[0], &events[events.len() - 1]);
        assert_eq!(first["type"], "request");
        assert_eq!(first["request_id"], answer.head.header("x-request-id").expect("an id"));
        assert_eq!((&first["session_id"], &first["model"]), (&json!("s"), &json!("victor-sim")));
        assert_eq!(last, "[DONE]");
        assert_eq!(events[events.len() - 2]["type"], "usage");
        let tokens: Vec<&str> =
            events.iter().filter_map(|event| event["content"].as_str()).collect();
        assert_eq!(tokens.concat(), plain["response"].as_str().expect("text"));
        let usage = &events[events.len() - 2]["usage"];
        assert_eq!(usage["completion_tokens"], tokens.len());
        assert_eq!(events.len(), tokens.len() + 3);
        client.send("DELETE", "/api/v1/sessions/s", "", b"").await;
        assert_eq!(client.answer().await.head.status, 200);
    }
}

#[tokio::test]
async fn tokens_arrive_one_by_one() {
    let server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    let mut client = server.client().await;
    let body = json!({ "message": "Message 1: short" }).to_string();
    let start = now();
    client.send("POST", "/api/v1/chat/stream", "", body.as_bytes()).await;
    assert_eq!(client.head().await.expect("a head").status, 200);
    let mut arrivals = Vec::new();
    while let Some(chunk) = client.chunk().await {
        arrivals.push((start.elapsed(), events(&chunk)));
    }
    // The request event comes before any work; the 300 ms of overhead come after it.
    assert!(arrivals[0].0 < Duration::from_millis(100), "{arrivals:?}");
    assert_eq!(arrivals[0].1[0]["type"], "request");
    let tokens: Vec<Duration> = arrivals
        .iter()
        .filter(|arrival| arrival.1[0]["type"] == "content")
        .map(|arrival| arrival.0)
        .collect();
    assert_eq!(tokens.len(), 4, "Message, 1, noted and the full stop: {arrivals:?}");
    assert!(tokens[0] > Duration::from_millis(150));
    assert!(tokens[3] - tokens[0] > Duration::from_millis(15), "{tokens:?}");
}

#[tokio::test]
async fn a_client_that_hangs_up_stops_the_turn() {
    let server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    for (path, id) in [("/api/v1/chat/stream", "streamed"), ("/api/v1/chat", "whole")] {
        let mut client = server.client().await;
        let body = json!({ "message": "Tell me a long story", "session_id": id }).to_string();
        let header = format!("X-Request-Id: {id}\r\n");
        client.send("POST", path, &header, body.as_bytes()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let gone = now();
        drop(client);
        let record = server.record(id).await;
        assert!(gone.elapsed() < Duration::from_millis(500));
        assert_eq!(record.outcome, ServerOutcome::Aborted);
        assert_eq!(record.session_id.as_deref(), Some(id));
        assert_eq!(record.first_write_ns.is_some(), id == "streamed");
    }
    // What was not completed is not kept.
    assert_eq!(server.client().await.get("/api/v1/sessions").await.json()["count"], 0);
}

#[tokio::test]
async fn tools_are_told_in_the_stream() {
    let server = Running::start(|_| {}).await;
    server.write("a.txt", "1\n2\n3\n");
    let mut client = server.client().await;
    let body = json!({ "message": "Count the lines in a.txt and read missing.txt" });
    let answer = client.post("/api/v1/chat/stream", &body).await;
    let events = events(answer.text());
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(kinds[..5], ["request", "tool_call", "tool_call", "tool_result", "tool_result"]);
    assert_eq!(events[1]["tool_call"]["name"], "count_lines");
    let [counted, missing] = [&events[3]["tool_result"], &events[4]["tool_result"]];
    assert_eq!((&counted["status"], &counted["result"]["lines"]), (&json!("ok"), &json!(3)));
    assert_eq!(counted["id"], events[1]["tool_call"]["id"]);
    assert_eq!((&missing["status"], &missing["result"]), (&json!("failed"), &Value::Null));
}
