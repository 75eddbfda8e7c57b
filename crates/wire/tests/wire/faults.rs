//! Every failure that plain HTTP/1.1 can show, made by a real peer.

use crate::support::{Asked, LIMITS, Users, ask, request, server};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use victor_plan::TransportOptions;
use victor_types::{FailureKind, Phase};
use victor_wire::Limits;

/// How a peer ends after its answer.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Reset,
    Wait,
}

const SHORT: Limits = Limits {
    first_byte: Duration::from_millis(150),
    stall: Duration::from_millis(150),
    total: Duration::from_secs(5),
    ..LIMITS
};

/// A server that answers the first request on each connection with `answer`.
async fn answering(answer: &'static [u8], then: Then) -> SocketAddr {
    server(move |mut peer| async move {
        request(&mut peer).await;
        let _ = peer.write_all(answer).await;
        match then {
            Then::Close => {}
            // Closing with a linger of 0 seconds sends a reset; what was sent must be read before.
            Then::Reset => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                peer.set_zero_linger().expect("a socket");
            }
            Then::Wait => {
                let _ = peer.read(&mut [0]).await;
            }
        }
    })
    .await
}

async fn one(answer: &'static [u8], then: Then) -> Asked {
    let address = answering(answer, then).await;
    let users = Users::of(&format!("http://{address}"), TransportOptions::default()).await;
    users.send(&mut users.channel(), b"{}", &SHORT).await
}

#[tokio::test]
async fn each_end_of_an_answer_is_told_from_the_others() {
    use FailureKind::{Cut, MalformedBody, StreamStalled, Timeout};
    const HALF: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
    const OPEN: &[u8] = b"HTTP/1.1 200 OK\r\n\r\nhalf";
    const CHUNK: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n";
    let faults: [(&[u8], Then, FailureKind); 14] = [
        (b"", Then::Wait, Timeout(Phase::FirstByte)),
        (b"", Then::Close, Cut),
        (b"", Then::Reset, Cut),
        (b"HTTP/1.1 200 O", Then::Wait, StreamStalled),
        (b"HTTP/1.1 200 O", Then::Close, Cut),
        (HALF, Then::Wait, StreamStalled),
        (HALF, Then::Close, Cut),
        (HALF, Then::Reset, Cut),
        (OPEN, Then::Reset, Cut),
        (CHUNK, Then::Close, Cut),
        (CHUNK, Then::Wait, StreamStalled),
        (b"SSH-2.0-OpenSSH_9.9\r\n", Then::Wait, MalformedBody),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            Then::Wait,
            MalformedBody,
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", Then::Wait, MalformedBody),
    ];
    for (answer, then, kind) in faults {
        let asked = one(answer, then).await;
        let sent = String::from_utf8_lossy(answer);
        assert_eq!(asked.kind(), kind, "{sent}: {asked:?}");
        assert_eq!(asked.times.received, answer.len() as u64, "{sent}");
        assert!(asked.heard.text().is_empty() || asked.heard.text() == "half", "{sent}");
    }
    one(OPEN, Then::Close).await.result.expect("a body until close ends with the connection");
}

