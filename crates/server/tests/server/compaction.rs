//! Sessions that outgrow the window: what is kept, what is lost, and who is told.

use crate::client::Client;
use crate::running::Running;
use serde_json::{Value, json};
use std::time::Duration;
use victor_server::{Profile, ServerSettings, Strategy, Thresholds};

/// A window for about twenty of the questions below, of which compaction leaves a third.
fn small(settings: &mut ServerSettings, strategy: Strategy) {
    settings.context_window = 900;
    settings.compaction = Some(strategy);
    settings.context_thresholds = "target=0.35".parse::<Thresholds>().expect("thresholds");
}

/// Small talk until the session was compacted at least `times`; the first turn is not the fact, so
/// that it is no strategy's task.
async fn long_talk(client: &mut Client, told: &str, times: u64) -> Value {
    client.chat("Let us talk about Rust.", Some("s")).await;
    client.chat(told, Some("s")).await;
    for n in 0..200 {
        client.chat(&format!("Question {n}: how do closures work in Rust?"), Some("s")).await;
        let session = client.get("/api/v1/sessions/s").await.json();
        if session["compactions"]["count"].as_u64() >= Some(times) {
            return session;
        }
    }
    panic!("never compacted");
}

async fn recalled(client: &mut Client) -> bool {
    let answer = client.chat("What is my code word?", Some("s")).await;
    answer["response"] == "Your code word is zebra."
}

#[tokio::test]
async fn a_fact_is_kept_by_those_strategies_that_sum_up_and_lost_by_the_others() {
    for (strategy, keeps) in [
        (Strategy::Truncation, false),
        (Strategy::Tiered, false),
        (Strategy::Summary, true),
        (Strategy::Hybrid, true),
    ] {
        let server = Running::start(|settings| small(settings, strategy)).await;
        let mut client = server.client().await;
        let session = long_talk(&mut client, "My code word is zebra.", 2).await;
        let latest = &session["compactions"]["latest"];
        assert_eq!(latest["strategy"], strategy.name());
        assert_eq!(latest["trigger"], "threshold");
        assert!(latest["tokens_after"].as_u64() < latest["tokens_before"].as_u64(), "{latest}");
        assert!(latest["tokens_after"].as_u64() <= Some(315), "{latest}");
        assert_eq!(recalled(&mut client).await, keeps, "{strategy}");
    }
}

#[tokio::test]
async fn what_the_user_wants_remembered_outlives_every_strategy() {
    for strategy in Strategy::ALL {
        let server = Running::start(|settings| small(settings, strategy)).await;
        let mut client = server.client().await;
        long_talk(&mut client, "Remember: my code word is zebra.", 2).await;
        assert!(recalled(&mut client).await, "{strategy}");
    }
}

#[tokio::test]
async fn without_compaction_everything_is_kept() {
    let server = Running::start(|settings| {
        small(settings, Strategy::Hybrid);
        settings.compaction = None;
    })
    .await;
    let mut client = server.client().await;
    client.chat("My code word is zebra.", Some("s")).await;
    for n in 0..40 {
        client.chat(&format!("Question {n}: how do closures work in Rust?"), Some("s")).await;
    }
    let session = client.get("/api/v1/sessions/s").await.json();
    assert_eq!(session["compactions"], json!({ "count": 0, "latest": null }));
    assert_eq!(session["context"]["level"], "critical");
    assert!(recalled(&mut client).await);
}

#[tokio::test]
async fn a_turn_that_may_not_fit_waits_and_its_record_says_so() {
    let server = Running::start(|settings| {
        small(settings, Strategy::Summary);
        settings.profile = Profile::Fast;
    })
    .await;
    let mut client = server.client().await;
    client.chat("My code word is zebra.", Some("s")).await;
    for n in 0..8 {
        client.chat(&format!("Question {n}: how do closures work in Rust?"), Some("s")).await;
    }
    let long = format!("Tell me about {}", "closures and ".repeat(110));
    let body = json!({ "message": long, "session_id": "s" }).to_string();
    client.send("POST", "/api/v1/chat", "X-Request-Id: long\r\n", body.as_bytes()).await;
    assert_eq!(client.answer().await.head.status, 200);
    let record = server.record("long").await;
    let told = record.compaction.expect("a compaction");
    assert_eq!((told.trigger.as_str(), told.summarized), ("overflow", true));
    assert!(told.tokens_after < told.tokens_before && told.messages_after < told.messages_before);
    // The model reads and writes the summary in its own time, before it begins with the turn.
    assert!(told.took_ns > 12_000_000, "{told:?}");
    let waited = record.started_ns.expect("begun") - record.queued_ns.expect("queued");
    assert!(waited >= told.took_ns, "{waited} of {told:?}");
    assert!(server.records().iter().filter(|record| record.compaction.is_some()).count() == 1);
    assert!(recalled(&mut client).await);
}

#[tokio::test]
async fn a_summary_after_a_turn_holds_its_slot_and_the_next_turn_waits_for_it() {
    let server = Running::start(|settings| {
        small(settings, Strategy::Summary);
        settings.profile = Profile::Cloud;
        settings.context_window = 200;
    })
    .await;
    let mut client = server.client().await;
    for n in 0..2 {
        let told = format!("My code word is zebra. Message {n}: {}", "and so on ".repeat(20));
        client.chat(&told, Some("s")).await;
    }
    let seen = server.diagnostics_when(|seen| seen["slots"]["used"] == 1).await;
    assert_eq!(seen["compaction"]["count"], 0);
    let body = json!({ "message": "What is my code word?", "session_id": "s" }).to_string();
    client.send("POST", "/api/v1/chat", "X-Request-Id: next\r\n", body.as_bytes()).await;
    let answer = client.answer().await.json();
    assert_eq!(answer["response"], "Your code word is zebra.");
    let told = server.record("next").await.compaction.expect("a compaction");
    assert_eq!((told.trigger.as_str(), told.summarized), ("threshold", true));
    // 300 ms before the first token alone.
    assert!(Duration::from_nanos(told.took_ns) > Duration::from_millis(200), "{told:?}");
    let seen = server.diagnostics_when(|seen| seen["slots"]["used"] == 0).await;
    assert_eq!(
        (&seen["compaction"]["count"], &seen["compaction"]["strategy"]),
        (&json!(1), &json!("summary"))
    );
    let text = client.get("/metrics").await.text().to_owned();
    let counted = "victor_compactions_total{strategy=\"summary\",trigger=\"threshold\"} 1";
    assert!(text.contains(counted), "{text}");
}
