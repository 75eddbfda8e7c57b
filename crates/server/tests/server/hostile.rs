//! Clients that mean harm or know no better. After each, the server still answers others.

use crate::running::Running;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use victor_clock::now;
use victor_server::Profile;
use victor_types::ServerOutcome;

const CHAT: &str = "/api/v1/chat";

async fn answers(server: &Running) -> Value {
    let mut client = server.client().await;
    client.chat("Hi", None).await;
    client.get("/api/v1/diagnostics").await.json()
}

/// Waits up to two seconds for the count of open connections, the asking one included.
async fn connections_are(server: &Running, open: usize) {
    let mut client = server.client().await;
    for _ in 0..200 {
        if client.get("/api/v1/diagnostics").await.json()["connections"]["open"] == open {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never {open} connections");
}

#[tokio::test]
async fn json_too_deep_is_refused_wherever_it_hides() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    for body in [
        deep.clone(),
        format!(r#"{{"message":"hi","ignored":{deep}}}"#),
        format!(r#"{{"message":"hi","context":{{"history":{deep}}}}}"#),
        "[".repeat(200_000),
        r#"{"a":"#.repeat(100_000),
    ] {
        client.send("POST", CHAT, "", body.as_bytes()).await;
        assert_eq!(client.answer().await.refusal(), (400, "broken_json".to_owned()));
    }
    let body = format!(r#"{{"arguments":{deep}}}"#);
    client.send("POST", "/api/v1/tools/read_file/execute", "", body.as_bytes()).await;
    assert_eq!(client.answer().await.refusal(), (400, "broken_json".to_owned()));
    answers(&server).await;
}

#[tokio::test]
async fn broken_utf8_is_refused() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    for broken in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf"] {
        let body = [br#"{"message":""#, broken, br#""}"#].concat();
        client.send("POST", CHAT, "", &body).await;
        assert_eq!(client.answer().await.refusal(), (400, "broken_json".to_owned()), "{broken:?}");
    }
    answers(&server).await;
}

#[tokio::test]
async fn floods_of_headers_are_refused() {
    let server = Running::start(|_| {}).await;
    for headers in [
        (0..101).map(|n| format!("X-{n}: 1\r\n")).collect::<String>(),
        format!("X-Long: {}\r\n", "x".repeat(70_000)),
    ] {
        let mut client = server.client().await;
        client.send("POST", CHAT, &headers, br#"{"message":"hi"}"#).await;
        assert_eq!(client.answer().await.refusal(), (431, "large_head".to_owned()));
    }
    // Beyond twice as much the parser itself refuses, with the bare status.
    let mut client = server.client().await;
    let headers = format!("X-Long: {}\r\n", "x".repeat(140_000));
    client.send("POST", CHAT, &headers, b"{}").await;
    assert_eq!(client.head().await.expect("a head").status, 431);
    drop(client);
    connections_are(&server, 1).await;
}

#[tokio::test]
async fn bodies_share_one_budget_and_what_is_over_it_may_come_again() {
    let server = Running::start(|settings| settings.body_budget = 100_000).await;
    let head = "POST /api/v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Content-Length: 90000\r\n\r\n";
    let mut held = server.client().await;
    held.write(head.as_bytes()).await;
    held.write(&[b' '; 80_000]).await;
    server.diagnostics_when(|seen| seen["bodies"]["bytes"] == 80_000).await;
    // One that only promises takes nothing.
    let mut promising = server.client().await;
    promising.write(head.as_bytes()).await;
    let body = json!({ "message": "x".repeat(30_000) }).to_string();
    let mut other = server.client().await;
    other.send("POST", CHAT, "", body.as_bytes()).await;
    let answer = other.answer().await;
    assert_eq!(answer.refusal(), (503, "bodies_full".to_owned()));
    assert_eq!(answer.head.header("retry-after"), Some("1"));
    answers(&server).await;
    drop(held);
    let seen = server.diagnostics_when(|seen| seen["bodies"]["bytes"] == 0).await;
    assert_eq!(seen["bodies"], json!({ "bytes": 0, "limit": 100_000, "refused": 1 }));
    let mut again = server.client().await;
    again.send("POST", CHAT, "", body.as_bytes()).await;
    assert_eq!(again.answer().await.head.status, 200);
}

#[tokio::test]
async fn heads_and_bodies_that_trickle_hold_no_slot_and_are_cut() {
    let server = Running::start(|settings| {
        settings.max_concurrent = std::num::NonZeroUsize::MIN;
        settings.queue = Some(0);
        settings.head_timeout = Duration::from_millis(300);
        settings.body_timeout = Duration::from_millis(300);
    })
    .await;
    let mut trickling = Vec::new();
    for n in 0..20 {
        let mut client = server.client().await;
        let head = "POST /api/v1/chat HTTP/1.1\r\nHost: localhost\r\n";
        client.write(head.as_bytes()).await;
        if n % 2 == 0 {
            let rest = "Content-Type: application/json\r\nContent-Length: 90\r\n\r\n{";
            client.write(rest.as_bytes()).await;
        }
        trickling.push(client);
    }
    let start = now();
    answers(&server).await;
    assert!(start.elapsed() < Duration::from_millis(250), "{:?}", start.elapsed());
    connections_are(&server, 1).await;
}

#[tokio::test]
async fn a_half_closed_socket_counts_as_a_hang_up() {
    let server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    let mut client = server.client().await;
    let body = br#"{"message":"Tell me a long story"}"#;
    client.send("POST", CHAT, "X-Request-Id: half\r\n", body).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.stream.shutdown().await.expect("half closed");
    assert!(client.maybe_answer().await.is_none());
    assert_eq!(server.record("half").await.outcome, ServerOutcome::Aborted);
    assert_eq!(answers(&server).await["slots"]["used"], 0);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let server = Running::start(|settings| {
        settings.write_timeout = Duration::from_millis(300);
        settings.max_message_bytes = 1 << 19;
    })
    .await;
    let mut filler = server.client().await;
    for _ in 0..4 {
        filler.chat(&format!("Message 1: {}", "x".repeat(400_000)), Some("large")).await;
    }
    drop(filler);
    let mut client = server.client().await;
    for _ in 0..16 {
        client.send("GET", "/api/v1/sessions/large", "", b"").await;
    }
    // Each answer has over a megabyte, which no socket buffers sixteen times.
    connections_are(&server, 1).await;
    let mut seen = Vec::new();
    let ended = client.stream.read_to_end(&mut seen).await;
    assert!(ended.is_err() || seen.len() < 16 * 1_600_000, "{}", seen.len());
}

#[tokio::test]
async fn connections_over_the_limit_are_closed_and_room_is_found_again() {
    let server = Running::start(|settings| settings.max_connections = 3).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut client = server.client().await;
        client.get("/health").await;
        open.push(client);
    }
    assert!(server.client().await.maybe_answer().await.is_none());
    let seen = open[0].get("/api/v1/diagnostics").await.json();
    assert_eq!(seen["connections"], json!({ "open": 3, "limit": 3, "refused": 1 }));
    open.truncate(1);
    for _ in 0..200 {
        if open[0].get("/api/v1/diagnostics").await.json()["connections"]["open"] == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    answers(&server).await;
}

#[tokio::test]
async fn sessions_opened_and_left_are_forgotten_to_the_last_byte() {
    let server = Running::start(|settings| {
        settings.session_ttl = Duration::from_millis(400);
        settings.max_sessions = 500;
    })
    .await;
    let mut client = server.client().await;
    for n in 0..2000 {
        client.chat("Message 1: x", Some(&format!("s{n}"))).await;
    }
    let seen = client.get("/api/v1/diagnostics").await.json();
    assert!(seen["sessions"]["live"].as_u64() <= Some(500), "{seen}");
    for _ in 0..200 {
        let seen = client.get("/api/v1/diagnostics").await.json();
        if seen["sessions"]["live"] == 0 {
            assert_eq!(seen["sessions"]["bytes"], 0);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("sessions are never forgotten");
}
