//! The server over real sockets, spoken to by a client that sees every byte.

mod chat;
mod client;
mod cross_talk;
mod hostile;
mod hosts_and_keys;
mod limits;
mod overload;
mod presets;
mod refusals;
mod running;
mod service;
mod sessions;
mod stopping;
mod streams;
mod tools;
mod truth;
