//! Sessions and their scopes: what is alive, what it takes, and that all of it ends.

use crate::running::Running;
use serde_json::{Value, json};
use std::time::Duration;
use victor_server::ServerSettings;

/// Live sessions, scopes, scoped services and bytes.
fn held(seen: &Value) -> [&Value; 4] {
    let (sessions, services) = (&seen["sessions"], &seen["services"]);
    [&sessions["live"], &services["scopes"], &services["scoped"], &sessions["bytes"]]
}

fn nothing(seen: &Value) -> bool {
    held(seen).iter().all(|count| **count == 0)
}

#[tokio::test]
async fn deleted_sessions_leave_nothing_alive() {
    let server = Running::start(|_| {}).await;
    server.write("a.txt", "1\n");
    let mut client = server.client().await;
    let before = client.get("/api/v1/diagnostics").await.json();
    assert!(nothing(&before), "{before}");
    for n in 0..20 {
        client.chat("Hi", Some(&format!("s{n}"))).await;
    }
    client.chat("Count lines in a.txt", Some("s0")).await;
    client.post("/api/v1/sessions", &json!({ "session_id": "made" })).await;
    // A history each, and the errands of the one that used a tool.
    let full = client.get("/api/v1/diagnostics").await.json();
    assert_eq!(held(&full)[..3], [&json!(21), &json!(21), &json!(22)]);
    let text = client.get("/metrics").await.text().to_owned();
    for line in ["victor_scopes_live 21", "victor_services_live{lifetime=\"scoped\"} 22"] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    for n in 0..20 {
        client.send("DELETE", &format!("/api/v1/sessions/s{n}"), "", b"").await;
        client.answer().await;
    }
    client.send("DELETE", "/api/v1/sessions/made", "", b"").await;
    client.answer().await;
    let after = server.diagnostics_when(nothing).await;
    assert_eq!(after["services"]["singletons"], before["services"]["singletons"]);
    assert_eq!(after["services"]["scopes_ended"], 21);
    assert_eq!(after["services"]["disposed"], 22);
}

#[tokio::test]
async fn expired_and_evicted_sessions_leave_nothing_alive() {
    let server = Running::start(|settings| {
        settings.session_ttl = Duration::from_millis(300);
        settings.max_sessions = 5;
    })
    .await;
    let mut client = server.client().await;
    for n in 0..15 {
        client.chat("Hi", Some(&format!("s{n}"))).await;
    }
    server.diagnostics_when(|seen| seen["services"]["scopes"].as_u64() <= Some(5)).await;
    let after = server.diagnostics_when(nothing).await;
    assert_eq!(after["services"]["scopes_ended"], 15);
}

#[tokio::test]
async fn a_session_deleted_under_a_turn_ends_with_the_turn() {
    let server = Running::start(|settings| settings.profile = victor_server::Profile::Cloud).await;
    let mut client = server.client().await;
    let body = json!({ "message": "Hi", "session_id": "s" }).to_string();
    client.send("POST", "/api/v1/chat", "", body.as_bytes()).await;
    server.diagnostics_when(|seen| seen["services"]["scopes"] == 1).await;
    let mut other = server.client().await;
    other.send("DELETE", "/api/v1/sessions/s", "", b"").await;
    assert_eq!(other.answer().await.json()["deleted"], true);
    let seen = other.get("/api/v1/diagnostics").await.json();
    assert_eq!(held(&seen)[..2], [&json!(0), &json!(1)], "the turn still needs it");
    assert_eq!(client.answer().await.head.status, 200);
    server.diagnostics_when(nothing).await;
}

#[tokio::test]
async fn a_session_of_twenty_turns_takes_less_than_32_kib() {
    let server = Running::start(|settings: &mut ServerSettings| {
        settings.preset = Some(victor_server::Preset::Chat);
    })
    .await;
    let mut client = server.client().await;
    for n in 0..20 {
        let message = format!("Turn {n}: {}", "what do closures capture? ".repeat(8));
        client.chat(&message, Some("s")).await;
    }
    let session = client.get("/api/v1/sessions/s").await.json();
    let bytes = session["bytes"].as_u64().expect("bytes");
    let texts = session["messages"].as_array().expect("messages").iter();
    let text: usize = texts.map(|message| message["content"].as_str().map_or(0, str::len)).sum();
    assert!(bytes > text as u64 && bytes <= 32 << 10, "{bytes} bytes for {text} bytes of text");
    let seen = client.get("/api/v1/diagnostics").await.json();
    assert_eq!(
        (&seen["sessions"]["bytes"], &seen["sessions"]["text_bytes"]),
        (&json!(bytes), &json!(text))
    );
    let list = client.get("/api/v1/sessions").await.json();
    assert_eq!(list["sessions"][0]["bytes"], bytes);
}
