//! The leaks, measured in this process: one test, so that nothing else grows beside it.

#[path = "../server/client.rs"]
#[expect(dead_code, reason = "shared with the other areas")]
mod client;
#[path = "../server/running.rs"]
#[expect(dead_code, reason = "shared with the other areas")]
mod running;

use client::events;
use running::Running;
use serde_json::json;
use victor_server::Fault;
use victor_types::TruthRecord;

/// Resident anonymous memory in bytes.
fn resident() -> f64 {
    let status = procfs::process::Process::myself().and_then(|own| own.status()).expect("/proc");
    status.rssanon.expect("RssAnon") as f64 * 1024.0
}

fn open_files() -> usize {
    procfs::process::Process::myself().and_then(|own| own.fd_count()).expect("/proc")
}

fn touched(records: &[TruthRecord], name: &str) -> usize {
    records.iter().filter(|record| record.faults.iter().any(|fault| fault == name)).count()
}

/// What stayed after some turns. The server stays too, or its leaks would end with it.
struct Stayed {
    memory: f64,
    files: usize,
    records: Vec<TruthRecord>,
    _server: Running,
}

/// 300 turns on one connection, in 100 sessions when `sessions`.
async fn after_turns(faults: &[&str], sessions: bool) -> Stayed {
    let server = Running::start(|settings| {
        settings.faults =
            faults.iter().map(|text| text.parse::<Fault>().expect("a fault")).collect();
    })
    .await;
    let mut client = server.client().await;
    for _ in 0..200 {
        let answer = client.post("/api/v1/chat/stream", &json!({ "message": "Hi" })).await;
        assert!(!events(answer.text()).is_empty());
    }
    let (memory, files, warm) = (resident(), open_files(), server.records().len());
    for n in 0..300 {
        let session = sessions.then(|| format!("s{}", n / 3));
        client.chat("Hi", session.as_deref()).await;
    }
    let (memory, files) = (resident() - memory, open_files() - files);
    Stayed { memory, files, records: server.records().split_off(warm), _server: server }
}

#[tokio::test]
async fn each_leak_keeps_what_the_truth_log_says() {
    // What turns themselves leave behind, and the warmth of the allocator.
    let warm = after_turns(&[], false).await;
    let none = after_turns(&[], true).await;
    assert!(none.memory < 1.5e6 && none.files == 0, "{} bytes without a fault", none.memory);
    assert!(warm.records.iter().chain(&none.records).all(|record| record.faults.is_empty()));

    let requests = after_turns(&["leak-request=64KiB"], false).await;
    assert_eq!(touched(&requests.records, "leak_request"), 300);
    let (memory, kept) = (requests.memory, 300.0 * 65_536.0);
    assert!((memory / kept - 1.0).abs() < 0.2, "{memory} bytes, not {kept}");

    let sessions = after_turns(&["leak-session=100KiB"], true).await;
    assert_eq!(touched(&sessions.records, "leak_session"), 100);
    let (memory, kept) = (sessions.memory, 100.0 * 102_400.0);
    assert!((memory / kept - 1.0).abs() < 0.2, "{memory} bytes, not {kept}");

    let files = after_turns(&["leak-fd=0.2"], false).await;
    assert_eq!(files.files, touched(&files.records, "leak_fd"));
    assert!((40..=80).contains(&files.files), "a fifth of 300: {}", files.files);
}
