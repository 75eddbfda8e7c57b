//! Requests that are refused, each with its status and code.

use crate::running::Running;
use serde_json::json;
use std::time::Duration;
use victor_clock::now;
use victor_types::ServerOutcome;

#[tokio::test]
async fn each_wrong_request_has_its_refusal() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    let chat = "/api/v1/chat";
    let text = "Content-Type: text/plain\r\n";
    let cases = [
        ("POST", chat, "", r#"{"message":"#, 400, "broken_json"),
        ("POST", chat, text, r#"{"message":"hi"}"#, 415, "not_json"),
        ("POST", chat, "", "{}", 422, "wrong_field"),
        ("POST", chat, "", r#"{"message":"hi","session_id":"a/b"}"#, 422, "wrong_field"),
        ("GET", chat, "", "", 405, "method_not_allowed"),
        ("POST", "/chat", "", "{}", 404, "unknown_path"),
        ("POST", "/api/v1/tools/rm/execute", "", "{}", 404, "unknown_tool"),
        ("POST", "/api/v1/tools/read_file/execute", "", "{}", 422, "wrong_field"),
        ("GET", "/api/v1/sessions?limit=x", "", "", 422, "wrong_field"),
    ];
    for (method, path, headers, body, status, code) in cases {
        client.send(method, path, headers, body.as_bytes()).await;
        let answer = client.answer().await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{method} {path} {body}");
        assert!(answer.head.header("x-request-id").is_some());
    }
    client.send("POST", chat, "", b"{}").await;
    let message = client.answer().await.json()["error"]["message"].clone();
    assert_eq!(message, "field `message` is missing");
    client.send("GET", chat, "", b"").await;
    assert_eq!(client.answer().await.head.header("allow"), Some("POST"));
}

#[tokio::test]
async fn refusals_on_the_chat_path_are_on_record_and_others_are_not() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    client.send("POST", "/api/v1/chat", "X-Request-Id: r-1\r\n", b"{}").await;
    client.answer().await;
    client.send("POST", "/chat", "X-Request-Id: r-2\r\n", b"{}").await;
    client.answer().await;
    client.send("HEAD", "/api/v1/chat", "X-Request-Id: r-3\r\n", b"").await;
    assert_eq!(client.head().await.expect("a head").status, 405);
    let records = server.records();
    let seen: Vec<(&str, u16, ServerOutcome)> =
        records.iter().map(|r| (r.request_id.as_str(), r.status, r.outcome)).collect();
    let refused = ServerOutcome::Refused;
    assert_eq!(seen, [("r-1", 422, refused), ("r-3", 405, refused)]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_and_while_it_is_read() {
    let server = Running::start(|settings| settings.max_body = 1000).await;
    let mut client = server.client().await;
    let body = json!({ "message": "x".repeat(300_000) });
    let answer = client.post("/api/v1/chat", &body).await;
    assert_eq!(answer.refusal(), (413, "large_body".to_owned()));
    let mut client = server.client().await;
    let head = "POST /api/v1/chat HTTP/1.1\r\nHost: localhost\r\n\
                Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.write(head.as_bytes()).await;
    for _ in 0..20 {
        client.write(format!("64\r\n{}\r\n", " ".repeat(100)).as_bytes()).await;
    }
    client.write(b"0\r\n\r\n").await;
    assert_eq!(client.answer().await.refusal(), (413, "large_body".to_owned()));
}

#[tokio::test]
async fn slow_bodies_and_slow_heads_do_not_hold_the_server() {
    let server = Running::start(|settings| {
        settings.body_timeout = Duration::from_millis(150);
        settings.head_timeout = Duration::from_millis(150);
    })
    .await;
    let mut slow = server.client().await;
    let head = "POST /api/v1/chat HTTP/1.1\r\nHost: localhost\r\n\
                Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
    slow.write(head.as_bytes()).await;
    assert_eq!(slow.answer().await.refusal(), (408, "slow_body".to_owned()));
    let mut slower = server.client().await;
    let start = now();
    slower.write(b"POST /api/v1/chat HT").await;
    // hyper may say 408 before it closes; what counts is that it closes.
    while slower.maybe_answer().await.is_some() {}
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn long_messages_and_long_histories_are_refused() {
    let server = Running::start(|settings| {
        settings.max_message_bytes = 10;
        settings.max_history = 2;
    })
    .await;
    let mut client = server.client().await;
    for body in [
        json!({ "message": "x".repeat(11) }),
        json!({ "message": "x", "context": { "history": ["y".repeat(11)] } }),
        json!({ "message": "x", "context": { "history": ["1", "2", "3"] } }),
    ] {
        let answer = client.post("/api/v1/chat", &body).await;
        assert_eq!(answer.refusal(), (422, "wrong_field".to_owned()), "{body}");
        assert!(answer.text().contains("at most"), "{}", answer.text());
    }
}
