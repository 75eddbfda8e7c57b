//! Sessions: memory, order, listing, limits.

use crate::running::Running;
use serde_json::json;
use std::time::Duration;
use victor_clock::now;
use victor_server::Profile;

#[tokio::test]
async fn a_session_remembers_and_another_does_not() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    client.chat("Remember: my code word is zebra.", Some("a")).await;
    let own = client.chat("What is my code word?", Some("a")).await;
    assert_eq!(own["response"], "Your code word is zebra.");
    assert_eq!(own["session_id"], "a");
    let other = client.chat("What is my code word?", Some("b")).await;
    assert!(other["response"].as_str().expect("text").contains("do not know"));
}

#[tokio::test]
async fn sessions_can_be_listed_read_and_deleted() {
    let server = Running::start(|_| {}).await;
    server.write("a.txt", "x\n");
    let mut client = server.client().await;
    client.chat("Count the lines in a.txt", Some("s:1")).await;
    client.chat("Message 1: hi", Some("s:1")).await;
    client.chat("Hi", Some("s:0")).await;
    let list = client.get("/api/v1/sessions").await.json();
    assert_eq!(list["count"], 2);
    let rows = &list["sessions"];
    assert_eq!(rows[0]["session_id"], "s:0");
    assert_eq!((&rows[1]["turns"], &rows[1]["messages"]), (&json!(2), &json!(6)));
    let few = client.get("/api/v1/sessions?limit=1").await.json();
    assert_eq!(few["sessions"].as_array().map(Vec::len), Some(1));
    let whole = client.get("/api/v1/sessions/s:1").await.json();
    let roles: Vec<&str> = whole["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .filter_map(|message| message["role"].as_str())
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "assistant", "user", "assistant"]);
    assert_eq!(whole["messages"][5]["content"], "Message 1 noted.");
    client.send("DELETE", "/api/v1/sessions/s:1", "", b"").await;
    assert_eq!(client.answer().await.json()["deleted"], true);
    let gone = client.get("/api/v1/sessions/s:1").await;
    assert_eq!(gone.refusal(), (404, "unknown_session".to_owned()));
    client.send("DELETE", "/api/v1/sessions/s:1", "", b"").await;
    assert_eq!(client.answer().await.head.status, 404);
}

