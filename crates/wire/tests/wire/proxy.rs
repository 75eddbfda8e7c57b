//! By way of a proxy.

use crate::support::{Authority, Users, acceptor, ask, request, server};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use victor_plan::{Proxy, Secret, TlsOptions, TransportOptions};
use victor_types::FailureKind;

type Log = Arc<Mutex<Vec<String>>>;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// A proxy that opens tunnels to `to`, whatever host it is asked for, and answers all else itself.
async fn proxy(to: SocketAddr, log: Log) -> SocketAddr {
    server(move |mut peer| {
        let log = log.clone();
        async move {
            while let Some(text) = request(&mut peer).await {
                log.lock().expect("a log").push(text.clone());
                if text.starts_with("CONNECT ") {
                    let mut far = TcpStream::connect(to).await.expect("a target");
                    let _ = peer.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await;
                    let _ = tokio::io::copy_bidirectional(&mut peer, &mut far).await;
                    return;
                }
                let _ = peer.write_all(OK).await;
            }
        }
    })
    .await
}

fn through(proxy: SocketAddr) -> TransportOptions {
    let credentials = Some(Secret::new("user:pass".to_owned()));
    let proxy = Some(Proxy { authority: proxy.to_string(), credentials });
    TransportOptions { proxy, ..TransportOptions::default() }
}

#[tokio::test]
async fn a_plain_target_is_asked_for_by_its_whole_address() {
    let log = Log::default();
    let proxy = proxy("127.0.0.1:1".parse().expect("an address"), log.clone()).await;
    // The proxy looks the name up: here nobody can.
    let users = Users::of("http://target.invalid:8000/base", through(proxy)).await;
    let mut channel = users.channel();
    for _ in 0..2 {
        users.ask(&mut channel).await.result.expect("an answer");
    }
    let log = log.lock().expect("a log");
    assert!(
        log[0].starts_with("POST http://target.invalid:8000/base/chat HTTP/1.1\r\n"),
        "{}",
        log[0]
    );
    assert!(log[0].contains("\r\nproxy-authorization: Basic dXNlcjpwYXNz\r\n"), "{}", log[0]);
    assert!(log[0].contains("\r\nhost: target.invalid:8000\r\n"), "{}", log[0]);
}

#[tokio::test]
async fn a_secure_target_is_reached_through_a_tunnel_that_the_proxy_cannot_look_into() {
    let authority = Authority::new();
    let acceptor = acceptor(&authority.identity("target.invalid", |_| ()), &["http/1.1"], None);
    let target = server(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            let mut peer = acceptor.accept(tcp).await.expect("a handshake");
            let text = request(&mut peer).await.expect("a request");
            assert!(text.starts_with("POST /chat ") && !text.contains("proxy-"), "{text}");
            let _ = peer.write_all(OK).await;
        }
    })
    .await;
    let log = Log::default();
    let mut options = through(proxy(target, log.clone()).await);
    options.tls = TlsOptions { ca: Some(authority.ca()), ..TlsOptions::default() };
    ask("https://target.invalid", options).await.result.expect("an answer");
    let log = log.lock().expect("a log");
    assert_eq!(log.len(), 1);
    assert!(log[0].starts_with("CONNECT target.invalid:443 HTTP/1.1\r\n"), "{}", log[0]);
    assert!(log[0].contains("proxy-authorization") && !log[0].contains("Bearer"), "{}", log[0]);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_a_failure_of_connecting_that_says_why() {
    let answers: [(&[u8], &str); 4] = [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
            "--proxy-user",
        ),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "502"),
        (b"nonsense\r\n\r\n", "HTTP"),
        (b"", "closed"),
    ];
    for (answer, words) in answers {
        let proxy = server(move |mut peer| async move {
            request(&mut peer).await;
            let _ = peer.write_all(answer).await;
        })
        .await;
        let asked = ask("https://target.invalid", through(proxy)).await;
        assert_eq!(asked.kind(), FailureKind::Connect, "{asked:?}");
        assert!(asked.reason().contains(words), "{}", asked.reason());
    }
}
