//! The cache of answers.

use super::lru::Lru;
use crate::lock::lock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use victor_model::{Message, Role, Usage};

/// Most bytes of questions and answers kept.
const MOST_BYTES: usize = 64 << 20;

/// What an entry takes beside its text.
const OVERHEAD: usize = 256;

/// Everything an answer depends on, written out: two questions are the same only when every byte
/// is, so that no answer is ever given to another question.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question(Box<[u8]>);

impl Question {
    /// The question `messages` put to `model` of `provider`.
    pub(crate) fn new(
        messages: &[Arc<Message>],
        provider: Option<&str>,
        model: Option<&str>,
    ) -> Self {
        let text: usize = messages.iter().map(|message| message.content.len() + 9).sum();
        let mut bytes = Vec::with_capacity(text + 64);
        let mut put = |tag: u8, part: &str| {
            bytes.push(tag);
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        };
        for name in [provider, model] {
            put(u8::from(name.is_some()), name.unwrap_or(""));
        }
        for message in messages {
            put(role_tag(message.role), &message.content);
        }
        Self(bytes.into_boxed_slice())
    }

    /// The question itself, out of a place that still needs to know that there was one.
    pub(crate) fn take(&mut self) -> Self {
        Self(std::mem::take(&mut self.0))
    }
}

fn role_tag(role: Role) -> u8 {
    match role {
        Role::System => 2,
        Role::User => 3,
        Role::Assistant => 4,
        Role::Tool => 5,
    }
}

/// An answer as it was first given.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) text: Arc<str>,
    pub(crate) usage: Usage,
}

/// The answers kept.
#[derive(Debug)]
pub(crate) struct Answers {
    kept: Mutex<Lru<Question, Answered>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// What the cache holds and how it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
}

impl Answers {
    /// Room for `entries` answers.
    pub(crate) fn new(entries: usize) -> Self {
        let kept = Mutex::new(Lru::new(entries, MOST_BYTES));
        Self { kept, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// The answer to `question`, if it was given before.
    pub(crate) fn find(&self, question: &Question) -> Option<Answered> {
        let found = lock(&self.kept).get(question);
        let count = if found.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Keeps the answer to `question`.
    pub(crate) fn keep(&self, question: Question, text: &str, usage: Usage) {
        let bytes = question.0.len() + text.len() + OVERHEAD;
        lock(&self.kept).insert(question, Answered { text: text.into(), usage }, bytes);
    }

    pub(crate) fn tally(&self) -> Tally {
        let (entries, bytes) = {
            let kept = lock(&self.kept);
            (kept.len(), kept.bytes())
        };
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Tally { entries, bytes, hits: count(&self.hits), misses: count(&self.misses) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(texts: &[&str], provider: Option<&str>, model: Option<&str>) -> Question {
        let messages: Vec<_> = texts.iter().map(|&text| Arc::new(Message::user(text))).collect();
        Question::new(&messages, provider, model)
    }

    #[test]
    fn only_the_very_same_question_is_answered_from_the_cache() {
        let asked = || question(&["a", "b"], Some("p"), None);
        let answers = Answers::new(10);
        assert!(answers.find(&asked()).is_none());
        answers.keep(asked(), "told", Usage::default());
        assert_eq!(&*answers.find(&asked()).expect("kept").text, "told");
        let said = Arc::new(Message::assistant("a"));
        let others = [
            question(&["ab"], Some("p"), None),
            question(&["a", "b"], None, Some("p")),
            question(&["a", "b"], Some("p"), Some("")),
            question(&["b", "a"], Some("p"), None),
            Question::new(&[said, Arc::new(Message::user("b"))], Some("p"), None),
        ];
        for other in others {
            assert!(answers.find(&other).is_none(), "{other:?}");
        }
        let tally = answers.tally();
        assert_eq!((tally.entries, tally.hits, tally.misses), (1, 1, 6));
        assert!(tally.bytes > OVERHEAD);
    }
}
