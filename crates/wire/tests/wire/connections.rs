//! Connections kept, closed, counted; cookies, compression, source addresses.

use crate::support::{Users, ask, request, server};
use flate2::Compression as Level;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use victor_plan::{Compression, ConnectionReuse, Cookies, TransportOptions};
use victor_types::FailureKind;

/// What a server has seen: a request and where it came from.
type Log = Arc<Mutex<Vec<(SocketAddr, String)>>>;

/// A server that writes requests down and answers each with `head` and two bytes.
async fn logging(head: &'static str, log: Log) -> SocketAddr {
    server(move |mut peer| {
        let log = log.clone();
        async move {
            let from = peer.peer_addr().expect("an address");
            while let Some(text) = request(&mut peer).await {
                log.lock().expect("a log").push((from, text));
                let answer = format!("HTTP/1.1 200 OK\r\n{head}content-length: 2\r\n\r\nhi");
                if peer.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_user_keeps_its_connection_or_opens_one_for_each_request() {
    for (reuse, connections) in [(ConnectionReuse::PerUser, 1), (ConnectionReuse::PerRequest, 3)] {
        let log = Log::default();
        let address = logging("", log.clone()).await;
        let options = TransportOptions { reuse, ..TransportOptions::default() };
        let users = Users::of(&format!("http://{address}"), options).await;
        let mut channel = users.channel();
        for _ in 0..3 {
            users.ask(&mut channel).await.result.expect("an answer");
        }
        let log = log.lock().expect("a log");
        let mut from: Vec<_> = log.iter().map(|(from, _)| from).collect();
        from.dedup();
        assert_eq!(from.len(), connections, "{reuse:?}");
        let closes = log[0].1.contains("connection: close");
        assert_eq!(closes, reuse == ConnectionReuse::PerRequest, "the server is told");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_opened_again_unnoticed() {
    let address = server(|mut peer| async move {
        request(&mut peer).await;
        let _ = peer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
    })
    .await;
    let users = Users::of(&format!("http://{address}"), TransportOptions::default()).await;
    let mut channel = users.channel();
    for _ in 0..3 {
        let asked = users.ask(&mut channel).await;
        assert!(asked.result.is_ok() && asked.times.opening.is_some(), "{asked:?}");
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}

#[tokio::test]
async fn a_target_that_has_moved_is_found_by_its_name_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let users = Users::of(&format!("http://localhost:{port}"), TransportOptions::default()).await;
    let mut channel = users.channel();
    assert_eq!(users.ask(&mut channel).await.kind(), FailureKind::Connect);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let asked = users.ask(&mut channel).await;
    assert!(asked.times.resolved.is_some(), "looked up again: {asked:?}");
    let asked = users.ask(&mut channel).await;
    assert_eq!(asked.times.resolved, None, "and at most once a second: {asked:?}");
}

#[tokio::test]
async fn a_target_on_ipv6_is_reached() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return; // This machine has no IPv6.
    };
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.expect("a connection");
        let text = request(&mut peer).await.expect("a request");
        assert!(text.contains(&format!("host: [::1]:{port}")), "{text}");
        peer.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.expect("sent");
    });
    let asked = ask(&format!("http://[::1]:{port}"), TransportOptions::default()).await;
    asked.result.as_ref().expect("an answer");
    assert_eq!(asked.heard.status(), 204);
}

#[tokio::test]
async fn source_addresses_are_taken_in_turn() {
    let log = Log::default();
    let address = logging("", log.clone()).await;
    let source_addresses =
        ["127.0.0.2", "127.0.0.3", "::1"].map(|text| text.parse().expect("an address")).to_vec();
    let options = TransportOptions { source_addresses, ..TransportOptions::default() };
    let users = Users::of(&format!("http://{address}"), options).await;
    for _ in 0..4 {
        users.ask(&mut users.channel()).await.result.expect("an answer");
    }
    let from: Vec<_> =
        log.lock().expect("a log").iter().map(|(from, _)| from.ip().to_string()).collect();
    assert_eq!(from, ["127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.3"]);
}

#[tokio::test]
async fn each_user_sends_its_own_cookies_back_unless_they_are_ignored() {
    for cookies in [Cookies::Kept, Cookies::Ignored] {
        let log = Log::default();
        let address = logging("set-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n", log.clone()).await;
        let options = TransportOptions { cookies, ..TransportOptions::default() };
        let users = Users::of(&format!("http://{address}"), options).await;
        let (mut first, mut second) = (users.channel(), users.channel());
        for channel in [&mut first, &mut second] {
            users.ask(channel).await.result.expect("an answer");
        }
        users.ask(&mut first).await.result.expect("an answer");
        let log = log.lock().expect("a log");
        let sent: Vec<_> = log.iter().map(|(_, text)| text.contains("cookie: a=1; b=2")).collect();
        assert_eq!(sent, [false, false, cookies == Cookies::Kept]);
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::best());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn bare(text: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

/// A server whose bodies are `body`, said to be encoded as `encoding`.
async fn compressed(encoding: &'static str, body: Vec<u8>) -> String {
    let address = server(move |mut peer| {
        let body = body.clone();
        async move {
            request(&mut peer).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = peer.write_all(head.as_bytes()).await;
            let _ = peer.write_all(&body).await;
        }
    })
    .await;
    format!("http://{address}")
}

fn accepting() -> TransportOptions {
    TransportOptions { compression: Compression::Accepted, ..TransportOptions::default() }
}

#[tokio::test]
async fn compressed_answers_are_decoded_when_they_are_accepted() {
    let text = "an answer that is worth to be compressed; ".repeat(200);
    /// "hello world" from Google's own encoder.
    const BROTLI: &[u8] = b"\x0b\x05\x80hello world\x03";
    let bodies = [
        ("gzip", gzip(text.as_bytes()), text.as_str()),
        ("deflate", zlib(text.as_bytes()), text.as_str()),
        ("deflate", bare(text.as_bytes()), text.as_str()),
        ("br", BROTLI.to_vec(), "hello world"),
    ];
    for (encoding, body, text) in bodies {
        let asked = ask(&compressed(encoding, body).await, accepting()).await;
        asked.result.as_ref().unwrap_or_else(|error| panic!("{encoding}: {error}"));
        assert_eq!(asked.heard.text(), text, "{encoding}");
    }
}

#[tokio::test]
async fn a_compressed_answer_that_is_wrong_or_unasked_is_malformed() {
    let whole = gzip(b"an answer");
    let cut = whole[..whole.len() - 6].to_vec();
    for (encoding, body) in [("gzip", cut), ("gzip", b"plain".to_vec()), ("zstd", whole.clone())] {
        let asked = ask(&compressed(encoding, body).await, accepting()).await;
        assert_eq!(asked.kind(), FailureKind::MalformedBody, "{encoding}: {asked:?}");
    }
    let asked = ask(&compressed("gzip", whole).await, TransportOptions::default()).await;
    assert_eq!(asked.kind(), FailureKind::MalformedBody);
    assert!(asked.reason().contains("--compression"), "{}", asked.reason());
}

#[tokio::test]
async fn a_bomb_is_handed_on_in_bounded_pieces() {
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < 100_000, "a thousandth of what it holds");
    let asked = ask(&compressed("gzip", bomb).await, accepting()).await;
    asked.result.as_ref().expect("an answer");
    assert_eq!(asked.heard.length, 64 << 20);
    assert!(asked.heard.largest <= 1 << 20, "{}", asked.heard.largest);
}
