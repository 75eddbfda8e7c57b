//! Over HTTP/2: agreed on or known before, alone or shared, and how it fails.

use crate::support::{Asked, Authority, LIMITS, Users, acceptor, ask, server};
use bytes::Bytes;
use h2::server::{Connection, SendResponse};
use h2::{Reason, RecvStream};
use http::{Request, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use victor_plan::{ConnectionReuse, HttpVersion, TlsOptions, TransportOptions};
use victor_types::{FailureKind, Phase};
use victor_wire::Limits;

/// What a server does with a request.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// Answers with what was sent and where.
    Echo,
    /// Answers with four mebibytes.
    Large,
    /// Resets the stream, before or in the middle of the answer.
    Reset(Reason),
    ResetLater(Reason),
    /// Ends the whole connection after the head.
    GoAway(Reason),
    /// Lets the connection drop after the head.
    Drop,
    /// Says nothing, or nothing more.
    Silence,
    SilenceLater,
}

type Peer<T> = Connection<T, Bytes>;

async fn serve<T: AsyncRead + AsyncWrite + Unpin>(
    stream: T,
    deed: Deed,
    requests: Arc<AtomicUsize>,
) {
    let mut peer: Peer<T> = h2::server::handshake(stream).await.expect("a handshake");
    let mut held = Vec::new();
    while let Some(Ok((request, mut respond))) = peer.accept().await {
        requests.fetch_add(1, Ordering::Relaxed);
        match deed {
            Deed::Echo => {
                tokio::spawn(echo(request, respond));
            }
            Deed::Large => {
                let mut body = respond.send_response(Response::new(()), false).expect("a head");
                body.send_data(vec![b'x'; 4 << 20].into(), true).expect("a body");
            }
            Deed::Reset(reason) => respond.send_reset(reason),
            Deed::Silence => held.push((respond, None)),
            Deed::ResetLater(_) | Deed::GoAway(_) | Deed::Drop | Deed::SilenceLater => {
                let mut body = respond.send_response(Response::new(()), false).expect("a head");
                body.send_data(Bytes::from_static(b"half"), false).expect("a body");
                if let Deed::ResetLater(reason) = deed {
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        body.send_reset(reason);
                    });
                    continue;
                }
                held.push((respond, Some(body)));
                if let Deed::GoAway(reason) = deed {
                    peer.abrupt_shutdown(reason);
                }
                if let Deed::Drop = deed {
                    let flush = std::future::poll_fn(|cx| peer.poll_closed(cx));
                    let _ = tokio::time::timeout(Duration::from_millis(50), flush).await;
                    // Dropped as a process that dies: no go-away, no resets.
                    return drop(peer);
                }
            }
        }
    }
}

async fn echo(mut request: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
    let mut text = format!("{} ", request.uri());
    while let Some(Ok(data)) = request.body_mut().data().await {
        text.push_str(&String::from_utf8_lossy(&data));
        let _ = request.body_mut().flow_control().release_capacity(data.len());
    }
    let response = Response::builder().header("content-type", "application/json");
    let mut body = respond.send_response(response.body(()).expect("a head"), false).expect("sent");
    body.send_data(text.into(), true).expect("a body");
}

/// A server of HTTP/2 over plain TCP, and a count of its connections and of its requests.
async fn plain(deed: Deed) -> (SocketAddr, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, asked) = (connections.clone(), requests.clone());
    let address = server(move |tcp| {
        counted.fetch_add(1, Ordering::Relaxed);
        serve(tcp, deed, asked.clone())
    })
    .await;
    (address, connections, requests)
}

fn two() -> TransportOptions {
    TransportOptions { http: HttpVersion::Two, ..TransportOptions::default() }
}

async fn failing(deed: Deed) -> Asked {
    let limits = Limits {
        first_byte: Duration::from_millis(200),
        stall: Duration::from_millis(200),
        ..LIMITS
    };
    let (address, ..) = plain(deed).await;
    let users = Users::of(&format!("http://{address}"), two()).await;
    users.send(&mut users.channel(), b"{}", &limits).await
}

#[tokio::test]
async fn tls_agrees_on_it_and_an_older_server_is_spoken_to_as_before() {
    let authority = Authority::new();
    let identity = authority.identity("localhost", |_| ());
    let acceptor = acceptor(&identity, &["h2", "http/1.1"], None);
    let address = server(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            let tls = acceptor.accept(tcp).await.expect("a handshake");
            serve(tls, Deed::Echo, Arc::default()).await;
        }
    })
    .await;
    let tls = TlsOptions { ca: Some(authority.ca()), ..TlsOptions::default() };
    let options = TransportOptions { tls, ..TransportOptions::default() };
    let url = format!("https://localhost:{}/base", address.port());
    let asked = ask(&url, options).await;
    asked.result.as_ref().expect("an answer");
    assert_eq!(asked.heard.text(), format!("{url}/chat {{}}"));
    let times = asked.times;
    assert!(times.secured < times.sent && times.sent < times.first_byte, "{times:?}");
    assert!(times.received > asked.heard.length);
}

