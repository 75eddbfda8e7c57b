//! One conversation.

use crate::lock::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{Mutex as TurnLock, MutexGuard as TurnGuard};
use victor_model::{Message, Role};

/// How much a session keeps; the oldest turns go first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionLimits {
    /// Messages.
    pub(crate) messages: usize,
    /// Bytes of their text.
    pub(crate) bytes: usize,
}

/// What the creator of a session says about it, in order of the keys.
pub(crate) type Metadata = BTreeMap<String, String>;

/// Longest tool result that stays in a history, in bytes; the answer made from it stays whole.
const KEPT_RESULT: usize = 4 << 10;

/// A conversation. Messages are shared, so a turn works on a cheap copy of the history and adds
/// to it only when it is complete.
#[derive(Debug)]
pub(crate) struct Session {
    id: Arc<str>,
    /// What its creator said about it; `None` for a session that began with its first turn.
    metadata: Option<Metadata>,
    turn: TurnLock<()>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    messages: Vec<Arc<Message>>,
    bytes: usize,
    turns: u64,
}

impl Session {
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self { id, metadata: None, turn: TurnLock::new(()), kept: Mutex::default() }
    }

    /// A session that was asked for: it is kept before it has a turn.
    pub(crate) fn declared(id: Arc<str>, metadata: Metadata) -> Self {
        Self { metadata: Some(metadata), ..Self::new(id) }
    }

    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    pub(crate) fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Waits for the turns before this one, in the order they came.
    pub(crate) async fn turn(&self) -> TurnGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The messages, oldest first.
    pub(crate) fn messages(&self) -> Vec<Arc<Message>> {
        lock(&self.kept).messages.clone()
    }

    /// How many turns were completed and how many messages are kept.
    pub(crate) fn counts(&self) -> (u64, usize) {
        let kept = lock(&self.kept);
        (kept.turns, kept.messages.len())
    }

    /// Bytes of text kept.
    pub(crate) fn bytes(&self) -> usize {
        lock(&self.kept).bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.kept).messages.is_empty()
    }

    /// Keeps `messages` in place of those there are. The caller holds the turn.
    pub(crate) fn replace(&self, messages: Vec<Arc<Message>>) {
        let mut kept = lock(&self.kept);
        kept.bytes = messages.iter().map(|message| message.content.len()).sum();
        kept.messages = messages;
    }

    /// Adds the messages of one complete turn and forgets what is over the limits.
    pub(crate) fn commit(&self, turn: Vec<Arc<Message>>, limits: SessionLimits) {
        let turn: Vec<Arc<Message>> = turn.into_iter().map(abridged).collect();
        let mut kept = lock(&self.kept);
        kept.turns += 1;
        kept.bytes += turn.iter().map(|message| message.content.len()).sum::<usize>();
        kept.messages.extend(turn);
        kept.trim(limits);
    }
}

impl Kept {
    /// Drops whole turns from the front: what remains begins with a user message.
    fn trim(&mut self, limits: SessionLimits) {
        let (mut count, mut bytes, mut cut) = (self.messages.len(), self.bytes, 0);
        for message in &self.messages {
            let fits = count <= limits.messages && bytes <= limits.bytes;
            if fits && (cut == 0 || message.role == Role::User) {
                break;
            }
            cut += 1;
            count -= 1;
            bytes -= message.content.len();
        }
        self.messages.drain(..cut);
        self.bytes = bytes;
    }
}

fn abridged(message: Arc<Message>) -> Arc<Message> {
    if message.role != Role::Tool || message.content.len() <= KEPT_RESULT {
        return message;
    }
    let mut end = KEPT_RESULT;
    while !message.content.is_char_boundary(end) {
        end -= 1;
    }
    let content = message.content[..end].to_owned();
    Arc::new(Message { content, ..Message::clone(&message) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(text: &str) -> Vec<Arc<Message>> {
        vec![
            Arc::new(Message::user(text)),
            Arc::new(Message::tool_result("c", "{}")),
            Arc::new(Message::assistant("ok")),
        ]
    }

    fn texts(session: &Session) -> Vec<String> {
        session.messages().iter().map(|message| message.content.clone()).collect()
    }

    #[test]
    fn whole_turns_are_forgotten_oldest_first() {
        let session = Session::new("s".into());
        let limits = SessionLimits { messages: 7, bytes: 1000 };
        for text in ["one", "two", "three"] {
            session.commit(turn(text), limits);
        }
        assert_eq!(texts(&session), ["two", "{}", "ok", "three", "{}", "ok"]);
        session.commit(turn(&"x".repeat(990)), limits);
        assert_eq!(session.messages().len(), 3);
        assert_eq!(session.counts(), (4, 3));
        session.commit(turn(&"x".repeat(2000)), limits);
        assert!(session.is_empty());
        session.commit(turn("again"), limits);
        assert_eq!(texts(&session), ["again", "{}", "ok"]);
    }

    #[test]
    fn long_tool_results_are_abridged() {
        let session = Session::new("s".into());
        let long = "\u{e9}".repeat(KEPT_RESULT);
        let limits = SessionLimits { messages: 10, bytes: 1 << 20 };
        session.commit(vec![Arc::new(Message::tool_result("c", long))], limits);
        assert_eq!(session.messages()[0].content.len(), KEPT_RESULT);
    }
}
