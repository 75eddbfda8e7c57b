//! What the tests are made of: processes, a plain HTTP client, pretended servers, and readers of
//! what `victor` writes.

mod binary;
mod front;
mod http;
mod place;
mod pretend;
mod process;
mod records;
mod server;
mod wait;

pub(crate) use front::Front;
pub(crate) use http::{call, chat, stream_of};
pub(crate) use place::Place;
pub(crate) use pretend::Pretend;
pub(crate) use process::Ended;
pub(crate) use records::{Joined, expected_code, report, trace, truth};
pub(crate) use server::Server;
pub(crate) use wait::until;
