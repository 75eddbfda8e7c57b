//! A decision, made before anything is summarised.

use crate::compaction::Compaction;
use crate::summarizer::Summarizer;
use crate::summary::SummaryPlan;

/// What [`Strategy::plan`](crate::Strategy::plan) decided.
#[derive(Debug, Clone)]
#[must_use]
pub enum Plan {
    /// No summary is needed: this is the result.
    Done(Compaction),
    /// A summary is needed: make one of its messages and apply it.
    Summarize(SummaryPlan),
}

impl Plan {
    /// The result, with a summary from `summarizer` if one is needed. Without one, if it has
    /// nothing to say.
    pub fn finish(self, summarizer: &impl Summarizer) -> Compaction {
        match self {
            Self::Done(compaction) => compaction,
            Self::Summarize(plan) => {
                let text = summarizer.summarize(plan.messages(), plan.limit());
                plan.apply(&text).unwrap_or_else(|_| plan.without_summary())
            }
        }
    }
}
