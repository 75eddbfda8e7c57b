//! Turns: the two chat endpoints.

mod cached;
mod event;
mod handler;
mod request;
mod speech;
mod stream;
mod turn;

pub(crate) use handler::{chat, stream};
