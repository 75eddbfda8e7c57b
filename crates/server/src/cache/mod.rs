//! Answers kept for turns without a session.
//!
//! [`Answers`] owns the table; its lock is held for a few operations. Off unless asked for: a load
//! test that measures cached answers measures the cache.

mod answers;
mod lru;

pub(crate) use answers::{Answered, Answers, Question};
