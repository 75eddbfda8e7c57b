//! Sessions: conversations kept between turns.
//!
//! [`Sessions`] owns the table; its lock is held for a few operations, never across an await.
//! A [`Session`] owns its messages and the order of its turns.

mod compact;
mod create;
mod export;
pub(crate) mod routes;
mod session;
mod table;

pub(crate) use compact::MOST_TOKENS;
pub(crate) use create::{ENTRIES, LONGEST_KEY, LONGEST_VALUE};
pub(crate) use session::{Metadata, Session, SessionLimits};
pub(crate) use table::{Denied, Lease, Page, Sessions};
