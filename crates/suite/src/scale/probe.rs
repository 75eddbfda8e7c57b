//! One client of the target, turn by turn: for what a whole run cannot show, such as when each
//! piece of an answer arrived, or what happens after the client hung up in the middle.
//!
//! It judges each answer as the users of a run do, and is never used to make load.

use super::case::{Context, TestError};
use serde_json::Value;
use std::sync::Arc;
use victor_clock::{Duration, Instant, now};
use victor_dialect::{Answer, Decoder, Dialect, Failure, Turn};
use victor_types::FailureKind;
use victor_users::{Expectation, Marker, Run as UserRun, judge};
use victor_wire::{Connection, Endpoint, Head, Limits, RequestTemplate, Sink, Times, WireError};

/// Largest body of another route that is read, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// Whether an answer is asked for as a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Plain,
    Stream,
}

/// The way to the target, shared by the probes of a test.
#[derive(Debug)]
pub(super) struct Door {
    addresses: Vec<std::net::SocketAddr>,
    endpoint: Endpoint,
    authorization: Option<String>,
    template: RequestTemplate,
    plain: Dialect,
    stream: Dialect,
    limits: Limits,
    run: UserRun,
}

impl Door {
    /// Looks the target up.
    pub(super) async fn find(context: &Context<'_>) -> Result<Arc<Self>, TestError> {
        let target = &context.target;
        let unreachable = |why: String| TestError::Unreachable { host: target.host.clone(), why };
        let endpoint =
            Endpoint::parse(&target.host).map_err(|error| unreachable(error.to_string()))?;
        let addresses = endpoint.resolve().await.map_err(|error| unreachable(error.to_string()))?;
        Connection::open(&addresses, context.limits.connect)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let plain = Dialect::victor().with_model(target.provider.clone(), target.model.clone());
        let authorization = target.api_key.as_ref().map(|key| format!("Bearer {}", key.expose()));
        let headers: Vec<(&str, &str)> =
            authorization.iter().map(|key| ("authorization", key.as_str())).collect();
        let limits = context.limits;
        Ok(Arc::new(Self {
            template: RequestTemplate::post_json(&endpoint, plain.chat_path(), &headers),
            stream: plain.clone().with_stream(true),
            plain,
            limits: Limits {
                connect: limits.connect,
                first_byte: limits.first_byte,
                stall: limits.stall,
                total: limits.total,
            },
            run: UserRun::new(&(context.run_id)(), context.seed),
            addresses,
            endpoint,
            authorization,
        }))
    }

    /// The first address of the target.
    pub(super) fn address(&self) -> Option<std::net::SocketAddr> {
        self.addresses.first().copied()
    }

    /// Calls another route of the target, on a connection of its own. `None` when it gives no JSON.
    pub(super) async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Option<(u16, Value)> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let authorization = self
            .authorization
            .as_ref()
            .map(|key| format!("authorization: {key}\r\n"))
            .unwrap_or_default();
        let request = format!(
            "{method} {} HTTP/1.1\r\nhost: {}\r\n{authorization}content-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.endpoint.path(path),
            self.endpoint.authority(),
            body.len(),
        );
        let mut connection = Connection::open(&self.addresses, self.limits.connect).await.ok()?;
        let (mut page, mut times) = (Page::default(), Times::default());
        let began = now();
        connection
            .exchange(request.as_bytes(), &self.limits, began, &mut page, &mut times)
            .await
            .ok()?;
        Some((page.status, serde_json::from_slice(&page.body).ok()?))
    }
}

/// What a probe heard.
#[derive(Debug)]
pub(super) struct Heard {
    /// The judged answer.
    pub(super) answer: Result<Answer, Failure>,
    /// From the hand-over of the request to the last byte, or to the failure.
    pub(super) took: Duration,
    /// When reads brought parts of the body, in order.
    pub(super) reads: Vec<Instant>,
}

impl Heard {
    /// From the first piece of text to the last byte of a right answer that was streamed.
    pub(super) fn speaking(&self) -> Option<Duration> {
        let first = self.answer.as_ref().ok()?.first_token?;
        Some(self.reads.last()?.saturating_duration_since(first))
    }
}

/// A user of the target with one session.
#[derive(Debug)]
pub(super) struct Probe {
    door: Arc<Door>,
    marker: Marker,
    user: u64,
    turns: u64,
    connection: Option<Connection>,
}

impl Probe {
    /// The user with this number. Numbers must differ within a test.
    pub(super) fn new(door: &Arc<Door>, user: u64) -> Self {
        let marker = door.run.marker(user, 0);
        Self { door: Arc::clone(door), marker, user, turns: 0, connection: None }
    }

