//! One client of the target, turn by turn: for what a whole run cannot show, such as when each
//! piece of an answer arrived, or what happens after the client hung up in the middle.
//!
//! It judges each answer as the users of a run do, and is never used to make load.

use super::case::{Context, TestError};
use super::plans;
use serde_json::Value;
use std::net::SocketAddr;
use std::rc::Rc;
use victor_clock::{Duration, Instant, now};
use victor_dialect::{Answer, Conversation, Decoder, Dialect, Failure, Turn};
use victor_engine::{settle, template};
use victor_plan::Method;
use victor_types::FailureKind;
use victor_users::{Expectation, Marker, Run as UserRun, judge};
use victor_wire::{
    Channel, Client, Endpoint, Head, Limits, Message, RequestTemplate, Sink, Target, Times,
    WireError,
};

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
    addresses: Vec<SocketAddr>,
    target: Target,
    client: Client,
    authorization: Option<String>,
    /// Of plain answers and of streamed ones.
    chat: [RequestTemplate; 2],
    plain: Dialect,
    stream: Dialect,
    limits: Limits,
    run: UserRun,
}

impl Door {
    /// Looks the target up and sees that it accepts connections.
    pub(super) async fn find(context: &Context<'_>) -> Result<Rc<Self>, TestError> {
        let address = &context.target;
        let unreachable = |why: String| TestError::Unreachable { host: address.host.clone(), why };
        let endpoint =
            Endpoint::parse(&address.host).map_err(|error| unreachable(error.to_string()))?;
        let target = Target::new(endpoint, address.transport.clone())
            .map_err(|error| unreachable(error.to_string()))?;
        let addresses = target.resolve().await.map_err(|error| unreachable(error.to_string()))?;
        let limits = Limits {
            connect: context.limits.connect,
            first_byte: context.limits.first_byte,
            stall: context.limits.stall,
            total: context.limits.total,
        };
        let client = Client::new(target.clone(), addresses.clone());
        client.reach(&limits).await.map_err(|error| unreachable(error.to_string()))?;
        // Any plan will do: what is asked of it is how the target is spoken to.
        let plan = plans::burst(context, 1)?;
        let (api, model) = settle(&plan, &target, &addresses).await?;
        let plain = Dialect::new(api).with_model(address.provider.clone(), model);
        let stream = plain.clone().with_stream(true);
        let authorization = address.api_key.as_ref().map(|key| format!("Bearer {}", key.expose()));
        Ok(Rc::new(Self {
            chat: [&plain, &stream].map(|way| template(&plan, &target, way, way.chat_path())),
            plain,
            stream,
            limits,
            run: UserRun::new(&(context.run_id)(), context.seed),
            addresses,
            target,
            client,
            authorization,
        }))
    }

    /// The first address of the target.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// Gets another route of the target. `None` when it gives no JSON.
    pub(super) async fn get(&self, path: &str) -> Option<(u16, Value)> {
        let template = self.target.get(path, &headers(self.authorization.as_ref()));
        self.call(&template, b"").await
    }

    /// Posts to another route of the target. `None` when it gives no JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let template = self.target.post_json(path, &headers(self.authorization.as_ref()));
        self.call(&template, body.to_string().as_bytes()).await
    }

    /// Deletes at a route of the target. `None` when nothing answers.
    pub(super) async fn delete(&self, path: &str) -> Option<u16> {
        let headers = headers(self.authorization.as_ref());
        let template = self.target.request(Method::Delete, path, &headers);
        self.fetch(&template, b"").await.map(|page| page.status)
    }

    async fn call(&self, template: &RequestTemplate, body: &[u8]) -> Option<(u16, Value)> {
        let page = self.fetch(template, body).await?;
        Some((page.status, serde_json::from_slice(&page.body).ok()?))
    }

    async fn fetch(&self, template: &RequestTemplate, body: &[u8]) -> Option<Page> {
        let request_id = format!("{}-call", self.run.id());
        let message = Message { template, request_id: &request_id, body };
        let (mut page, mut times) = (Page::default(), Times::default());
        let mut channel = self.client.channel();
        let began = now();
        self.client
            .exchange(&mut channel, message, &self.limits, began, &mut page, &mut times)
            .await
            .ok()?;
        Some(page)
    }
}

fn headers(authorization: Option<&String>) -> Vec<(&str, &str)> {
    authorization.into_iter().map(|key| ("authorization", key.as_str())).collect()
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
        let first = self.answer.as_ref().ok()?.stream.as_ref()?.first_output()?;
        Some(self.reads.last()?.saturating_duration_since(first))
    }
}

/// A user of the target with one session.
#[derive(Debug)]
pub(super) struct Probe {
    door: Rc<Door>,
    marker: Marker,
    user: u64,
    turns: u64,
    /// Where the server keeps none.
    conversation: Conversation,
    channel: Channel,
}

impl Probe {
    /// The user with this number. Numbers must differ within a test.
    pub(super) fn new(door: &Rc<Door>, user: u64) -> Self {
        let marker = door.run.marker(user, 0);
        Self {
            door: Rc::clone(door),
            marker,
            user,
            turns: 0,
            conversation: Conversation::default(),
            channel: door.client.channel(),
        }
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
        let turn = Turn { message: message.to_owned(), session_id, history, ..Turn::default() };
        let door = Rc::clone(&self.door);
        let dialect = if mode == Mode::Stream { &door.stream } else { &door.plain };
        let mut watched = Watched { decoder: dialect.decoder(), reads: Vec::new() };
        let request = dialect.encode(&turn, &self.conversation);
        let began = now();
        let exchanged = self.exchange(&request, mode, began, &mut watched).await;
        let ended = now();
        let Watched { decoder, reads } = watched;
        let answer = exchanged
            .map_err(|error| Failure::new(error.kind(), error.to_string()))
            .and_then(|()| decoder.finish())
            .and_then(|mut answer| {
                dialect.settle(&turn, &mut self.conversation, &mut answer);
                judge(&expectation, &answer).map(|()| answer)
            });
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
        // Dropped in the middle, the exchange has taken its connection along.
        self.channel = self.door.client.channel();
        cut_off
    }

    async fn exchange(
        &mut self,
        body: &[u8],
        mode: Mode,
        began: Instant,
        sink: &mut impl Sink,
    ) -> Result<(), WireError> {
        self.turns += 1;
        let id = format!("{}-{}-{}", self.door.run.id(), self.user, self.turns);
        let door = &self.door;
        let message = Message {
            template: &door.chat[usize::from(mode == Mode::Stream)],
            request_id: &id,
            body,
        };
        let mut times = Times::default();
        door.client
            .exchange(&mut self.channel, message, &door.limits, began, sink, &mut times)
            .await
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
