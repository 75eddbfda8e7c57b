//! Texts over a `WebSocket`, goodbyes, and how both fail.

use crate::support::{Authority, LIMITS, acceptor, request, server};
use futures_util::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use victor_clock::now;
use victor_plan::{Carrier, TlsOptions, TransportOptions};
use victor_types::{FailureKind, Phase};
use victor_wire::{Client, Endpoint, Limits, Target, Times, WebSocket, WireError};

/// Answers each text with itself, and says goodbye to `bye`.
async fn echo(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut socket = accept_async(stream).await.expect("a handshake");
    while let Some(Ok(message)) = socket.next().await {
        if message == Message::text("bye") {
            let _ = socket.close(None).await;
        } else if message.is_text() {
            let _ = socket.send(Message::Ping("?".into())).await;
            let _ = socket.send(message).await;
        }
    }
}

async fn open(
    url: &str,
    options: TransportOptions,
    limits: &Limits,
) -> Result<(WebSocket, Times), WireError> {
    let target = Target::new(Endpoint::parse(url).expect("an address"), options).expect("a target");
    let addresses = target.resolve().await.expect("addresses");
    let mut times = Times::default();
    let template = target.post_json("/ws", &[("authorization", "Bearer key")]);
    let client = Client::new(target, addresses);
    let socket = client.web_socket(&template, limits, now(), &mut times).await?;
    Ok((socket, times))
}

async fn talk(url: &str, options: TransportOptions) {
    let (mut socket, mut times) = open(url, options, &LIMITS).await.expect("a socket");
    let began = now();
    for text in ["one", "zwei ü"] {
        socket.send(text, began + LIMITS.total, &mut times).await.expect("sent");
        let (heard, at) =
            socket.next(&LIMITS, began, &mut times).await.expect("a text").expect("no goodbye");
        assert_eq!((heard.as_str(), Some(at)), (text, times.last_byte));
    }
    assert!(times.opening < times.sent && times.sent < times.first_byte, "{times:?}");
    socket.send("bye", began + LIMITS.total, &mut times).await.expect("sent");
    assert!(socket.next(&LIMITS, began, &mut times).await.expect("a goodbye").is_none());
    socket.close(now() + Duration::from_secs(1)).await;
}

#[tokio::test]
async fn texts_go_both_ways_and_a_goodbye_is_no_failure() {
    let address = server(echo).await;
    talk(&format!("http://{address}/base"), TransportOptions::default()).await;

    let authority = Authority::new();
    let acceptor = acceptor(&authority.identity("localhost", |_| ()), &["h2", "http/1.1"], None);
    let address = server(move |tcp| {
        let acceptor = acceptor.clone();
        async move { echo(acceptor.accept(tcp).await.expect("a handshake")).await }
    })
    .await;
    let tls = TlsOptions { ca: Some(authority.ca()), ..TlsOptions::default() };
    let options =
        TransportOptions { tls, carrier: Carrier::WebSocket, ..TransportOptions::default() };
    talk(&format!("https://localhost:{}", address.port()), options).await;
}

/// A server that opens a socket, hears one text, and then does `deed`.
async fn faulty<F>(
    deed: impl Fn(WebSocketStream<TcpStream>) -> F + Send + Sync + Clone + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    server(move |tcp| {
        let deed = deed.clone();
        async move {
            let mut socket = accept_async(tcp).await.expect("a handshake");
            socket.next().await;
            deed(socket).await;
        }
    })
    .await
}

/// What comes after the first text was sent.
async fn after_one(address: SocketAddr, limits: &Limits) -> FailureKind {
    let url = format!("http://{address}");
    let (mut socket, mut times) =
        open(&url, TransportOptions::default(), limits).await.expect("a socket");
    let began = now();
    socket.send("one", began + limits.total, &mut times).await.expect("sent");
    loop {
        match socket.next(limits, began, &mut times).await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a goodbye"),
            Err(error) => return error.kind(),
        }
    }
}

#[tokio::test]
async fn each_fault_is_a_failure_of_its_kind() {
    let short = Limits {
        first_byte: Duration::from_millis(150),
        stall: Duration::from_millis(150),
        ..LIMITS
    };
    let silent = faulty(|socket| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(socket);
    });
    assert_eq!(after_one(silent.await, &short).await, FailureKind::Timeout(Phase::FirstByte));
    let stalled = faulty(|mut socket| async move {
        let _ = socket.send(Message::text("half")).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    assert_eq!(after_one(stalled.await, &short).await, FailureKind::StreamStalled);
    let gone = faulty(|socket| async move { drop(socket) });
    assert_eq!(after_one(gone.await, &LIMITS).await, FailureKind::Cut);
    let reset = faulty(|mut socket| async move {
        socket.get_mut().set_zero_linger().expect("a socket");
    });
    assert_eq!(after_one(reset.await, &LIMITS).await, FailureKind::Cut);
    // A masked frame, which a server must not send; a text that is no UTF-8; a binary message.
    for bytes in [&b"\x81\x81\0\0\0\0a"[..], b"\x81\x01\xff", b"\x82\x01a"] {
        let wrong = faulty(move |mut socket| async move {
            let _ = socket.get_mut().write_all(bytes).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        });
        assert_eq!(after_one(wrong.await, &LIMITS).await, FailureKind::MalformedBody, "{bytes:?}");
    }
    let drip = faulty(|mut socket| async move {
        while socket.send(Message::text(".")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let limits = Limits { total: Duration::from_millis(200), ..LIMITS };
    assert_eq!(after_one(drip.await, &limits).await, FailureKind::Timeout(Phase::Total));
}

#[tokio::test]
async fn a_server_that_opens_no_socket_is_told_by_its_answer() {
    let answers: [(&[u8], FailureKind); 3] = [
        (b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", FailureKind::HttpStatus(401)),
        (b"nonsense\r\n\r\n", FailureKind::MalformedBody),
        (b"", FailureKind::Cut),
    ];
    for (answer, kind) in answers {
        let address = server(move |mut peer| async move {
            let text = request(&mut peer).await.expect("a request");
            assert!(text.contains("authorization: Bearer key"), "{text}");
            let _ = peer.write_all(answer).await;
        })
        .await;
        let url = format!("http://{address}");
        let error = open(&url, TransportOptions::default(), &LIMITS).await.expect_err("no socket");
        assert_eq!(error.kind(), kind, "{error}");
    }
}