    /// Id of its session.
    pub(super) fn session_id(&self) -> String {
        self.marker.session_id()
    }

    /// Its code word, which no other probe has.
    pub(super) fn word(&self) -> String {
        self.marker.to_string()
    }

    /// Tells the session its code word.
    pub(super) async fn tell(&mut self) -> Heard {
        let message = format!("Remember: my code word is {}.", self.marker);
        self.say(&message, Vec::new(), None, Mode::Plain).await
    }

    /// Asks for the code word, which must be in the answer.
    pub(super) async fn recall(&mut self, lead: &str, mode: Mode) -> Heard {
        self.recall_with(lead, Vec::new(), mode).await
    }

    /// The same, with messages sent along as context.
    pub(super) async fn recall_with(
        &mut self,
        lead: &str,
        history: Vec<String>,
        mode: Mode,
    ) -> Heard {
        let message = format!("{lead} What is my code word?");
        let wanted = self.word();
        self.say(&message, history, Some(wanted), mode).await
    }

    /// A turn of its session, judged.
    pub(super) async fn say(
        &mut self,
        message: &str,
        history: Vec<String>,
        recalls: Option<String>,
        mode: Mode,
    ) -> Heard {
        let session_id = Some(self.session_id());
        let expectation = Expectation {
            session_id: session_id.clone(),
            marker: Some(self.marker.clone()),
            recalls,
            tool: false,
        };
        let turn = Turn { message: message.to_owned(), session_id, history };
        let dialect = if mode == Mode::Stream { &self.door.stream } else { &self.door.plain };
        let mut watched = Watched { decoder: dialect.decoder(), reads: Vec::new() };
        let request = dialect.encode(&turn);
        let began = now();
        let exchanged = self.exchange(&request, began, &mut watched).await;
        let ended = now();
        let Watched { decoder, reads } = watched;
        let answer = exchanged
            .map_err(|error| Failure::new(error.kind(), error.to_string()))
            .and_then(|()| decoder.finish())
            .and_then(|answer| judge(&expectation, &answer).map(|()| answer));
        let done = if answer.is_ok() { reads.last().copied().unwrap_or(ended) } else { ended };
        Heard { answer, took: done.saturating_duration_since(began), reads }
    }

    /// Begins a turn and hangs up after `after`. False when it was answered before that, or could
    /// not be begun.
    pub(super) async fn hang_up(
        &mut self,
        message: &str,
        history: Vec<String>,
        mode: Mode,
        after: Duration,
    ) -> bool {
        let spoken = self.say(message, history, None, mode);
        let cut_off = tokio::time::timeout(after, spoken).await.is_err();
        self.connection = None;
        cut_off
    }

    async fn exchange(
        &mut self,
        body: &[u8],
        began: Instant,
        sink: &mut impl Sink,
    ) -> Result<(), WireError> {
        self.turns += 1;
        let id = format!("{}-{}-{}", self.door.run.id(), self.user, self.turns);
        let request = self.door.template.render(&id, body);
        let limits = &self.door.limits;
        let mut open = match self.connection.take().filter(Connection::is_usable) {
            Some(open) => open,
            None => Connection::open(&self.door.addresses, limits.connect).await?,
        };
        let mut times = Times::default();
        open.exchange(&request, limits, began, sink, &mut times).await?;
        self.connection = Some(open);
        Ok(())
    }
}

/// How a probe's turn failed, for people.
pub(super) fn why(failure: &Failure) -> String {
    let wanted = failure.expected.as_ref().map(|text| format!(", expected {text}"));
    let kind: FailureKind = failure.kind;
    format!("{kind}: {}{}", failure.seen, wanted.unwrap_or_default())
}

/// A decoder that also keeps when its bytes came.
struct Watched {
    decoder: Decoder,
    reads: Vec<Instant>,
}

impl Sink for Watched {
    fn head(&mut self, head: &Head, at: Instant) {
        self.decoder.head(head, at);
    }

    fn data(&mut self, data: &[u8], at: Instant) {
        if self.reads.last() != Some(&at) {
            self.reads.push(at);
        }
        self.decoder.data(data, at);
    }
}

/// A response of another route.
#[derive(Default)]
struct Page {
    status: u16,
    body: Vec<u8>,
}

impl Sink for Page {
    fn head(&mut self, head: &Head, _at: Instant) {
        self.status = head.status;
    }

    fn data(&mut self, data: &[u8], _at: Instant) {
        let room = LARGEST.saturating_sub(self.body.len());
        self.body.extend_from_slice(&data[..data.len().min(room)]);
    }
}
