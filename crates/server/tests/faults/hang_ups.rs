//! Work that goes on after its client hung up, and work that does not.

use crate::running::Running;
use serde_json::json;
use std::time::Duration;
use victor_clock::now;
use victor_server::Profile;
use victor_types::ServerOutcome;

async fn in_flight(server: &Running) -> i64 {
    let answer = server.client().await.get("/metrics").await;
    let line = answer.text().lines().find_map(|line| line.strip_prefix("victor_turns_in_flight "));
    line.expect("a gauge").parse().expect("a number")
}

/// Hangs up on a turn of about 350 ms (two when long) after 100 ms, and waits for its end.
async fn hang_up(server: &Running, path: &str, id: &str, message: &str) {
    let mut client = server.client().await;
    let body = json!({ "message": message, "session_id": id }).to_string();
    let header = format!("X-Request-Id: {id}\r\n");
    client.send("POST", path, &header, body.as_bytes()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(client);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_goes_on_up_to_its_limit_and_holds_its_place() {
    let server = Running::start(|settings| {
        settings.profile = Profile::Cloud;
        settings.faults = vec!["work-after-hangup=600ms".parse().expect("a fault")];
    })
    .await;
    for path in ["/api/v1/chat", "/api/v1/chat/stream"] {
        let id = path.replace('/', "-");
        let gone = now();
        // About 350 ms of work: it ends by itself, and the session keeps it.
        hang_up(&server, path, &format!("short{id}"), "Message 1: x").await;
        assert_eq!(in_flight(&server).await, 1, "{path}");
        let record = server.record(&format!("short{id}")).await;
        let own = (gone.elapsed() - Duration::from_millis(100)).as_secs_f64();
        let truth = record.work_after_hangup_ns.expect("worked on") as f64 / 1e9;
        assert!((0.1..0.55).contains(&truth) && (own / truth - 1.0).abs() < 0.2, "{own} {truth}");
        assert_eq!(
            (record.outcome, record.faults.as_slice()),
            (ServerOutcome::Aborted, &["work_after_hangup".to_owned()][..])
        );
        let kept = server.client().await.get(&format!("/api/v1/sessions/short{id}")).await;
        assert_eq!(kept.json()["turns"], 1, "{path}");
        // Over a second of work: it is stopped at the limit.
        hang_up(&server, path, &format!("long{id}"), "Please tell me a long story").await;
        let record = server.record(&format!("long{id}")).await;
        let truth = record.work_after_hangup_ns.expect("worked on") as f64 / 1e9;
        assert!((0.59..0.72).contains(&truth), "{truth}");
        assert_eq!(in_flight(&server).await, 0, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_fault_the_place_is_free_within_a_second() {
    let server = Running::start(|settings| settings.profile = Profile::Cloud).await;
    for path in ["/api/v1/chat", "/api/v1/chat/stream"] {
        let id = path.replace('/', "-");
        hang_up(&server, path, &id, "Please tell me a long story").await;
        let gone = now();
        let record = server.record(&id).await;
        assert!(gone.elapsed() < Duration::from_millis(500), "{path}");
        assert_eq!((record.work_after_hangup_ns, record.outcome), (None, ServerOutcome::Aborted));
        assert_eq!(in_flight(&server).await, 0);
    }
}