#[tokio::test]
async fn a_turn_that_drips_for_ever_ends_at_its_total_limit() {
    let address = server(|mut peer| async move {
        request(&mut peer).await;
        let _ = peer.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while peer.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let users = Users::of(&format!("http://{address}"), TransportOptions::default()).await;
    let limits = Limits { total: Duration::from_millis(200), ..LIMITS };
    let asked = users.send(&mut users.channel(), b"{}", &limits).await;
    assert_eq!(asked.kind(), FailureKind::Timeout(Phase::Total), "{asked:?}");
    assert!(asked.heard.length > 1);
}

#[tokio::test]
async fn a_peer_that_does_not_read_ends_the_turn_at_its_total_limit() {
    let address = server(|peer| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(peer);
    })
    .await;
    let users = Users::of(&format!("http://{address}"), TransportOptions::default()).await;
    let limits = Limits { total: Duration::from_millis(200), ..LIMITS };
    let asked = users.send(&mut users.channel(), &vec![b'x'; 32 << 20], &limits).await;
    assert_eq!(asked.kind(), FailureKind::Timeout(Phase::Total), "{asked:?}");
}

#[tokio::test]
async fn an_early_refusal_of_a_large_request_is_heard() {
    let address = server(|mut peer| async move {
        let _ = peer.read(&mut [0; 64]).await;
        let _ = peer
            .write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await;
        // As a careful server does: the answer is out before the rest of the request is thrown away.
        let _ = peer.shutdown().await;
        while peer.read(&mut [0; 65536]).await.is_ok_and(|length| length > 0) {}
    })
    .await;
    let users = Users::of(&format!("http://{address}"), TransportOptions::default()).await;
    let asked = users.send(&mut users.channel(), &vec![b'x'; 8 << 20], &LIMITS).await;
    asked.result.as_ref().expect("an answer");
    assert_eq!(asked.heard.status(), 413);
}

#[tokio::test]
async fn what_never_ends_is_not_kept() {
    // Two gigabytes would not fit the time of a test; what is handed on is counted and thrown away
    // piece by piece, and no piece is larger than the read buffer.
    const LENGTH: u64 = 256 << 20;
    let address = server(|mut peer| async move {
        request(&mut peer).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n");
        let _ = peer.write_all(head.as_bytes()).await;
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..LENGTH >> 20 {
            if peer.write_all(&piece).await.is_err() {
                return;
            }
        }
    })
    .await;
    let asked = ask(&format!("http://{address}"), TransportOptions::default()).await;
    asked.result.as_ref().expect("an answer");
    assert_eq!(asked.heard.length, LENGTH);
    assert!(asked.heard.largest <= 64 * 1024, "{}", asked.heard.largest);
}

#[tokio::test]
async fn endless_heads_lines_and_interim_answers_end_the_turn() {
    /// Sends `start`, then `more` until nobody listens.
    async fn endless(start: &'static [u8], more: &'static [u8]) -> Asked {
        let address = server(move |mut peer| async move {
            request(&mut peer).await;
            let _ = peer.write_all(start).await;
            while peer.write_all(more).await.is_ok() {}
        })
        .await;
        let users = Users::of(&format!("http://{address}"), TransportOptions::default()).await;
        let limits = Limits { total: Duration::from_millis(300), ..LIMITS };
        users.send(&mut users.channel(), b"{}", &limits).await
    }
    let malformed: [(&[u8], &[u8]); 4] = [
        (b"HTTP/1.1 200 OK\r\nx: ", b"aaaaaaaaaaaaaaaa"),
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"00000000000000"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", b"extension-----"),
    ];
    for (start, more) in malformed {
        let asked = endless(start, more).await;
        assert_eq!(asked.kind(), FailureKind::MalformedBody, "{asked:?}");
    }
    let interim = endless(b"", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n").await;
    assert_eq!(interim.kind(), FailureKind::Timeout(Phase::Total), "{interim:?}");
    assert_eq!(interim.heard.length, 0);
}

#[tokio::test]
async fn a_port_where_nothing_listens_refuses_and_a_name_without_address_is_not_found() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let asked = ask(&format!("http://{address}"), TransportOptions::default()).await;
    assert_eq!(asked.kind(), FailureKind::Connect, "{asked:?}");
    assert!(asked.times.opening.is_some() && asked.times.sent.is_none());

    let endpoint = victor_wire::Endpoint::parse("http://no-such-host.invalid").expect("an address");
    let error = endpoint.resolve().await.expect_err("a name that cannot exist (RFC 2606)");
    assert_eq!(error.kind(), FailureKind::Dns);
}

#[tokio::test]
async fn a_full_accept_queue_is_a_time_out_of_connecting() {
    // A queue of one, and nobody who accepts: the kernel lets two in and leaves the others waiting.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let listener = socket.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let mut queued = Vec::new();
    while let Ok(Ok(open)) =
        tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await
    {
        queued.push(open);
        assert!(queued.len() < 10, "the queue has no end");
    }
    let users = Users::of(&format!("http://{address}"), TransportOptions::default()).await;
    let limits = Limits { connect: Duration::from_millis(100), ..LIMITS };
    let asked = users.send(&mut users.channel(), b"{}", &limits).await;
    assert_eq!(asked.kind(), FailureKind::Timeout(Phase::Connect), "{asked:?}");
}

#[tokio::test]
async fn ports_and_addresses_that_this_machine_lacks_are_its_own_fault() {
    let address = answering(b"", Then::Close).await;
    // An address of the documentation range is nobody's, so binding to it fails here.
    let source_addresses = vec!["192.0.2.1".parse().expect("an address")];
    let options = TransportOptions { source_addresses, ..TransportOptions::default() };
    let asked = ask(&format!("http://{address}"), options).await;
    assert_eq!(asked.kind(), FailureKind::GeneratorOverload, "{asked:?}");
}
