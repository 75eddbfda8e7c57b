//! Faults while the server runs.

use crate::running::Running;
use serde_json::{Value, json};

const PATH: &str = "/admin/faults";

fn names(answer: &Value) -> Vec<&str> {
    answer["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .filter_map(|f| f["fault"].as_str())
        .collect()
}

#[tokio::test]
async fn faults_are_set_counted_and_cleared() {
    let server = Running::start(|settings| {
        settings.admin = true;
        settings.faults = vec!["cut=0.5".parse().expect("a fault")];
    })
    .await;
    let mut client = server.client().await;
    assert_eq!(names(&client.get(PATH).await.json()), ["cut=0.5"]);
    let change = json!({ "set": ["error-in-200=100%", "stall=1ms@0"], "clear": ["cut"] });
    let answer = client.post(PATH, &change).await.json();
    assert_eq!(names(&answer), ["error-in-200=1", "stall=1ms@0"]);
    for _ in 0..3 {
        let answer = client.post("/api/v1/chat", &json!({ "message": "Hi" })).await;
        assert!(answer.json()["error"].is_object());
    }
    let shown = client.get(PATH).await.json();
    assert_eq!(
        (&shown["faults"][0]["turns"], &shown["faults"][1]["turns"]),
        (&json!(3), &json!(0))
    );
    client.post(PATH, &json!({ "clear": ["error_in_200", "stall"] })).await;
    assert!(names(&client.get(PATH).await.json()).is_empty());
    client.chat("Hi", None).await;
}

#[tokio::test]
async fn a_wrong_change_changes_nothing() {
    let server = Running::start(|settings| settings.admin = true).await;
    let mut client = server.client().await;
    for (change, part) in [
        (json!({ "set": ["cut=1", "gremlins=1"] }), "gremlins=1"),
        (json!({ "set": ["cut=1"], "clear": ["gremlins"] }), "gremlins"),
        (json!({ "set": "cut=1" }), "`set`"),
        (json!({ "sets": [] }), "sets"),
    ] {
        let answer = client.post(PATH, &change).await;
        assert_eq!(answer.refusal(), (422, "wrong_field".to_owned()), "{change}");
        assert!(answer.text().contains(part), "{}", answer.text());
    }
    client.send("POST", PATH, "Content-Type: text/plain\r\n", b"{}").await;
    assert_eq!(client.answer().await.head.status, 415);
    assert!(names(&client.get(PATH).await.json()).is_empty());
}

#[tokio::test]
async fn the_door_is_shut_unless_asked_for_and_to_those_without_a_key() {
    let server = Running::start(|_| {}).await;
    assert_eq!(server.client().await.get(PATH).await.refusal(), (404, "unknown_path".to_owned()));
    let server = Running::start(|settings| {
        settings.admin = true;
        settings.api_keys = vec!["k".parse().expect("a key")];
    })
    .await;
    let mut client = server.client().await;
    assert_eq!(client.get(PATH).await.refusal(), (401, "no_key".to_owned()));
    client.send("GET", PATH, "Authorization: Bearer k\r\n", b"").await;
    assert_eq!(client.answer().await.head.status, 200);
}

#[tokio::test]
async fn callers_of_another_address_are_refused() {
    // A caller counts as one of this machine by the address it calls from, so the machine's own
    // address on a network is a stranger's.
    let Ok(probe) = std::net::UdpSocket::bind("0.0.0.0:0") else { return };
    if probe.connect("192.0.2.1:9").is_err() {
        return;
    }
    let Ok(own) = probe.local_addr() else { return };
    let server = Running::start(|settings| {
        settings.admin = true;
        settings.allow_open = true;
        settings.address = (own.ip(), 0).into();
    })
    .await;
    let mut client = server.client().await;
    assert_eq!(client.get(PATH).await.refusal(), (403, "not_local".to_owned()));
    assert_eq!(client.get("/health").await.head.status, 200);
}
