//! Sessions whose history the model is not shown.

use crate::load::{fault, ids, plain_on, touched};
use crate::running::Running;
use serde_json::json;

#[tokio::test]
async fn what_is_forgotten_is_exactly_what_is_on_record() {
    let server = Running::start(fault("forget=10%")).await;
    let mut client = server.client().await;
    client.chat("My code word is zebra.", Some("s")).await;
    let mut seen = Vec::new();
    for n in 0..300 {
        let body = json!({ "message": "What is my code word?", "session_id": "s" });
        seen.push(plain_on(&mut client, &format!("t{n}"), &body).await);
    }
    let lost = ids(&seen, |seen| {
        let answer = seen.answer.as_ref().expect("an answer");
        !answer["response"].as_str().expect("text").contains("zebra")
    });
    assert_eq!(lost, touched(&server.records(), "forget"));
    assert!((15..48).contains(&lost.len()), "10 % of 300: {}", lost.len());
}

#[tokio::test]
async fn forgetting_that_changes_nothing_is_not_on_record() {
    let server = Running::start(fault("forget=1")).await;
    let mut client = server.client().await;
    for n in 0..5 {
        client.chat(&format!("Message {n}: x"), Some("s")).await;
    }
    assert!(touched(&server.records(), "forget").is_empty());
}
