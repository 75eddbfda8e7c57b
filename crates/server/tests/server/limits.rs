//! Rate limits, the cache, and what the diagnostics say.

use crate::running::Running;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::time::Duration;
use victor_server::RateLimit;

const CHAT: &str = "/api/v1/chat";

fn rate(count: u32, seconds: u64) -> Option<RateLimit> {
    RateLimit::new(NonZeroU32::new(count)?, Duration::from_secs(seconds))
}

#[tokio::test]
async fn each_key_has_its_own_rate_and_watching_is_free() {
    let server = Running::start(|settings| {
        settings.rate_limit = rate(3, 3600);
        settings.api_keys = vec!["k1".parse().expect("a key"), "k2".parse().expect("a key")];
    })
    .await;
    let mut client = server.client().await;
    for (key, statuses) in [("k1", [200, 200, 200, 429, 429]), ("k2", [200, 200, 200, 429, 429])] {
        for status in statuses {
            let header = format!("Authorization: Bearer {key}\r\n");
            client.send("POST", CHAT, &header, br#"{"message":"hi"}"#).await;
            let answer = client.answer().await;
            assert_eq!(answer.head.status, status, "{key}");
            if status == 429 {
                assert_eq!(answer.refusal().1, "rate_limited");
                let wait: u64 = answer.head.header("retry-after").expect("a time").parse().unwrap();
                assert!((1..=1200).contains(&wait), "{wait}");
            }
        }
    }
    client.send("GET", "/api/v1/diagnostics", "Authorization: Bearer k1\r\n", b"").await;
    let seen = client.answer().await.json();
    assert_eq!(seen["refused"]["rate_limited"], 4);
    assert_eq!(seen["rate_limit"]["clients"], 2);
    assert_eq!(client.get("/health").await.head.status, 200);
    client.send("GET", "/api/v1/diagnostics", "Authorization: Bearer no\r\n", b"").await;
    assert_eq!(client.answer().await.refusal(), (401, "wrong_key".to_owned()));
}

#[tokio::test]
async fn without_keys_an_address_is_a_client() {
    let server = Running::start(|settings| settings.rate_limit = rate(2, 3600)).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = server.client().await.post(CHAT, &json!({ "message": "hi" })).await;
        statuses.push(answer.head.status);
    }
    assert_eq!(statuses, [200, 200, 429]);
}

#[tokio::test]
async fn only_repeated_turns_without_a_session_and_without_tools_come_from_the_cache() {
    let server = Running::start(|settings| settings.cache_entries = Some(2)).await;
    server.write("a.txt", "1\n");
    let mut client = server.client().await;
    let history = json!({ "history": ["before"] });
    let cases = [
        (json!({ "message": "hi" }), Some("miss")),
        (json!({ "message": "hi" }), Some("hit")),
        (json!({ "message": "hi", "model": "other" }), Some("miss")),
        (json!({ "message": "hi", "context": history }), Some("miss")),
        (json!({ "message": "hi", "context": history }), Some("hit")),
        // Two answers are kept, and two more have come since.
        (json!({ "message": "hi" }), Some("miss")),
        (json!({ "message": "hi", "session_id": "s" }), None),
        (json!({ "message": "hi", "stream": true }), None),
        (json!({ "message": "Count lines in a.txt" }), Some("miss")),
        (json!({ "message": "Count lines in a.txt" }), Some("miss")),
        (json!({ "message": "hi" }), Some("hit")),
    ];
    let mut told: Vec<Value> = Vec::new();
    for (body, mark) in cases {
        let answer = client.post(CHAT, &body).await;
        assert_eq!(answer.head.status, 200, "{body}");
        assert_eq!(answer.head.header("x-victor-cache"), mark, "{body}");
        if mark == Some("hit") {
            let answer = answer.json();
            assert!(told.iter().any(|told| told["response"] == answer["response"]
                && told["usage"] == answer["usage"]
                && told["request_id"] != answer["request_id"]));
        } else if mark.is_some() {
            told.push(answer.json());
        }
    }
    let cache = client.get("/api/v1/diagnostics").await.json()["cache"].clone();
    assert_eq!(
        (&cache["entries"], &cache["hits"], &cache["misses"]),
        (&json!(2), &json!(3), &json!(6))
    );
}

#[tokio::test]
async fn without_a_cache_nothing_is_marked() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    for _ in 0..2 {
        let answer = client.post(CHAT, &json!({ "message": "hi" })).await;
        assert_eq!(answer.head.header("x-victor-cache"), None);
    }
    assert_eq!(client.get("/api/v1/diagnostics").await.json()["cache"], Value::Null);
}

#[tokio::test]
async fn diagnostics_count_what_is_held() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    for session in ["a", "b"] {
        client.chat("Message 1: x", Some(session)).await;
    }
    let seen = client.get("/api/v1/diagnostics").await.json();
    let told = "Message 1: x".len() + "Message 1 noted.".len();
    assert_eq!(seen["sessions"]["live"], 2);
    assert_eq!(seen["sessions"]["messages"], 4);
    assert_eq!(seen["sessions"]["text_bytes"], 2 * told);
    assert_eq!(seen["slots"], json!({ "used": 0, "total": 150 }));
    assert_eq!(seen["queue"], json!({ "waiting": 0, "limit": 300, "oldest_ms": null }));
    assert_eq!(seen["connections"]["open"], 1);
    assert!(seen["uptime_s"].as_f64().expect("a time") > 0.0);
    let process = &seen["process"];
    assert_eq!(process["pid"], std::process::id());
    assert!(process["rss_bytes"].as_u64() > Some(1 << 20) && process["threads"].as_u64() > Some(0));
    for session in ["a", "b"] {
        client.send("DELETE", &format!("/api/v1/sessions/{session}"), "", b"").await;
        client.answer().await;
    }
    let seen = server.diagnostics_when(|seen| seen["sessions"]["bytes"] == 0).await;
    assert_eq!(seen["sessions"]["live"], 0);
}
