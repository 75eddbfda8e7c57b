//! Turns: the two chat endpoints.

mod event;
mod handler;
mod request;
mod stream;
mod turn;

pub(crate) use handler::{chat, stream};
