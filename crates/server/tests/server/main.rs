//! The server over real sockets, spoken to by a client that sees every byte.

mod chat;
mod client;
mod compaction;
mod cross_talk;
mod documents;
mod examples;
mod hostile;
mod hosts_and_keys;
mod limits;
mod overload;
mod presets;
mod programs;
mod refusals;
mod running;
mod service;
mod services;
mod sessions;
mod sockets;
mod stopping;
mod streams;
mod tools;
mod truth;
