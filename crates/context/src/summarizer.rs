//! Who writes a summary.

use crate::pin::is_pinned;
use crate::weight::Tokens;
use std::sync::Arc;
use victor_model::{Message, digest};

/// Writes summaries at once. Whoever has to wait for one (a model) takes the two steps of
/// [`SummaryPlan`](crate::SummaryPlan) instead. Functions of this shape are summarisers, too.
pub trait Summarizer {
    /// Sums up `messages`, oldest first, in at most `limit` tokens. Empty when it cannot.
    fn summarize(&self, messages: &[Arc<Message>], limit: Tokens) -> String;
}

impl<F: Fn(&[Arc<Message>], Tokens) -> String> Summarizer for F {
    fn summarize(&self, messages: &[Arc<Message>], limit: Tokens) -> String {
        self(messages, limit)
    }
}

/// Sums up without waiting for a model, by excerpts: see [`digest`]. What is pinned is left out,
/// since it stays anyway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Excerpts;

impl Summarizer for Excerpts {
    fn summarize(&self, messages: &[Arc<Message>], limit: Tokens) -> String {
        let messages: Vec<&Message> =
            messages.iter().map(AsRef::as_ref).filter(|message| !is_pinned(message)).collect();
        digest(&messages, limit.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pinned_is_not_repeated() {
        let told = ["Remember: the word is fox.", "It rained."];
        let messages = told.map(|text| Arc::new(Message::user(text)));
        assert_eq!(Excerpts.summarize(&messages, Tokens(100)), "It rained.");
    }
}