#[tokio::test]
async fn turns_of_one_session_are_ordered_and_others_run_beside_them() {
    let server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    let start = now();
    let mut clients = Vec::new();
    for (n, session) in ["same", "same", "same", "other", "third"].into_iter().enumerate() {
        let mut client = server.client().await;
        let body = json!({ "message": format!("Message {n}: x"), "session_id": session });
        client.send("POST", "/api/v1/chat", "", body.to_string().as_bytes()).await;
        clients.push((session, client));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut ends = Vec::new();
    for (session, client) in &mut clients {
        client.answer().await;
        ends.push((*session, start.elapsed()));
    }
    // Each turn takes about 350 ms: three in a row over 700, one beside them far less.
    let records = server.records();
    let end = |session: &str| {
        let of_session = records.iter().filter(|r| r.session_id.as_deref() == Some(session));
        let ends: Vec<u64> = of_session.map(|r| r.last_write_ns - r.received_ns).collect();
        Duration::from_nanos(ends.into_iter().max().expect("records"))
    };
    assert!(end("same") > Duration::from_millis(600), "{ends:?}");
    assert!(end("other") < end("same") && end("third") < Duration::from_millis(650), "{ends:?}");
    let mut client = server.client().await;
    let kept = client.get("/api/v1/sessions/same").await.json();
    let told: Vec<&str> = (0..6).filter_map(|n| kept["messages"][n]["content"].as_str()).collect();
    let expected: Vec<String> =
        (0..3).flat_map(|n| [format!("Message {n}: x"), format!("Message {n} noted.")]).collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_is_over_the_history_limit_is_forgotten() {
    let server = Running::start(|settings| settings.max_history = 6).await;
    let mut client = server.client().await;
    client.chat("Remember: my code word is elm.", Some("s")).await;
    for n in 0..2 {
        client.chat(&format!("Message {n}: x"), Some("s")).await;
    }
    let known = client.chat("What is my code word?", Some("s")).await;
    assert_eq!(known["response"], "Your code word is elm.");
    // The answer itself repeats the word, but only the user's own messages count.
    let forgotten = client.chat("What is my code word?", Some("s")).await;
    assert!(forgotten["response"].as_str().expect("text").contains("do not know"), "{forgotten}");
}

#[tokio::test]
async fn the_longest_idle_session_makes_room_and_full_is_full() {
    let server = Running::start(|settings| {
        settings.max_sessions = 2;
        settings.profile = Profile::Fast;
    })
    .await;
    let mut client = server.client().await;
    for session in ["a", "b", "a", "c"] {
        client.chat("Hi", Some(session)).await;
    }
    let list = client.get("/api/v1/sessions").await.json();
    assert_eq!((&list["count"], &list["sessions"][1]["session_id"]), (&json!(2), &json!("c")));
    let mut busy = [server.client().await, server.client().await];
    for (client, session) in busy.iter_mut().zip(["a", "c"]) {
        let body = json!({ "message": "Hi", "session_id": session }).to_string();
        client.send("POST", "/api/v1/chat/stream", "", body.as_bytes()).await;
        client.head().await.expect("started");
    }
    let full = client.post("/api/v1/chat", &json!({ "message": "Hi", "session_id": "d" })).await;
    assert_eq!(full.refusal(), (503, "sessions_full".to_owned()));
    assert_eq!(full.head.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn unused_sessions_expire() {
    let ttl = Duration::from_millis(200);
    let server = Running::start(|settings| settings.session_ttl = ttl).await;
    let mut client = server.client().await;
    client.chat("Hi", Some("a")).await;
    assert_eq!(client.get("/api/v1/sessions").await.json()["count"], 1);
    tokio::time::sleep(ttl * 3).await;
    assert_eq!(client.get("/api/v1/sessions").await.json()["count"], 0);
}

#[tokio::test]
async fn a_session_can_be_created_before_its_first_turn() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    let path = "/api/v1/sessions";
    let wanted = json!({ "session_id": "s:1", "metadata": { "who": "ci" } });
    let made = client.post(path, &wanted).await;
    assert_eq!((made.head.status, &made.json()["turns"]), (201, &json!(0)));
    assert_eq!(client.post(path, &wanted).await.refusal(), (409, "session_exists".to_owned()));
    client.chat("Message 1: hi", Some("s:1")).await;
    let kept = client.get("/api/v1/sessions/s:1").await.json();
    assert_eq!((&kept["turns"], &kept["metadata"]["who"]), (&json!(1), &json!("ci")));
    let named = client.post(path, &json!({})).await.json();
    let id = named["session_id"].as_str().expect("an id").to_owned();
    assert!(id.starts_with("ses_"), "{id}");
    assert_eq!(client.get(&format!("{path}/{id}")).await.json()["messages"], json!([]));
    let page = client.get(&format!("{path}?limit=1")).await.json();
    assert_eq!((&page["count"], &page["next"]), (&json!(2), &json!("s:1")));
    let rest = client.get(&format!("{path}?limit=1&after=s:1")).await.json();
    assert_eq!((&rest["sessions"][0]["session_id"], &rest["next"]), (&json!(id), &json!(null)));
    for query in ["limit=0", "limit=1001", "limit=x"] {
        assert_eq!(client.get(&format!("{path}?{query}")).await.head.status, 422, "{query}");
    }
}

#[tokio::test]
async fn a_session_can_be_kept_as_a_file() {
    let server = Running::start(|_| {}).await;
    server.write("a.txt", "x\n");
    let mut client = server.client().await;
    client.chat("Count the lines in a.txt", Some("s:1")).await;
    let file = client.get("/api/v1/sessions/s:1/export").await;
    let name = file.head.header("content-disposition").expect("a file").to_owned();
    assert_eq!(name, "attachment; filename=\"session-s_1.json\"");
    assert_eq!(file.json(), client.get("/api/v1/sessions/s:1").await.json());
    let text = client.get("/api/v1/sessions/s:1/export?format=markdown").await;
    assert_eq!(text.head.header("content-type"), Some("text/markdown; charset=utf-8"));
    for part in [
        "# Session s:1",
        "## User\n\nCount the lines in a.txt",
        "Calls `count_lines`",
        "a.txt has 1 lines.",
    ] {
        assert!(text.text().contains(part), "{part} in\n{}", text.text());
    }
    let wrong = client.get("/api/v1/sessions/s:1/export?format=pdf").await;
    assert_eq!(wrong.refusal(), (422, "wrong_field".to_owned()));
    let none = client.get("/api/v1/sessions/none/export").await;
    assert_eq!(none.refusal(), (404, "unknown_session".to_owned()));
    let broken = client.get("/api/v1/sessions/%ff").await;
    assert_eq!(broken.refusal(), (400, "broken_path".to_owned()));
}

#[tokio::test]
async fn a_session_can_be_made_smaller_and_keeps_its_facts() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    for strategy in ["tiered", "hybrid", "summary", "truncation"] {
        client.chat("Remember: my code word is zebra.", Some(strategy)).await;
        for n in 0..30 {
            client.chat(&format!("Question {n}: how do closures work?"), Some(strategy)).await;
        }
        let path = format!("/api/v1/sessions/{strategy}");
        let body = json!({ "strategy": strategy });
        let told = client.post(&format!("{path}/compact"), &body).await.json();
        let number = |key: &str| told[key].as_u64().expect("a number");
        assert!(number("messages_after") < number("messages_before"), "{told}");
        assert!(number("tokens_freed") > 0 && number("bytes_freed") > 0, "{told}");
        let kept = client.get(&path).await.json();
        let left = kept["messages"].as_array().map(Vec::len);
        assert_eq!(left, usize::try_from(number("messages_after")).ok());
        let told = client.chat("What is my code word?", Some(strategy)).await;
        assert_eq!(told["response"], "Your code word is zebra.", "{strategy}");
    }
    let none = client.post("/api/v1/sessions/none/compact", &json!({})).await;
    assert_eq!(none.refusal(), (404, "unknown_session".to_owned()));
    assert_eq!(client.get("/api/v1/sessions").await.json()["count"], 4);
}
