//! Load and its reading.

use crate::client::{Client, events};
use crate::running::Running;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use victor_clock::now;
use victor_server::{Fault, ServerSettings};
use victor_types::TruthRecord;

/// Switches `text` on.
pub(crate) fn fault(text: &str) -> impl FnOnce(&mut ServerSettings) {
    move |settings| settings.faults = vec![text.parse::<Fault>().expect("a fault")]
}

/// One turn as its client saw it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) took: Duration,
    pub(crate) status: u16,
    /// When each event came, counted from the request, and the event; empty for plain turns.
    pub(crate) events: Vec<(Duration, Value)>,
    /// The plain answer; `None` when it was cut.
    pub(crate) answer: Option<Value>,
}

impl Seen {
    pub(crate) fn done(&self) -> bool {
        self.events.last().is_some_and(|event| event.1 == "[DONE]")
    }

    /// When the content events came.
    pub(crate) fn tokens(&self) -> Vec<Duration> {
        self.events.iter().filter(|event| event.1["type"] == "content").map(|e| e.0).collect()
    }

    /// The longest time between two tokens.
    pub(crate) fn longest_gap(&self) -> Duration {
        let times = self.tokens();
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }
}

/// A plain turn on a connection of its own.
pub(crate) async fn plain(server: &Running, id: &str, body: &Value) -> Seen {
    let mut client = server.client().await;
    plain_on(&mut client, id, body).await
}

pub(crate) async fn plain_on(client: &mut Client, id: &str, body: &Value) -> Seen {
    let start = now();
    let header = format!("X-Request-Id: {id}\r\n");
    client.send("POST", "/api/v1/chat", &header, body.to_string().as_bytes()).await;
    let answer = client.maybe_answer().await;
    Seen {
        id: id.to_owned(),
        took: start.elapsed(),
        status: answer.as_ref().map_or(200, |answer| answer.head.status),
        events: Vec::new(),
        answer: answer.map(|answer| answer.json()),
    }
}

/// A streamed turn on a connection of its own.
pub(crate) async fn streamed(server: &Running, id: &str, message: &str) -> Seen {
    let mut client = server.client().await;
    let start = now();
    let (header, body) = (format!("X-Request-Id: {id}\r\n"), json!({ "message": message }));
    client.send("POST", "/api/v1/chat/stream", &header, body.to_string().as_bytes()).await;
    let status = client.head().await.expect("a head").status;
    let mut seen = Vec::new();
    while let Some(chunk) = client.chunk().await {
        let at = start.elapsed();
        seen.extend(events(&chunk).into_iter().map(|event| (at, event)));
    }
    Seen { id: id.to_owned(), took: start.elapsed(), status, events: seen, answer: None }
}

/// The ids on record that `name` touched.
pub(crate) fn touched(records: &[TruthRecord], name: &str) -> BTreeSet<String> {
    let of = |record: &&TruthRecord| record.faults.iter().any(|fault| fault == name);
    records.iter().filter(of).map(|record| record.request_id.clone()).collect()
}

/// The ids of those of `seen` for which `fits`.
pub(crate) fn ids<'a>(
    seen: impl IntoIterator<Item = &'a Seen>,
    fits: impl Fn(&Seen) -> bool,
) -> BTreeSet<String> {
    seen.into_iter().filter(|seen| fits(seen)).map(|seen| seen.id.clone()).collect()
}

/// The value of a counter of `/metrics`; 0 when it is not there.
pub(crate) async fn counted(server: &Running, name: &str) -> usize {
    let answer = server.client().await.get("/metrics").await;
    let line = format!("victor_faults_total{{fault=\"{name}\"}} ");
    let found = answer.text().lines().find_map(|found| found.strip_prefix(&line));
    found.map_or(0, |count| count.parse().expect("a count"))
}
