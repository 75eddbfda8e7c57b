//! Turns: the two chat endpoints.

mod cached;
mod event;
mod handler;
mod request;
mod speech;
mod stream;
mod turn;

pub(crate) use event::{UsageBody, event_json};
pub(crate) use handler::{accept, chat, stream};
pub(crate) use request::Order;
pub(crate) use stream::{EventBody, Events};
