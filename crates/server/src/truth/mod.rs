//! The truth log: one record a chat request, written before the response's last byte.

mod body;
mod log;
mod progress;
mod ticket;

pub(crate) use body::JournaledBody;
pub(crate) use log::TruthLog;
pub(crate) use ticket::{Journal, OpenTicket, Ticket};
