//! How much a conversation holds, and how it is made smaller.
//!
//! The one idea: a conversation is cut into *blocks* that stay or go together (a tool call and all
//! its results are one), each block has a weight, and every strategy is only another way to choose
//! blocks. What must never be lost (system text, pinned facts, the latest exchange) is marked once,
//! before any strategy looks, so no strategy can lose it.
//!
//! ```
//! use std::sync::Arc;
//! use victor_context::{ContextWindow, Excerpts, Strategy, Thresholds, Tokens, Weight};
//! use victor_model::Message;
//!
//! let mut talk = vec![Arc::new(Message::user("Remember: my code word is zebra."))];
//! for n in 0..100 {
//!     talk.push(Arc::new(Message::user(format!("Question {n}: how do closures work?"))));
//!     talk.push(Arc::new(Message::assistant("They capture what they name.")));
//! }
//! let window = ContextWindow::try_new(Tokens(2_000), Thresholds::default())?;
//! let metrics = window.metrics(Weight::of_all(&talk));
//! let trigger = window.due(&metrics).expect("over 75 % full");
//!
//! // A strategy that needs a summary says what to summarise; here, excerpts stand in for a model.
//! let plan = Strategy::Hybrid.plan(&talk, window.target(), trigger);
//! let compaction = plan.finish(&Excerpts);
//! assert!(Weight::of_all(&compaction.kept).tokens <= window.target());
//! assert!(compaction.kept.iter().any(|message| message.content.contains("zebra")));
//! # Ok::<(), victor_context::ThresholdError>(())
//! ```
//!
//! Why not a tokenizer? Each provider has another one, none of them is cheap, and a threshold at
//! 75 % does not need the last percent. Why not an async summariser trait? Planning is computing
//! and summarising is waiting: [`Plan`] keeps them apart, so this crate needs no runtime and the
//! caller may ask its model, with its own time limit, between the two.

mod block;
mod compaction;
mod kind;
mod pin;
mod plan;
mod strategy;
mod summarizer;
mod summary;
mod thresholds;
mod tiered;
mod truncation;
mod weight;
mod window;

#[cfg(test)]
mod invariants;

pub use compaction::{Compaction, Trigger};
pub use kind::ContentKind;
pub use pin::{PINNING_PHRASES, is_pinned};
pub use plan::Plan;
pub use strategy::{Strategy, UnknownStrategy};
pub use summarizer::{Excerpts, Summarizer};
pub use summary::{EmptySummary, SummaryPlan};
pub use thresholds::{Level, Shares, ThresholdError, Thresholds};
pub use victor_model::SUMMARY_OPENING;
pub use weight::{Tokens, Weight};
pub use window::{ContextMetrics, ContextWindow};
