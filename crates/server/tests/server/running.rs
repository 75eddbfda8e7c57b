//! A server that runs in this process, on a free port, with a workspace and a truth log of its own.

use crate::client::Client;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use victor_server::{Profile, Server, ServerSettings};
use victor_types::TruthRecord;

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) place: TempDir,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// A server without service times, changed by `change`.
    pub(crate) async fn start(change: impl FnOnce(&mut ServerSettings)) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(place.path().join("workspace")).expect("a workspace");
        let mut settings = ServerSettings {
            address: ([127, 0, 0, 1], 0).into(),
            profile: Profile::Instant,
            workspace: place.path().join("workspace"),
            truth_log: Some(place.path().join("truth.jsonl")),
            ..ServerSettings::default()
        };
        change(&mut settings);
        let server = Server::bind(settings).await.expect("starts");
        let address = server.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        Self { address, place, stop: Some(stop), task }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.place.path().join("workspace")
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.workspace().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        std::fs::write(path, content).expect("written");
    }

    /// The truth records so far.
    pub(crate) fn records(&self) -> Vec<TruthRecord> {
        let text = std::fs::read_to_string(self.place.path().join("truth.jsonl")).expect("a log");
        text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
    }

    /// The truth record of `id`, waiting for it up to two seconds.
    pub(crate) async fn record(&self, id: &str) -> TruthRecord {
        for _ in 0..200 {
            if let Some(record) = self.records().into_iter().find(|r| r.request_id == id) {
                return record;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no record of {id}");
    }

    /// The diagnostics once they are as they should be, waiting for it up to five seconds.
    pub(crate) async fn diagnostics_when(&self, good: impl Fn(&Value) -> bool) -> Value {
        let mut client = self.client().await;
        let mut seen = Value::Null;
        for _ in 0..500 {
            seen = client.get("/api/v1/diagnostics").await.json();
            if good(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never so: {seen:#}");
    }

    /// Tells the server to stop.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub(crate) async fn stopped(self) {
        self.task.await.expect("it ran to its end");
    }
}
