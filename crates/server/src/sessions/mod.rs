//! Sessions: conversations kept between turns.
//!
//! [`Sessions`] owns the table; its lock is held for a few operations, never across an await.
//! A [`Session`] owns the order of its turns and a scope of the services, in which its [`History`]
//! lives and with which it ends.

mod compact;
mod create;
mod export;
mod footprint;
mod history;
mod ledger;
pub(crate) mod routes;
mod session;
mod table;

pub(crate) use compact::MOST_TOKENS;
#[cfg(test)]
pub(crate) use compact::read as read_wanted;
#[cfg(test)]
pub(crate) use create::NewSession;
pub(crate) use create::{ENTRIES, LONGEST_KEY, LONGEST_VALUE};
pub(crate) use history::{History, SessionLimits};
pub(crate) use ledger::Ledger;
pub(crate) use session::{Metadata, Session};
pub(crate) use table::{Denied, Lease, Page, Sessions};
