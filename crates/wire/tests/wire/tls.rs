//! Over TLS: who is believed, and what is said when it fails.

use crate::support::{Asked, Authority, Identity, Users, acceptor, ask, request, server};
use rcgen::date_time_ymd;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use victor_plan::{HttpVersion, TlsOptions, TransportOptions, Verify};
use victor_types::{FailureKind, Phase};
use victor_wire::{Limits, Target};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// A server over TLS that answers every request with [`OK`].
async fn secure(identity: &Identity, clients: Option<&Path>) -> SocketAddr {
    let acceptor = acceptor(identity, &["http/1.1"], clients);
    server(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut peer) = acceptor.accept(tcp).await else { return };
            while request(&mut peer).await.is_some() {
                if peer.write_all(OK).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

fn trusting(authority: &Authority) -> TransportOptions {
    let tls = TlsOptions { ca: Some(authority.ca()), ..TlsOptions::default() };
    TransportOptions { tls, ..TransportOptions::default() }
}

fn url(address: SocketAddr) -> String {
    format!("https://localhost:{}", address.port())
}

fn assert_tls(asked: &Asked, words: &str, flag: &str) {
    assert_eq!(asked.kind(), FailureKind::Tls, "{asked:?}");
    let reason = asked.reason();
    assert!(reason.contains(words) && reason.contains(flag), "{reason}");
}

#[tokio::test]
async fn a_server_that_is_vouched_for_answers_on_one_connection_with_every_phase_timed() {
    let authority = Authority::new();
    let address = secure(&authority.identity("localhost", |_| ()), None).await;
    let users = Users::of(&url(address), trusting(&authority)).await;
    let mut channel = users.channel();
    let first = users.ask(&mut channel).await;
    first.result.as_ref().expect("an answer");
    assert_eq!((first.heard.status(), first.heard.text().as_str()), (200, "hi"));
    let times = first.times;
    let phases = [times.opening, times.connected, times.secured, times.sent, times.first_byte];
    assert!(phases.iter().all(Option::is_some) && phases.is_sorted(), "{times:?}");
    let second = users.ask(&mut channel).await;
    second.result.as_ref().expect("an answer");
    assert_eq!(second.times.opening, None, "the connection was kept");
}

#[tokio::test]
async fn each_bad_certificate_is_told_by_its_cause_and_its_flag() {
    let authority = Authority::new();
    let good = authority.identity("localhost", |_| ());
    let unknown = ask(&url(secure(&good, None).await), TransportOptions::default()).await;
    assert_tls(&unknown, "issuer is unknown", "--tls-ca");
    let stranger = Authority::new();
    let strange = ask(&url(secure(&good, None).await), trusting(&stranger)).await;
    assert_tls(&strange, "issuer is unknown", "--tls-ca");

    let trusting = || trusting(&authority);
    let other = secure(&authority.identity("other.example", |_| ()), None).await;
    let wrong_name = ask(&url(other), trusting()).await;
    assert_tls(&wrong_name, "other.example", "--insecure");
    let expired = authority.identity("localhost", |params| {
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    assert_tls(&ask(&url(secure(&expired, None).await), trusting()).await, "expired", "--insecure");
    let early = authority.identity("localhost", |params| {
        params.not_before = date_time_ymd(4000, 1, 1);
    });
    let early = ask(&url(secure(&early, None).await), trusting()).await;
    assert_tls(&early, "not valid yet", "--insecure");

    let tls = TlsOptions { verify: Verify::Nothing, ..TlsOptions::default() };
    let insecure = TransportOptions { tls, ..TransportOptions::default() };
    ask(&url(secure(&expired, None).await), insecure).await.result.expect("believed unseen");
}

#[tokio::test]
async fn a_server_that_wants_to_know_who_asks_is_given_the_certificate() {
    let authority = Authority::new();
    let address = secure(&authority.identity("localhost", |_| ()), Some(&authority.ca())).await;
    let nobody = ask(&url(address), trusting(&authority)).await;
    assert_tls(&nobody, "client certificate", "--tls-cert");

    let Identity { cert, key } = authority.identity("user", |_| ());
    let mut options = trusting(&authority);
    (options.tls.cert, options.tls.key) = (Some(cert), Some(key));
    ask(&url(address), options.clone()).await.result.expect("let in");

    options.tls.key = None;
    let endpoint = victor_wire::Endpoint::parse("https://localhost").expect("an address");
    let half = Target::new(endpoint.clone(), options.clone()).expect_err("half an identity");
    assert!(half.to_string().contains("--tls-key"), "{half}");
    options.tls.key = Some(authority.ca());
    let wrong = Target::new(endpoint, options).expect_err("no key").to_string();
    assert!(wrong.contains("--tls-key") && wrong.contains("ca.pem"), "{wrong}");
}

#[tokio::test]
async fn what_is_no_tls_server_is_told_so() {
    let plain = server(|mut peer| async move {
        let _ = peer.read(&mut [0; 1024]).await;
        let _ = peer.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    })
    .await;
    let asked = ask(&url(plain), TransportOptions::default()).await;
    assert_tls(&asked, "not TLS", "http://");
    let gone = server(|peer| async move { drop(peer) }).await;
    let asked = ask(&url(gone), TransportOptions::default()).await;
    assert_eq!(asked.kind(), FailureKind::Tls, "{asked:?}");
    let silent = server(|peer| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(peer);
    })
    .await;
    let users = Users::of(&url(silent), TransportOptions::default()).await;
    let limits = Limits { connect: Duration::from_millis(100), ..crate::support::LIMITS };
    let asked = users.send(&mut users.channel(), b"", &limits).await;
    assert_eq!(asked.kind(), FailureKind::Timeout(Phase::Tls), "{asked:?}");
}

#[tokio::test]
async fn a_server_without_the_version_asked_for_is_told_with_the_flag() {
    let authority = Authority::new();
    let address = secure(&authority.identity("localhost", |_| ()), None).await;
    let options = TransportOptions { http: HttpVersion::Two, ..trusting(&authority) };
    assert_tls(&ask(&url(address), options).await, "versions of HTTP", "--http-version");
}

#[tokio::test]
async fn a_body_until_close_that_tls_did_not_close_is_cut() {
    let authority = Authority::new();
    let acceptor = acceptor(&authority.identity("localhost", |_| ()), &["http/1.1"], None);
    let address = server(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut peer) = acceptor.accept(tcp).await else { return };
            request(&mut peer).await;
            let _ = peer.write_all(b"HTTP/1.1 200 OK\r\n\r\nhalf").await;
            let _ = peer.flush().await;
            // Without the alert that ends TLS, anybody may have ended the connection.
            drop(peer.into_inner().0);
        }
    })
    .await;
    let asked = ask(&url(address), trusting(&authority)).await;
    assert_eq!((asked.kind(), asked.heard.text().as_str()), (FailureKind::Cut, "half"));
}