#[tokio::test]
async fn a_user_keeps_its_connection_and_a_shared_one_serves_many_at_once() {
    let (address, connections, requests) = plain(Deed::Echo).await;
    let users = Users::of(&format!("http://{address}"), two()).await;
    let mut channel = users.channel();
    for _ in 0..3 {
        users.ask(&mut channel).await.result.expect("an answer");
    }
    assert_eq!((connections.load(Ordering::Relaxed), requests.load(Ordering::Relaxed)), (1, 3));

    let (address, connections, requests) = plain(Deed::Echo).await;
    let options = TransportOptions { reuse: ConnectionReuse::Shared(2), ..two() };
    let users = Users::of(&format!("http://{address}"), options).await;
    let asking = (0..20).map(|_| async {
        let mut channel = users.channel();
        users.ask(&mut channel).await.result.expect("an answer");
    });
    futures_util::future::join_all(asking).await;
    assert_eq!((connections.load(Ordering::Relaxed), requests.load(Ordering::Relaxed)), (2, 20));
}

#[tokio::test]
async fn an_answer_larger_than_the_windows_flows() {
    let (address, ..) = plain(Deed::Large).await;
    let asked = ask(&format!("http://{address}"), two()).await;
    asked.result.as_ref().expect("an answer");
    assert_eq!(asked.heard.length, 4 << 20);
    assert!(asked.heard.largest <= 1 << 20, "no more than a window at once");
    let asked = {
        let (address, ..) = plain(Deed::Echo).await;
        let users = Users::of(&format!("http://{address}"), two()).await;
        users.send(&mut users.channel(), &vec![b'y'; 1 << 20], &LIMITS).await
    };
    assert!(asked.result.is_ok() && asked.heard.length > 1 << 20, "large requests too");
}

#[tokio::test]
async fn each_way_to_break_an_answer_off_is_a_failure_of_its_kind() {
    use FailureKind::{Cut, StreamStalled, Timeout};
    let faults = [
        (Deed::Reset(Reason::REFUSED_STREAM), Cut, "refused"),
        (Deed::ResetLater(Reason::INTERNAL_ERROR), Cut, "internal"),
        (Deed::ResetLater(Reason::CANCEL), Cut, "no longer needed"),
        (Deed::GoAway(Reason::ENHANCE_YOUR_CALM), Cut, ""),
        (Deed::Drop, Cut, "ended"),
        (Deed::Silence, Timeout(Phase::FirstByte), ""),
        (Deed::SilenceLater, StreamStalled, ""),
    ];
    for (deed, kind, words) in faults {
        let asked = failing(deed).await;
        assert_eq!(asked.kind(), kind, "{deed:?}: {asked:?}");
        assert!(asked.reason().contains(words), "{deed:?}: {}", asked.reason());
    }
}

/// Says goodbye after its first request, and answers it.
async fn brief(tcp: TcpStream) {
    let mut peer: Peer<_> = h2::server::handshake(tcp).await.expect("a handshake");
    let mut requests = 0;
    while let Some(Ok((request, respond))) = peer.accept().await {
        tokio::spawn(echo(request, respond));
        requests += 1;
        if requests == 1 {
            peer.graceful_shutdown();
        }
    }
}

#[tokio::test]
async fn a_goodbye_between_turns_costs_a_new_connection_and_no_failure() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let address = server(move |tcp| {
        counted.fetch_add(1, Ordering::Relaxed);
        brief(tcp)
    })
    .await;
    let users = Users::of(&format!("http://{address}"), two()).await;
    let mut channel = users.channel();
    for _ in 0..3 {
        users.ask(&mut channel).await.result.expect("an answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(connections.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_turn_that_was_given_up_leaves_the_connection_to_the_next() {
    let (address, connections, requests) = plain(Deed::SilenceLater).await;
    let users = Users::of(&format!("http://{address}"), two()).await;
    let limits = Limits { stall: Duration::from_millis(50), ..LIMITS };
    let mut channel = users.channel();
    users.send(&mut channel, b"{}", &limits).await.result.expect_err("given up");
    users.send(&mut channel, b"{}", &limits).await.result.expect_err("given up");
    assert_eq!((connections.load(Ordering::Relaxed), requests.load(Ordering::Relaxed)), (1, 2));
}

#[tokio::test]
async fn a_server_that_speaks_something_else_is_malformed() {
    for words in [
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
        "\0\0\x01\x09\x09\x09\x09\x09\x09\x09",
    ] {
        let address = server(move |mut tcp| async move {
            let _ = tcp.write_all(words.as_bytes()).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        })
        .await;
        let asked = ask(&format!("http://{address}"), two()).await;
        assert_eq!(asked.kind(), FailureKind::MalformedBody, "{asked:?}");
    }
}
