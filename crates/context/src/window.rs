//! A model's context window and how full a conversation makes it.

use crate::compaction::Trigger;
use crate::thresholds::{Level, ThresholdError, Thresholds};
use crate::weight::{Tokens, Weight};
use serde::Serialize;

/// How many tokens a conversation may have, and from where on it is made smaller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContextWindow {
    limit: Tokens,
    thresholds: Thresholds,
}

/// How much of a [`ContextWindow`] a conversation takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ContextMetrics {
    /// Messages.
    pub messages: u64,
    /// Characters; see [`Weight::characters`].
    pub characters: u64,
    /// Bytes; see [`Weight::bytes`].
    pub bytes: u64,
    /// Estimated tokens; see [`Weight::tokens`].
    pub estimated_tokens: Tokens,
    /// Estimated tokens as a share of the window; above 1 when they do not fit.
    pub utilization: f64,
    /// What that share means.
    pub level: Level,
}

impl ContextWindow {
    /// A window of `limit` tokens.
    ///
    /// # Errors
    ///
    /// [`ThresholdError::Empty`] when `limit` is 0.
    pub fn try_new(limit: Tokens, thresholds: Thresholds) -> Result<Self, ThresholdError> {
        if limit == Tokens(0) {
            return Err(ThresholdError::Empty);
        }
        Ok(Self { limit, thresholds })
    }

    /// How many tokens fit.
    #[must_use]
    pub fn limit(&self) -> Tokens {
        self.limit
    }

    /// How full a conversation of this weight makes the window.
    #[must_use]
    pub fn metrics(&self, weight: Weight) -> ContextMetrics {
        let utilization = as_f64(weight.tokens.0) / as_f64(self.limit.0);
        ContextMetrics {
            messages: weight.messages,
            characters: weight.characters,
            bytes: weight.bytes,
            estimated_tokens: weight.tokens,
            utilization,
            level: self.thresholds.level(utilization),
        }
    }

    /// Why the conversation should be compacted now; `None` while it need not be.
    #[must_use]
    pub fn due(&self, metrics: &ContextMetrics) -> Option<Trigger> {
        match metrics.level {
            Level::Normal | Level::Warning => None,
            Level::Proactive => Some(Trigger::Threshold),
            Level::Overflow | Level::Critical => Some(Trigger::Overflow),
        }
    }

    /// How many tokens compaction should leave.
    #[must_use]
    pub fn target(&self) -> Tokens {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count is a count"
        )]
        Tokens((as_f64(self.limit.0) * self.thresholds.shares().target) as u64)
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 9e15 tokens")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tokens: u64) -> Weight {
        Weight { messages: 1, characters: 2, bytes: 3, tokens: Tokens(tokens) }
    }

    #[test]
    fn a_window_says_when_and_to_what() {
        let window = ContextWindow::try_new(Tokens(1000), Thresholds::default()).expect("valid");
        let due = |tokens| window.due(&window.metrics(of(tokens)));
        assert_eq!(due(749), None);
        assert_eq!(due(750), Some(Trigger::Threshold));
        assert_eq!(due(850), Some(Trigger::Overflow));
        assert_eq!(due(5000), Some(Trigger::Overflow));
        assert_eq!(window.target(), Tokens(450));
        let metrics = window.metrics(of(1500));
        assert_eq!((metrics.utilization, metrics.level), (1.5, Level::Critical));
        assert_eq!((metrics.messages, metrics.characters, metrics.bytes), (1, 2, 3));
    }

    #[test]
    fn a_window_without_room_is_refused() {
        let window = ContextWindow::try_new(Tokens(0), Thresholds::default());
        assert_eq!(window, Err(ThresholdError::Empty));
    }
}
