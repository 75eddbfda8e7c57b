//! Sessions: conversations kept between turns.
//!
//! [`Sessions`] owns the table; its lock is held for a few operations, never across an await.
//! A [`Session`] owns its messages and the order of its turns.

mod session;
mod table;

pub(crate) use session::SessionLimits;
pub(crate) use table::{Lease, Sessions};
