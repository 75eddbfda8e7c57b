//! Turns over a WebSocket.

use crate::running::Running;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use victor_server::{Profile, RateLimit};
use victor_types::ServerOutcome;

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn open(server: &Running) -> Self {
        Self::with(server, &[]).await.expect("opened")
    }

    async fn with(
        server: &Running,
        headers: &[(&'static str, String)],
    ) -> Result<Self, StatusCode> {
        let mut request =
            format!("ws://{}/ws", server.address).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("a value"));
        }
        let stream = TcpStream::connect(server.address).await.expect("connected");
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("sent");
    }

    /// The next text frame; `None` when the server closes.
    async fn next(&mut self) -> Option<Value> {
        loop {
            match tokio::time::timeout(Duration::from_secs(10), self.0.next())
                .await
                .expect("in time")
            {
                Some(Ok(Message::Text(text))) => {
                    return Some(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }

    /// Frames up to the end of a turn.
    async fn turn(&mut self) -> Vec<Value> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            let kind = frame["type"].as_str().expect("a type").to_owned();
            frames.push(frame);
            if kind == "done" || kind == "error" {
                break;
            }
        }
        frames
    }
}

fn chat(message: &str) -> Value {
    json!({ "type": "chat", "message": message })
}

fn text(frames: &[Value]) -> String {
    frames.iter().filter_map(|frame| frame["content"].as_str()).collect()
}

#[tokio::test]
async fn a_turn_is_told_token_by_token_and_is_on_record_before_it_is_done() {
    let server = Running::start(|_| {}).await;
    server.write("a.txt", "x\ny\n");
    let mut socket = Socket::open(&server).await;
    socket
        .send(json!({
            "type": "chat", "message": "Count lines in a.txt", "session_id": "s", "request_id": "r-1",
        }))
        .await;
    let frames = socket.turn().await;
    let kinds: Vec<&str> = frames.iter().filter_map(|frame| frame["type"].as_str()).collect();
    assert_eq!(&kinds[..3], ["tool_call", "tool_result", "content"]);
    assert_eq!(text(&frames), "a.txt has 2 lines.");
    let done = frames.last().expect("done");
    assert_eq!((&done["request_id"], &done["session_id"]), (&json!("r-1"), &json!("s")));
    assert!(done["usage"]["completion_tokens"].as_u64() > Some(0), "{done}");
    let record = &server.records()[0];
    assert_eq!((record.request_id.as_str(), record.status), ("r-1", 200));
    assert_eq!(
        (record.outcome, record.session_id.as_deref()),
        (ServerOutcome::Complete, Some("s"))
    );
    socket.send(chat("What is a race condition?")).await;
    assert!(!text(&socket.turn().await).is_empty());
}

#[tokio::test]
async fn turns_of_one_socket_follow_each_other_and_too_many_are_refused() {
    let server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    let mut socket = Socket::open(&server).await;
    for n in 0..11 {
        let request = json!({ "type": "chat", "message": format!("Message {n}: x"), "request_id": format!("r-{n}") });
        socket.send(request).await;
    }
    socket.send(json!({ "type": "ping" })).await;
    let (mut told, mut refused, mut pong_at) = (Vec::new(), Vec::new(), None);
    while told.len() + refused.len() < 11 {
        let frame = socket.next().await.expect("a frame");
        let id = frame["request_id"].as_str().unwrap_or_default().to_owned();
        match frame["type"].as_str() {
            Some("done") => told.push(id),
            Some("error") => {
                assert_eq!(frame["code"], "socket_busy");
                refused.push(id);
            }
            Some("pong") => pong_at = Some(told.len()),
            _ => {}
        }
    }
    assert_eq!(pong_at, Some(0), "a ping is answered while a turn runs");
    assert!((8..=9).contains(&told.len()) && told.is_sorted_by_key(String::len), "{told:?}");
    assert_eq!(told[0], "r-0");
    let record = server.record(&refused[0]).await;
    assert_eq!((record.status, record.outcome), (429, ServerOutcome::Refused));
}

#[tokio::test]
async fn wrong_frames_are_refused_and_the_socket_goes_on() {
    let server = Running::start(|settings| settings.max_message_bytes = 10).await;
    let mut socket = Socket::open(&server).await;
    for (frame, code) in [
        (json!({ "type": "dance" }), "wrong_field"),
        (json!([1]), "wrong_field"),
        (json!({ "type": "chat" }), "wrong_field"),
        (chat("far too long a message"), "wrong_field"),
    ] {
        socket.send(frame).await;
        assert_eq!(socket.next().await.expect("an error")["code"], code);
    }
    socket.0.send(Message::text("{\"type\":")).await.expect("sent");
    assert_eq!(socket.next().await.expect("an error")["code"], "broken_json");
    let deep = "[".repeat(100_000);
    socket.0.send(Message::text(deep)).await.expect("sent");
    assert_eq!(socket.next().await.expect("an error")["type"], "error");
    socket.send(chat("Hi")).await;
    assert_eq!(socket.turn().await.last().expect("done")["type"], "done");
    socket.0.send(Message::binary(vec![0xff])).await.expect("sent");
    assert!(socket.next().await.is_none());
    let refused = server.records().iter().filter(|record| record.status == 422).count();
    assert_eq!(refused, 2, "turns are on record, other frames are not");
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_the_socket() {
    let server = Running::start(|settings| settings.max_body = 1000).await;
    let mut socket = Socket::open(&server).await;
    let _ = socket.0.send(Message::text("x".repeat(5000))).await;
    assert!(socket.next().await.is_none());
    assert!(Socket::open(&server).await.0.send(Message::Ping("x".into())).await.is_ok());
}

#[tokio::test]
async fn a_socket_that_closes_stops_its_turn() {
    let server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    let mut socket = Socket::open(&server).await;
    socket
        .send(json!({ "type": "chat", "message": "Explain closures", "request_id": "r-1" }))
        .await;
    assert_eq!(socket.next().await.expect("a token")["type"], "content");
    let start = victor_clock::now();
    drop(socket);
    let record = server.record("r-1").await;
    assert_eq!(record.outcome, ServerOutcome::Aborted);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    let metrics = server.client().await.get("/metrics").await;
    assert!(metrics.text().contains("victor_turns_in_flight 0"), "{}", metrics.text());
}

#[tokio::test]
async fn pages_of_other_hosts_and_plain_requests_get_no_socket() {
    let server = Running::start(|_| {}).await;
    let own = format!("http://{}", server.address);
    assert!(Socket::with(&server, &[("origin", own)]).await.is_ok());
    for origin in ["http://evil.example", "null", "http://localhost"] {
        let refused = Socket::with(&server, &[("origin", origin.to_owned())]).await;
        assert_eq!(refused.err(), Some(StatusCode::FORBIDDEN), "{origin}");
    }
    let rebound = Socket::with(&server, &[("host", "evil.example".to_owned())]).await;
    assert_eq!(rebound.err(), Some(StatusCode::FORBIDDEN));
    let plain = server.client().await.get("/ws").await;
    assert_eq!(plain.refusal(), (426, "not_upgraded".to_owned()));
    assert_eq!(plain.head.header("upgrade"), Some("websocket"));
}

#[tokio::test]
async fn a_key_comes_in_the_head_or_in_a_frame() {
    let server =
        Running::start(|settings| settings.api_keys = vec!["k1".parse().expect("a key")]).await;
    let with = |key: &str| [("authorization", format!("Bearer {key}"))];
    let wrong = Socket::with(&server, &with("k2")).await;
    assert_eq!(wrong.err(), Some(StatusCode::UNAUTHORIZED));
    let mut known = Socket::with(&server, &with("k1")).await.expect("opened");
    known.send(chat("Hi")).await;
    assert_eq!(known.turn().await.last().expect("done")["type"], "done");

    let mut socket = Socket::open(&server).await;
    socket.send(chat("Hi")).await;
    assert_eq!(socket.next().await.expect("an error")["code"], "no_key");
    socket.send(json!({ "type": "auth", "api_key": "k1" })).await;
    assert_eq!(socket.next().await.expect("an answer")["type"], "auth_success");
    socket.send(chat("Hi")).await;
    assert_eq!(socket.turn().await.last().expect("done")["type"], "done");

    let mut guess = Socket::open(&server).await;
    guess.send(json!({ "type": "auth", "api_key": "k2" })).await;
    assert_eq!(guess.next().await.expect("an answer")["type"], "auth_failed");
    assert!(guess.next().await.is_none());
}

#[tokio::test]
async fn a_turn_in_flight_is_told_to_its_end_when_the_server_stops() {
    let mut server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    let mut idle = Socket::open(&server).await;
    let mut socket = Socket::open(&server).await;
    socket.send(chat("Message 1: x")).await;
    assert_eq!(socket.next().await.expect("a token")["type"], "content");
    server.stop();
    assert!(idle.next().await.is_none());
    assert_eq!(socket.turn().await.last().expect("done")["type"], "done");
    assert!(socket.next().await.is_none());
    tokio::time::timeout(Duration::from_secs(5), server.stopped()).await.expect("it stops");
}

#[tokio::test]
async fn turns_of_sockets_take_slots_count_against_the_rate_and_the_socket_as_a_connection() {
    let server = Running::start(|settings| {
        settings.profile = Profile::Cloud;
        settings.max_concurrent = 1.try_into().expect("one");
        settings.queue = Some(0);
    })
    .await;
    let (mut one, mut two) = (Socket::open(&server).await, Socket::open(&server).await);
    one.send(chat("Message 1: x")).await;
    assert_eq!(one.next().await.expect("a token")["type"], "content");
    two.send(json!({ "type": "chat", "message": "Hi", "request_id": "r-2" })).await;
    let refused = two.next().await.expect("an error");
    assert_eq!((&refused["code"], &refused["request_id"]), (&json!("overloaded"), &json!("r-2")));
    assert_eq!(server.record("r-2").await.status, 503);
    let held = server.client().await.get("/api/v1/diagnostics").await.json();
    assert_eq!((&held["slots"]["used"], &held["connections"]["open"]), (&json!(1), &json!(3)));
    assert_eq!(held["refused"]["overloaded"], 1);

    let limit = RateLimit::new(3.try_into().expect("three"), Duration::from_secs(60));
    let server = Running::start(|settings| settings.rate_limit = limit).await;
    let mut socket = Socket::open(&server).await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        socket.send(chat("Hi")).await;
        codes.push(socket.turn().await.last().expect("an end")["code"].clone());
    }
    // Opening the socket was the first request.
    assert_eq!(codes[..2], [json!(null), json!(null)]);
    assert_eq!(codes[2..], [json!("rate_limited"), json!("rate_limited")]);
}
