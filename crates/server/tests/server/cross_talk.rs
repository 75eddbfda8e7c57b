//! The cross-talk fault: what it changes, and that the truth log knows each case.

use crate::running::Running;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_answers_are_exactly_those_on_record() {
    let server = Running::start(|settings| {
        settings.faults = vec!["cross-talk=5%".parse().expect("a fault")];
        settings.seed = 9;
    })
    .await;
    let mut users = Vec::new();
    for user in 0..8 {
        let mut client = server.client().await;
        users.push(tokio::spawn(async move {
            let (session, word) = (format!("s{user}"), format!("word{user}"));
            client.chat(&format!("My code word is {word}."), Some(&session)).await;
            let mut wrong = BTreeSet::new();
            for _ in 0..150 {
                let answer = client.chat("What is my code word?", Some(&session)).await;
                if answer["response"] != format!("Your code word is {word}.").as_str() {
                    wrong.insert(answer["request_id"].as_str().expect("an id").to_owned());
                }
            }
            wrong
        }));
    }
    let mut wrong = BTreeSet::new();
    for user in users {
        wrong.extend(user.await.expect("no panic"));
    }
    let records = server.records();
    let crossed: BTreeSet<String> = records
        .iter()
        .filter(|record| record.cross_talk_from.is_some())
        .map(|record| record.request_id.clone())
        .collect();
    assert_eq!(wrong, crossed);
    assert!((30..100).contains(&wrong.len()), "5 % of 1,200: {}", wrong.len());
    for record in records {
        assert_ne!(record.cross_talk_from, record.session_id);
    }
}

#[tokio::test]
async fn a_crossed_turn_that_changes_nothing_is_not_on_record() {
    let server =
        Running::start(|settings| settings.faults = vec!["cross-talk=1".parse().expect("a fault")])
            .await;
    let mut client = server.client().await;
    for session in ["a", "b"] {
        client.chat("How do I sort a list?", Some(session)).await;
        client.chat(&format!("Message 1: told to {session}"), Some(session)).await;
    }
    assert!(server.records().iter().all(|record| record.cross_talk_from.is_none()));
    let answer = client.chat("Recall message 1", Some("a")).await;
    assert_eq!(answer["response"], "Message 1 was: \"told to b\"");
    let record = server.records().pop().expect("a record");
    assert_eq!(record.cross_talk_from.as_deref(), Some("b"));
    // The session keeps what its client was told.
    let kept = client.get("/api/v1/sessions/a").await.json();
    assert_eq!(kept["messages"][5]["content"], answer["response"]);
    // A turn without a session has no history to mix up.
    let answer = client.chat("Recall message 1", None).await;
    assert_eq!(answer["response"], "I do not recall message 1.");
}
