//! What compaction did.

use crate::block::Outline;
use crate::strategy::Strategy;
use crate::weight::{Tokens, Weight};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use victor_model::Message;

/// Why a conversation is compacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// It reached the proactive threshold.
    Threshold,
    /// It reached the overflow threshold: the next turn waits for it.
    Overflow,
    /// Somebody asked for it.
    Manual,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Threshold => "threshold",
            Self::Overflow => "overflow",
            Self::Manual => "manual",
        })
    }
}

/// A conversation made smaller.
#[derive(Debug, Clone, PartialEq)]
pub struct Compaction {
    /// What remains, in its order; with a summary, if one was made, after the opening system text.
    pub kept: Vec<Arc<Message>>,
    /// What was taken out, in its order; also what the summary replaces.
    pub removed: Vec<Arc<Message>>,
    /// The summary among `kept`, if one was made.
    pub summary: Option<Arc<Message>>,
    /// Estimated tokens before, less those after.
    pub tokens_freed: Tokens,
    /// Bytes before, less those after.
    pub bytes_freed: u64,
    /// The strategy that was asked for.
    pub strategy: Strategy,
    /// Why it was asked for.
    pub trigger: Trigger,
}

impl Compaction {
    /// How many messages it began with: messages that came while a summary was being made are
    /// those of the conversation after this many, and belong after [`Self::kept`].
    #[must_use]
    pub fn covered(&self) -> usize {
        self.kept.len() + self.removed.len() - usize::from(self.summary.is_some())
    }

    /// Keeps of `outline` the blocks that `keep` marks.
    pub(crate) fn keeping(
        outline: &Outline<'_>,
        keep: &[bool],
        (strategy, trigger): (Strategy, Trigger),
    ) -> Self {
        let (kept, removed) = outline.split(keep);
        let freed = outline.weight() - outline.kept_weight(keep);
        Self {
            kept,
            removed,
            summary: None,
            tokens_freed: freed.tokens,
            bytes_freed: freed.bytes,
            strategy,
            trigger,
        }
    }

    /// The same with `summary` at `at` among the kept messages.
    pub(crate) fn with_summary(mut self, at: usize, summary: Arc<Message>) -> Self {
        let weight = Weight::of(&summary);
        self.tokens_freed = self.tokens_freed.saturating_sub(weight.tokens);
        self.bytes_freed = self.bytes_freed.saturating_sub(weight.bytes);
        self.kept.insert(at, Arc::clone(&summary));
        self.summary = Some(summary);
        self
    }
}
