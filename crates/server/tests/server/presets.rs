//! Kinds of assistants, over the wire.

use crate::client::{Client, events};
use crate::running::Running;
use serde_json::{Value, json};
use std::time::Duration;
use victor_clock::now;
use victor_server::{Preset, Profile};

async fn stream(client: &mut Client, message: &str) -> Vec<Value> {
    let answer = client.post("/api/v1/chat/stream", &json!({ "message": message })).await;
    assert_eq!(answer.head.status, 200);
    events(answer.text())
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["type"] == kind).collect()
}

#[tokio::test]
async fn an_agent_thinks_calls_tools_in_rounds_and_then_answers() {
    let server = Running::start(|settings| settings.preset = Some(Preset::CodingAgent)).await;
    server.write("src/a.rs", "fn parse() {}\n");
    let mut client = server.client().await;
    let (mut rounds, mut several, mut failed) = (0, 0, 0);
    for _ in 0..40 {
        let events = stream(&mut client, "Where is the parser slow?").await;
        assert_eq!(events.last().expect("events"), "[DONE]");
        let content = of(&events, "content");
        let text: String = content.iter().filter_map(|e| e["content"].as_str()).collect();
        assert!(!text.trim().is_empty());
        let results = of(&events, "tool_result");
        assert_eq!(results.len(), of(&events, "tool_call").len());
        failed += results.iter().filter(|r| r["tool_result"]["status"] != "ok").count();
        rounds += results.len();
        // It is thought over first, and the answer comes after the last result.
        assert_eq!(events[1]["content"], "");
        assert_eq!(events[2]["type"], "reasoning");
        let last = events.iter().rposition(|event| event["type"] == "tool_result");
        assert!(last < events.iter().rposition(|event| event["type"] == "content"));
        let tokens = of(&events, "usage")[0]["usage"]["completion_tokens"].as_u64();
        let chunks = content.len() + of(&events, "reasoning").len();
        several += usize::from(tokens > Some(2 * chunks as u64));
    }
    let mean = rounds as f64 / 40.0;
    assert!((6.0..15.0).contains(&mean), "8.3 rounds of 1.2 calls: {mean}");
    assert!(several > 20, "most replies have chunks of several tokens: {several}");
    assert_eq!(failed, 0, "it asks for what there is");
    for record in server.records() {
        assert!(record.tokens > 0 && record.faults.is_empty());
    }
}

#[tokio::test]
async fn an_agent_without_a_stream_takes_as_many_rounds() {
    let server = Running::start(|settings| settings.preset = Some(Preset::CodingAgent)).await;
    server.write("a.txt", "1\n2\n3\n");
    let mut client = server.client().await;
    let mut calls = 0;
    for _ in 0..20 {
        let answer = client.chat("Count the lines in a.txt", None).await;
        assert_eq!(answer["response"], "a.txt has 3 lines.");
        let all = answer["tool_calls"].as_array().expect("calls");
        assert_eq!(all[0]["name"], "count_lines");
        calls += all.len();
    }
    assert!(calls > 80, "{calls}");
}

#[tokio::test]
async fn a_silent_stream_says_that_it_is_alive() {
    for (keep_alive, comments) in [(Some(Duration::from_millis(60)), 2..9), (None, 0..1)] {
        let server = Running::start(|settings| {
            settings.profile = Profile::Cloud;
            settings.keep_alive = keep_alive;
        })
        .await;
        let mut client = server.client().await;
        let body = json!({ "message": "Message 1: x" });
        let answer = client.post("/api/v1/chat/stream", &body).await;
        let count = answer.text().split("\n\n").filter(|event| *event == ": keep-alive").count();
        assert!(comments.contains(&count), "{count} in {}", answer.text());
        assert!(answer.text().ends_with("data: [DONE]\n\n"));
    }
}

#[tokio::test]
async fn usage_can_be_left_out() {
    let server = Running::start(|settings| settings.usage = false).await;
    let mut client = server.client().await;
    let events = stream(&mut client, "Hi").await;
    assert!(of(&events, "usage").is_empty());
    assert_eq!(events.last().expect("events"), "[DONE]");
}

#[tokio::test]
async fn an_agent_takes_the_time_of_all_its_tokens() {
    let server = Running::start(|settings| {
        settings.preset = Some(Preset::CodingAgent);
        settings.profile = Profile::Fast;
    })
    .await;
    let mut client = server.client().await;
    let start = now();
    let events = stream(&mut client, "Where is the parser slow?").await;
    let took = start.elapsed().as_secs_f64();
    let tokens = of(&events, "usage")[0]["usage"]["completion_tokens"].as_u64().expect("tokens");
    // 1 ms a token, and what the rounds and their prompts take.
    assert!(took > 0.8e-3 * tokens as f64, "{took} s for {tokens}");
}
