//! Faults and drifts on command: what a tester must find.
//!
//! [`Fault`] says what is wanted, [`Faults`] what is on at this moment, [`Fate`] what one turn
//! meets. A server without faults pays one load of a flag a turn. Whatever touches a turn is named
//! in its truth record and counted in `/metrics`, so that each detector can be held against the
//! truth.

pub(crate) mod admin;
mod board;
mod catalogue;
mod cut_body;
mod error;
mod fate;
mod fault;
mod kept;
mod kind;
mod linger;
mod rhythm;
mod value;

pub(crate) use board::Faults;
pub use catalogue::fault_help;
pub(crate) use cut_body::CutBody;
pub use error::BadFault;
pub(crate) use fate::{Ending, Fate, UNTOUCHED};
pub use fault::Fault;
pub(crate) use kind::Kind;
pub(crate) use linger::Linger;
pub use rhythm::Rhythm;
pub use value::Share;
