//! The strategies by name.

use crate::block::{Kind, Outline};
use crate::compaction::{Compaction, Trigger};
use crate::plan::Plan;
use crate::weight::Tokens;
use crate::{summary, tiered, truncation};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;
use victor_model::Message;

/// How a conversation is made smaller. Every strategy keeps system text, pinned messages
/// ([`is_pinned`](crate::is_pinned)), the last message of the user and of the assistant, and tool
/// calls together with their results; none changes the order of what it keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Keeps the newest: everything before the oldest block that fits goes.
    Truncation,
    /// Drops what matters least first: results without their call, tool exchanges, answers, the
    /// user's words, each the sooner the older it is.
    Tiered,
    /// Replaces the older part by one system message that sums it up.
    Summary,
    /// Tiered as long as that costs none of the user's words, a summary otherwise.
    #[default]
    Hybrid,
}

/// A name that no [`Strategy`] has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no compaction strategy `{0}`: choose one of truncation, tiered, summary, hybrid")]
pub struct UnknownStrategy(String);

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 4] = [Self::Truncation, Self::Tiered, Self::Summary, Self::Hybrid];

    /// Its name, as in configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncation => "truncation",
            Self::Tiered => "tiered",
            Self::Summary => "summary",
            Self::Hybrid => "hybrid",
        }
    }

    /// Whether it may need a summary.
    #[must_use]
    pub const fn may_summarize(self) -> bool {
        matches!(self, Self::Summary | Self::Hybrid)
    }

    /// Decides how `messages`, oldest first, come down to `target` tokens, for the reason
    /// `trigger`. A conversation that has no more than that is left as it is. Where what must be
    /// kept alone has more than that, everything else goes.
    pub fn plan(self, messages: &[Arc<Message>], target: Tokens, trigger: Trigger) -> Plan {
        let outline = Outline::of(messages);
        let order = (self, trigger);
        let done = |keep: &[bool]| Plan::Done(Compaction::keeping(&outline, keep, order));
        if outline.weight().tokens <= target {
            return done(&vec![true; outline.blocks.len()]);
        }
        match self {
            Self::Truncation => done(&truncation::choose(&outline, target)),
            Self::Tiered => done(&tiered::choose(&outline, target)),
            Self::Summary => {
                let otherwise = truncation::choose(&outline, target);
                summary::plan(&outline, target, &otherwise, order)
            }
            Self::Hybrid => {
                let keep = tiered::choose(&outline, target);
                let mut blocks = outline.blocks.iter().zip(&keep);
                let costs_words = blocks.any(|(block, keep)| !keep && block.kind == Kind::User);
                if costs_words {
                    summary::plan(&outline, target, &keep, order)
                } else {
                    done(&keep)
                }
            }
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(name: &str) -> Result<Self, UnknownStrategy> {
        let known = Self::ALL.into_iter().find(|strategy| strategy.name() == name);
        known.ok_or_else(|| UnknownStrategy(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for strategy in Strategy::ALL {
            assert_eq!(strategy.to_string().parse(), Ok(strategy));
        }
        let error = "semantic".parse::<Strategy>().expect_err("unknown").to_string();
        assert!(error.contains("`semantic`") && error.contains("tiered"), "{error}");
    }
}
