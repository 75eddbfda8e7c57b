//! No fault on: nothing of the kind is seen, and nothing is on record.

use crate::load::{plain_on, streamed};
use crate::running::Running;
use serde_json::json;
use std::time::Duration;
use victor_types::ServerOutcome;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_faults_shows_none() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    client.chat("My code word is zebra.", Some("s")).await;
    for n in 0..150 {
        let body = json!({ "message": "What is my code word?", "session_id": "s" });
        let seen = plain_on(&mut client, &format!("p{n}"), &body).await;
        let answer = seen.answer.expect("whole");
        assert_eq!((seen.status, &answer["response"]), (200, &json!("Your code word is zebra.")));
        assert!(seen.took < Duration::from_millis(200), "{:?}", seen.took);
        let seen = streamed(&server, &format!("s{n}"), "What is a mutex?").await;
        assert!(seen.done() && seen.longest_gap() < Duration::from_millis(200));
        assert!(!seen.tokens().is_empty());
    }
    for record in server.records() {
        assert_eq!((record.outcome, record.faults.len()), (ServerOutcome::Complete, 0));
        assert!(record.cross_talk_from.is_none() && record.work_after_hangup_ns.is_none());
        assert!(record.token_ns.is_empty() && record.tokens > 0);
    }
    let metrics = client.get("/metrics").await;
    assert!(!metrics.text().contains("victor_faults_total{"), "{}", metrics.text());
}
