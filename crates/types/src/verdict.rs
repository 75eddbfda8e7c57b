//! Verdicts and findings: what the numbers mean, with the numbers they stand on.

use serde::{Deserialize, Serialize};

/// The answer to one question about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What was asked: `latency p95`, `error rate`.
    pub name: String,
    /// The limit, in words: `< 300 ms`.
    pub limit: String,
    /// What was measured, with its interval: `84.1 ms (81.0 to 90.2)`.
    pub measured: String,
    /// The answer.
    pub outcome: Outcome,
    /// Why, where the numbers alone do not say it, and what would make it conclusive.
    pub reason: Option<String>,
}

/// The answer of a [`Verdict`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The limit holds, with 95 % confidence.
    Pass,
    /// The limit is broken, with 95 % confidence.
    Fail,
    /// Too little was measured to say.
    Inconclusive,
    /// The measurement itself cannot be trusted.
    Invalid,
    /// The question makes no sense for this run; the reason says why. Counts for nothing.
    NotApplicable,
}

impl Outcome {
    /// The word printed for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Invalid => "invalid",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// A diagnosis in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What is the matter.
    pub what: String,
    /// The numbers that say so.
    pub evidence: String,
    /// What to do.
    pub advice: String,
}
