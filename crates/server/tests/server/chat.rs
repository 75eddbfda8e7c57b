//! The chat endpoint: answers, usage, names, history.

use crate::running::Running;
use serde_json::{Value, json};
use std::time::Duration;
use victor_clock::now;

#[tokio::test]
async fn a_stateless_turn_is_answered_and_nothing_is_kept() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    client
        .send("POST", "/api/v1/chat", "X-Request-Id: t-1\r\n", br#"{"message":"Hello there"}"#)
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.head.status, 200);
    assert_eq!(answer.head.header("x-request-id"), Some("t-1"));
    let body = answer.json();
    assert!(!body["response"].as_str().expect("text").is_empty());
    assert_eq!(body["request_id"], "t-1");
    assert_eq!(body["session_id"], Value::Null);
    assert_eq!(body["tool_calls"], json!([]));
    assert_eq!(body["usage"]["prompt_tokens"], 2);
    assert!(body["usage"]["completion_tokens"].as_u64() >= Some(5));
    assert_eq!(body["simulated"], true);
    assert_eq!((&body["provider"], &body["model"]), (&json!("sim"), &json!("victor-sim")));
    assert!(body["latency_ms"].as_f64() > Some(0.0));
    assert_eq!(client.get("/api/v1/sessions").await.json()["count"], 0);
}

#[tokio::test]
async fn a_named_provider_answers_under_its_name_and_unknown_fields_are_ignored() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    let body = json!({ "message": "Hi", "provider": "anthropic", "model": "m-1", "x": [1] });
    let answer = client.post("/api/v1/chat", &body).await.json();
    assert_eq!((&answer["provider"], &answer["model"]), (&json!("anthropic"), &json!("m-1")));
    assert_eq!(answer["simulated"], true);
}

#[tokio::test]
async fn history_comes_before_the_message_and_is_not_kept() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    let history = json!(["My code word is fig.", {"role": "assistant", "content": "Noted."}]);
    let context = json!({ "history": history });
    let mut body =
        json!({ "message": "What is my code word?", "context": context, "session_id": "s" });
    let answer = client.post("/api/v1/chat", &body).await.json();
    assert_eq!(answer["response"], "Your code word is fig.");
    body["context"] = Value::Null;
    let answer = client.post("/api/v1/chat", &body).await.json();
    assert!(answer["response"].as_str().expect("text").contains("do not know"), "{answer}");
}

#[tokio::test]
async fn a_fast_turn_takes_its_service_time() {
    let server = Running::start(|settings| settings.profile = victor_server::Profile::Fast).await;
    let mut client = server.client().await;
    let mut took: Vec<Duration> = Vec::new();
    for n in 0..21 {
        let start = now();
        client.chat(&format!("Question {n}: what is a trait?"), None).await;
        took.push(start.elapsed());
    }
    took.sort();
    let median = took[10].as_millis();
    assert!((25..100).contains(&median), "{median} ms");
    assert!(took[0].as_millis() >= 12, "{took:?}");
}
