//! `victor serve`: it starts, answers, refuses to start with one clear line, and stops in order.

use crate::support::{Ended, Place, Server, call, chat, stream_of, truth};
use rustix::process::Signal;
use serde_json::json;
use std::io::{BufRead as _, Read as _};
use std::net::{TcpListener, TcpStream};
use victor_types::ServerOutcome;

#[test]
fn it_answers_and_stops_on_termination() {
    let place = Place::new();
    let server = Server::start(&place, "");
    for path in ["/health", "/health/live", "/health/ready", "/api/v1/health"] {
        assert_eq!(call(server.address(), path, None).status, 200, "{path}");
    }
    let answer = chat(server.address(), "What is a race condition?");
    assert!(answer["response"].as_str().is_some_and(|text| !text.is_empty()), "{answer}");
    let host = server.host();
    server.signal(Signal::TERM);
    let ended = server.wait(10).with_code(0);
    assert_eq!(ended.out.lines().count(), 1, "the address is all its data: {ended}");
    assert!(ended.out.contains(&host), "{ended}");
}

#[test]
fn a_turn_in_flight_ends_before_the_server_does() {
    let place = Place::new();
    let server = Server::start(&place, "--profile cloud");
    let mut stream = stream_of(server.address(), "Explain what a closure is.");
    let mut text = String::new();
    while !text.contains("\"content\"") {
        assert_ne!(stream.read_line(&mut text).expect("a stream"), 0, "{text}");
    }
    assert!(!text.contains("[DONE]"), "the turn is still under way: {text}");
    let address = server.address();
    server.signal(Signal::TERM);
    stream.read_to_string(&mut text).expect("the rest of the stream");
    assert!(text.contains("data: [DONE]"), "the turn was cut: {text}");
    server.wait(10).with_code(0);
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    let records = truth(&place);
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [ServerOutcome::Complete]);
}

#[test]
fn the_drain_time_bounds_the_stop() {
    let place = Place::new();
    let server = Server::start(&place, "--profile cloud --drain 0 --seed 3");
    let mut stream = stream_of(server.address(), "Explain what a closure is.");
    let mut text = String::new();
    while !text.contains("\"content\"") {
        assert_ne!(stream.read_line(&mut text).expect("a stream"), 0, "{text}");
    }
    server.signal(Signal::INT);
    server.wait(10).with_code(0);
    // A reset is as much of a cut as an early end.
    let _ = stream.read_to_string(&mut text);
    assert!(!text.contains("[DONE]"), "{text}");
    let outcomes: Vec<_> = truth(&place).iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [ServerOutcome::Aborted]);
}

#[test]
fn what_cannot_be_served_is_said_in_one_line() {
    let place = Place::new();
    place.write("file", "");
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let own_pid = format!("(pid {})", std::process::id());
    let cases: [(&[&str], &[&str]); 9] = [
        (&["--port", &port], &["--port", &port, &own_pid]),
        (&["--workspace", "nowhere"], &["--workspace", "nowhere"]),
        (&["--workspace", "file"], &["--workspace", "file"]),
        (&["--truth-log", "nowhere/truth.jsonl"], &["--truth-log", "nowhere/truth.jsonl"]),
        (&["--host", "0.0.0.0"], &["--host", "VICTOR_API_KEYS", "--allow-open"]),
        (&["--host", "no such host"], &["--host", "no such host"]),
        (&["--fault", "cross-talk=200%"], &["--fault", "cross-talk=200%", "cross-talk=0.01"]),
        (&["--fault", "gremlins=1"], &["--fault", "gremlins=1", "cross-talk=SHARE"]),
        (&["--port", "99999"], &["--port", "99999"]),
    ];
    for (words, parts) in cases {
        let mut all = vec!["serve"];
        if words[0] != "--port" {
            all.extend(["--port", "0"]);
        }
        all.extend(words);
        refused(&place.victor(&all), parts);
    }
}

#[test]
fn a_bad_key_keeps_the_server_from_starting() {
    let place = Place::new();
    let ended =
        place.start(&["serve", "--port", "0"], &[("VICTOR_API_KEYS", "good,:ann")]).wait(10);
    refused(&ended, &["VICTOR_API_KEYS"]);
}

/// Exit code 2, nothing on standard output, and one line that has all of `parts`.
fn refused(ended: &Ended, parts: &[&str]) {
    assert_eq!((ended.code(), ended.out.as_str()), (2, ""), "{ended}");
    for part in parts {
        assert!(ended.error().contains(part), "`{part}` is not said: {ended}");
    }
}

#[test]
fn only_the_keys_open_it() {
    let place = Place::new();
    let server = Server::with_env(&place, "", &[("VICTOR_API_KEYS", "open-sesame:ann")]);
    let body = json!({ "message": "hello" });
    assert_eq!(call(server.address(), "/api/v1/chat", Some(&body)).status, 401);
    assert_eq!(call(server.address(), "/health", None).status, 200, "probes need no key");
    let env = [("VICTOR_API_KEY", "open-sesame")];
    let host = server.host();
    let words = ["load", "--headless", "--host", &host, "--run-time", "2", "--report-json", "r"];
    place.start(&words, &env).wait(20);
    let report = crate::support::report(&place, "r");
    assert!(report.total.succeeded > 0 && report.total.failed == 0, "{report:?}");
    assert!(!place.read("r").contains("open-sesame"), "a key is never written");
}
