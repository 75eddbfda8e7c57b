//! Redirects: reported, or followed as far as allowed.

use crate::support::{Users, ask, request, server};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;
use victor_plan::TransportOptions;
use victor_types::FailureKind;

type Log = Arc<Mutex<Vec<String>>>;

/// Redirects `/chat` with `status` to `location`, answers all else, and writes requests down.
async fn redirecting(status: u16, location: String, log: Log) -> SocketAddr {
    server(move |mut peer| {
        let (location, log) = (location.clone(), log.clone());
        async move {
            while let Some(text) = request(&mut peer).await {
                let answer = if text.contains(" /chat ") {
                    format!("{status} Go\r\nlocation: {location}\r\nset-cookie: a=1\r\ncontent-length: 5\r\n\r\nmoved")
                } else {
                    "200 OK\r\ncontent-length: 2\r\n\r\nhi".to_owned()
                };
                log.lock().expect("a log").push(text);
                let _ = peer.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await;
            }
        }
    })
    .await
}

fn following(redirects: u32) -> TransportOptions {
    TransportOptions { redirects, ..TransportOptions::default() }
}

#[tokio::test]
async fn a_redirect_is_the_answer_unless_it_is_to_be_followed() {
    let address = redirecting(302, "/new".to_owned(), Log::default()).await;
    let asked = ask(&format!("http://{address}"), TransportOptions::default()).await;
    asked.result.as_ref().expect("an answer");
    assert_eq!((asked.heard.status(), asked.heard.text().as_str()), (302, "moved"));
    assert_eq!(asked.heard.head.and_then(|head| head.location).as_deref(), Some("/new"));
}

#[tokio::test]
async fn a_followed_redirect_is_heard_at_its_end_alone() {
    for (status, verb) in [(307, "POST"), (308, "POST"), (302, "GET"), (303, "GET")] {
        let log = Log::default();
        let address = redirecting(status, "new?x=1#y".to_owned(), log.clone()).await;
        let users = Users::of(&format!("http://{address}"), following(1)).await;
        let asked = users.ask(&mut users.channel()).await;
        asked.result.as_ref().expect("an answer");
        assert_eq!((asked.heard.status(), asked.heard.text().as_str()), (200, "hi"));
        let log = log.lock().expect("a log");
        assert_eq!(log.len(), 2);
        assert!(log[1].starts_with(&format!("{verb} /new?x=1 HTTP/1.1\r\n")), "{}", log[1]);
        assert_eq!(log[1].ends_with("{}"), verb == "POST", "{}", log[1]);
        assert!(log[1].contains("cookie: a=1") && log[1].contains("Bearer key"), "{}", log[1]);
        assert!(asked.times.sent < asked.times.first_byte);
    }
}

#[tokio::test]
async fn another_host_is_shown_neither_keys_nor_cookies() {
    let (there_log, log) = (Log::default(), Log::default());
    let there = redirecting(200, String::new(), there_log.clone()).await;
    let address = redirecting(307, format!("http://{there}/new"), log).await;
    ask(&format!("http://{address}"), following(1)).await.result.expect("an answer");
    let log = there_log.lock().expect("a log");
    assert!(!log[0].contains("Bearer") && !log[0].contains("cookie"), "{}", log[0]);
}

#[tokio::test]
async fn a_loop_ends_at_the_limit_and_a_wrong_address_at_once() {
    let log = Log::default();
    let address = redirecting(307, "/chat".to_owned(), log.clone()).await;
    let asked = ask(&format!("http://{address}"), following(3)).await;
    asked.result.as_ref().expect("the last redirect is the answer");
    assert_eq!((asked.heard.status(), log.lock().expect("a log").len()), (307, 4));

    let address = redirecting(307, "mailto:a@b".to_owned(), Log::default()).await;
    let asked = ask(&format!("http://{address}"), following(1)).await;
    assert_eq!(asked.kind(), FailureKind::HttpStatus(307), "{asked:?}");
    assert!(asked.reason().contains("mailto:a@b"), "{}", asked.reason());
}
