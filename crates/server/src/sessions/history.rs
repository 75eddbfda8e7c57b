//! The messages of one session: a scoped service, which ends with the session.

use super::footprint;
use super::ledger::{Holdings, Ledger};
use crate::lock::lock;
use std::sync::{Arc, Mutex};
use victor_container::{BoxError, Dispose};
use victor_context::Weight;
use victor_model::{Message, Role};
use victor_types::CompactionTruth;

/// How much a session keeps; the oldest turns go first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionLimits {
    /// Messages.
    pub(crate) messages: usize,
    /// Bytes of their text.
    pub(crate) bytes: usize,
}

/// Longest tool result that stays in a history, in bytes; the answer made from it stays whole.
const KEPT_RESULT: usize = 4 << 10;

/// The conversation so far. Messages are shared, so a turn works on a cheap copy of the list and
/// adds to it only when it is complete.
#[derive(Debug)]
pub(crate) struct History {
    ledger: Arc<Ledger>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    messages: Vec<Arc<Message>>,
    weight: Weight,
    /// What the messages themselves hold.
    heap: usize,
    text: usize,
    /// What the session costs beside its messages.
    frame: usize,
    /// What is booked.
    booked: Holdings,
    turns: u64,
    compactions: u64,
    /// The latest compaction, and whether a turn has seen it.
    latest: Option<Box<CompactionTruth>>,
    seen: bool,
    over: bool,
}

/// How a history stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    pub(crate) turns: u64,
    pub(crate) messages: usize,
    pub(crate) weight: Weight,
    /// Bytes of memory, the session's own included.
    pub(crate) heap: u64,
    pub(crate) compactions: u64,
    pub(crate) latest: Option<CompactionTruth>,
}

impl History {
    pub(crate) fn new(ledger: Arc<Ledger>) -> Self {
        Self { ledger, kept: Mutex::default() }
    }

    /// Counts `bytes` for what the session costs beside its messages.
    pub(crate) fn frame(&self, bytes: usize) {
        self.change(|kept| kept.frame = bytes);
    }

    /// The messages, oldest first.
    pub(crate) fn messages(&self) -> Vec<Arc<Message>> {
        lock(&self.kept).messages.clone()
    }

    /// How it stands.
    pub(crate) fn standing(&self) -> Standing {
        let kept = lock(&self.kept);
        Standing {
            turns: kept.turns,
            messages: kept.messages.len(),
            weight: kept.weight,
            heap: kept.booked.heap,
            compactions: kept.compactions,
            latest: kept.latest.as_deref().cloned(),
        }
    }

    /// Turns that were completed.
    pub(crate) fn turns(&self) -> u64 {
        lock(&self.kept).turns
    }

    /// What the messages weigh.
    pub(crate) fn weight(&self) -> Weight {
        lock(&self.kept).weight
    }

    /// True once its session has ended.
    #[cfg(test)]
    pub(crate) fn is_over(&self) -> bool {
        lock(&self.kept).over
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.kept).messages.is_empty()
    }

    /// Adds the messages of one complete turn and forgets what is over the limits.
    pub(crate) fn commit(&self, turn: Vec<Arc<Message>>, limits: SessionLimits) {
        let turn: Vec<Arc<Message>> = turn.into_iter().map(abridged).collect();
        self.change(|kept| {
            kept.turns += 1;
            kept.add(turn);
            kept.trim(limits);
        });
    }

    /// Keeps `messages` in place of those there are, as `told`. The caller holds the turn.
    pub(crate) fn compacted(&self, messages: Vec<Arc<Message>>, told: CompactionTruth) {
        self.change(|kept| {
            kept.clear();
            kept.messages.reserve_exact(messages.len());
            kept.add(messages);
            kept.compactions += 1;
            kept.latest = Some(Box::new(told));
            kept.seen = false;
        });
    }

    /// The latest compaction, to the first who asks after it.
    pub(crate) fn unseen(&self) -> Option<CompactionTruth> {
        let mut kept = lock(&self.kept);
        if std::mem::replace(&mut kept.seen, true) {
            return None;
        }
        kept.latest.as_deref().cloned()
    }

    /// Changes what is kept, unless it has ended, and books the difference.
    fn change(&self, change: impl FnOnce(&mut Kept)) {
        let mut kept = lock(&self.kept);
        if kept.over {
            return;
        }
        change(&mut kept);
        let (before, after) = (kept.booked, kept.holdings());
        kept.booked = after;
        self.ledger.book(before, after);
    }
}

impl Dispose for History {
    fn dispose(&self) -> Result<(), BoxError> {
        self.change(|kept| {
            kept.clear();
            kept.frame = 0;
            kept.latest = None;
        });
        lock(&self.kept).over = true;
        Ok(())
    }
}

impl Kept {
    fn add(&mut self, messages: Vec<Arc<Message>>) {
        for message in &messages {
            self.weight += Weight::of(message);
            self.heap += footprint::of_message(message);
            self.text += message.content.len();
        }
        self.messages.extend(messages);
    }

