//! One compaction of one session: a transient service, made for it.

use super::policy::Due;
use crate::admission::Turnstile;
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::sessions::{History, Ledger};
use crate::truth::Journal;
use std::sync::Arc;
use victor_clock::{now, sleep_until};
use victor_context::{Compaction, Plan, Strategy, SummaryPlan, Tokens, Trigger, Weight};
use victor_model::{Message, Model, Step, summary_request};
use victor_types::CompactionTruth;

/// What is wanted of a compaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) strategy: Strategy,
    /// Tokens to come down to; `None` is half of what there is.
    pub(crate) target: Option<Tokens>,
    pub(crate) trigger: Trigger,
}

impl From<Due> for Wanted {
    fn from(due: Due) -> Self {
        Self { strategy: due.strategy, target: Some(due.target), trigger: due.trigger }
    }
}

/// Makes the history of its session smaller.
#[derive(Debug)]
pub(crate) struct Compacting {
    history: Arc<History>,
    model: Arc<Model>,
    books: Books,
}

/// Where compactions are counted.
#[derive(Debug)]
struct Books {
    ledger: Arc<Ledger>,
    journal: Arc<Journal>,
}

/// How the model is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    /// The number of the model's call.
    pub(crate) turn: u64,
    /// The pace of the model's calls, where its capacity is limited.
    pub(crate) turnstile: Option<&'a Turnstile>,
}

/// A compaction that is decided.
#[derive(Debug)]
pub(crate) struct Decided {
    plan: Plan,
    wanted: Wanted,
    before: Weight,
    began: victor_clock::Instant,
}

impl Decided {
    /// Whether the model must be asked.
    pub(crate) fn asks_model(&self) -> bool {
        matches!(self.plan, Plan::Summarize(_))
    }
}

impl Compacting {
    pub(crate) fn new(
        history: Arc<History>,
        model: Arc<Model>,
        (ledger, journal): (Arc<Ledger>, Arc<Journal>),
    ) -> Self {
        Self { history, model, books: Books { ledger, journal } }
    }

    /// Decides what goes. The caller holds the session's turn until the end.
    ///
    /// # Errors
    /// When the server goes down.
    pub(crate) async fn decide(&self, wanted: Wanted) -> Result<Decided, Refusal> {
        let began = now();
        let (messages, before) = (self.history.messages(), self.history.weight());
        let target = wanted.target.unwrap_or(Tokens(before.tokens.0 / 2));
        let Wanted { strategy, trigger, .. } = wanted;
        let work = tokio::task::spawn_blocking(move || strategy.plan(&messages, target, trigger));
        let plan = work.await.map_err(|_| Refusal::BrokeOff)?;
        Ok(Decided { plan, wanted, before, began })
    }

    /// Carries a decision out, with a summary by the model where one is needed.
    pub(crate) async fn carry_out(&self, decided: Decided, asking: Asking<'_>) -> CompactionTruth {
        let Decided { plan, wanted, before, began } = decided;
        let Compaction { kept, summary, .. } = match plan {
            Plan::Done(compaction) => compaction,
            Plan::Summarize(plan) => self.summarize(plan, asking).await,
        };
        let after = Weight::of_all(&kept);
        let took = now() - began;
        let told = CompactionTruth {
            strategy: wanted.strategy.name().to_owned(),
            trigger: wanted.trigger.to_string(),
            summarized: summary.is_some(),
            messages_before: before.messages,
            messages_after: after.messages,
            tokens_before: before.tokens.0,
            tokens_after: after.tokens.0,
            bytes_freed: before.bytes.saturating_sub(after.bytes),
            took_ns: u64::try_from(took.as_nanos()).unwrap_or(u64::MAX),
        };
        self.history.compacted(kept, told.clone());
        self.books.ledger.compacted(before.tokens.saturating_sub(after.tokens).0, took);
        let metrics: &Metrics = self.books.journal.metrics();
        metrics.compacted(wanted.strategy.name(), trigger_name(wanted.trigger), took);
        told
    }

    /// Asks the model and waits as long as it takes to say it.
    async fn summarize(&self, plan: SummaryPlan, asking: Asking<'_>) -> Compaction {
        if let Some(turnstile) = asking.turnstile {
            turnstile.pass().await;
        }
        let request = Arc::new(summary_request(plan.limit().0));
        let messages: Vec<Arc<Message>> =
            plan.messages().iter().cloned().chain([request]).collect();
        let start = now();
        let reply = self.model.reply(&messages, asking.turn);
        sleep_until(start + reply.timing.total()).await;
        let text = match &reply.step {
            Step::Answer(answer) => answer.text(),
            Step::ToolCalls(_) => "",
        };
        plan.apply(text).unwrap_or_else(|_| plan.without_summary())
    }
}

const fn trigger_name(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Threshold => "threshold",
        Trigger::Overflow => "overflow",
        Trigger::Manual => "manual",
    }
}
