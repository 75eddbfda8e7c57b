//! Sessions that are made smaller before they outgrow the model's window.
//!
//! The [`Policy`] says when and how; a [`Compacting`] does it once, for one session, whose turn its
//! caller holds. Before a turn that may not fit it is waited for; after a turn that came near the
//! limit it is done at once, or, where the model must write a summary, while nobody waits: the next
//! turn of the session does if it comes too soon, and the slot of the turn is held until then.

mod compacting;
mod policy;

pub(crate) use compacting::{Asking, Compacting, Wanted};
pub(crate) use policy::Policy;