    fn clear(&mut self) {
        self.messages = Vec::new();
        (self.weight, self.heap, self.text) = (Weight::default(), 0, 0);
    }

    /// Drops whole turns from the front: what remains begins with a user message. System text
    /// before it, such as a summary, stays where there is room.
    fn trim(&mut self, limits: SessionLimits) {
        let (mut count, mut bytes, mut cut) = (self.messages.len(), self.text, 0);
        if count <= limits.messages && bytes <= limits.bytes {
            return;
        }
        let system = |message: &&Arc<Message>| message.role == Role::System;
        let mut head = self.messages.iter().take_while(system).count();
        let held: usize = self.messages[..head].iter().map(|message| message.content.len()).sum();
        if head >= limits.messages || held >= limits.bytes {
            head = 0;
        }
        for message in &self.messages[head..] {
            let fits = count <= limits.messages && bytes <= limits.bytes;
            if fits && (cut == 0 || message.role == Role::User) {
                break;
            }
            cut += 1;
            count -= 1;
            bytes -= message.content.len();
        }
        for message in self.messages.drain(head..head + cut) {
            self.weight = self.weight - Weight::of(&message);
            self.heap -= footprint::of_message(&message);
        }
        self.text = bytes;
    }

    fn holdings(&self) -> Holdings {
        let list = footprint::of_list(self.messages.capacity());
        Holdings {
            messages: self.messages.len() as u64,
            text: self.text as u64,
            heap: (self.frame + self.heap + list) as u64,
        }
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

    fn history() -> (Arc<Ledger>, History) {
        let ledger = Arc::new(Ledger::default());
        (Arc::clone(&ledger), History::new(ledger))
    }

    fn texts(history: &History) -> Vec<String> {
        history.messages().iter().map(|message| message.content.clone()).collect()
    }

    fn note() -> CompactionTruth {
        CompactionTruth {
            strategy: "tiered".to_owned(),
            trigger: "manual".to_owned(),
            summarized: false,
            messages_before: 1,
            messages_after: 1,
            tokens_before: 1,
            tokens_after: 1,
            bytes_freed: 1,
            took_ns: 1,
        }
    }

    #[test]
    fn whole_turns_are_forgotten_oldest_first() {
        let (_, history) = history();
        let limits = SessionLimits { messages: 7, bytes: 1000 };
        for text in ["one", "two", "three"] {
            history.commit(turn(text), limits);
        }
        assert_eq!(texts(&history), ["two", "{}", "ok", "three", "{}", "ok"]);
        history.commit(turn(&"x".repeat(990)), limits);
        assert_eq!((history.messages().len(), history.turns()), (3, 4));
        history.commit(turn(&"x".repeat(2000)), limits);
        assert!(history.is_empty());
        history.commit(turn("again"), limits);
        assert_eq!(texts(&history), ["again", "{}", "ok"]);
    }

    #[test]
    fn a_summary_outlives_the_turns_that_are_forgotten() {
        let (_, history) = history();
        let limits = SessionLimits { messages: 5, bytes: 1000 };
        history.compacted(vec![Arc::new(Message::text(Role::System, "sum"))], note());
        for text in ["one", "two"] {
            history.commit(turn(text), limits);
        }
        assert_eq!(texts(&history), ["sum", "two", "{}", "ok"]);
    }

    #[test]
    fn long_tool_results_are_abridged() {
        let (_, history) = history();
        let long = "\u{e9}".repeat(KEPT_RESULT);
        let limits = SessionLimits { messages: 10, bytes: 1 << 20 };
        history.commit(vec![Arc::new(Message::tool_result("c", long))], limits);
        assert_eq!(history.messages()[0].content.len(), KEPT_RESULT);
    }

    #[test]
    fn what_is_held_is_booked_and_taken_off_in_the_end() {
        let (ledger, history) = history();
        let other = History::new(Arc::clone(&ledger));
        other.frame(100);
        history.frame(500);
        let limits = SessionLimits { messages: 7, bytes: 1000 };
        for text in ["one", "two", "three"] {
            history.commit(turn(text), limits);
        }
        let held = ledger.holdings();
        assert_eq!((held.messages, held.text), (6, 16));
        assert_eq!(history.weight(), Weight::of_all(&history.messages()));
        assert!(held.heap > 600 + 6 * 96 && history.standing().heap == held.heap - 100, "{held:?}");
        history.compacted(turn("four"), note());
        assert_eq!((ledger.holdings().messages, ledger.holdings().text), (3, 8));
        assert_eq!(history.unseen(), Some(note()));
        assert_eq!((history.unseen(), history.standing().latest), (None, Some(note())));
        history.dispose().expect("ended");
        // A turn that ends after its session leaves nothing behind.
        history.commit(turn("late"), limits);
        assert_eq!(ledger.holdings(), Holdings { heap: 100, ..Holdings::default() });
    }
}
