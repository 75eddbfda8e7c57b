//! `victor serve`: the assistant server under test.
//!
//! The one idea: a turn is one path, walked the same way by every request. The outermost layer
//! stamps the request and opens a ticket; the turn asks the model, waits its times, runs its tools
//! and stores the messages; the response body closes the ticket, which writes the truth record
//! *before* the last byte leaves. What the server claims about a turn is therefore on record
//! before any client can have the whole answer.
//!
//! ```
//! use victor_server::{Server, ServerSettings};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let settings = ServerSettings { address: ([127, 0, 0, 1], 0).into(), ..Default::default() };
//! let server = Server::bind(settings).await?;
//! assert_ne!(server.local_addr().port(), 0);
//! server.run(async {}).await; // stops at once; a real caller waits for a signal here
//! # Ok(()) })
//! # }
//! ```
//!
//! Why an own accept loop and not `axum::serve`? Because the time limit on request heads, the
//! closing of idle connections and the drain at the end are promises of this server, and they live
//! at the level of a connection.

mod admission;
mod app;
mod bodies;
mod cache;
mod chat;
mod compaction;
mod connection;
mod connections;
mod diagnostics;
mod error;
mod faults;
mod front;
mod guard;
mod intake;
mod lock;
mod metrics;
mod name;
mod nesting;
mod openapi;
#[cfg(test)]
mod parsers;
mod port_owner;
mod rate;
mod refusal;
mod request_id;
mod routes;
mod server;
mod services;
mod sessions;
mod settings;
mod tools;
mod truth;
mod wire;
mod ws;

pub use admission::{BadCapacity, Capacity};
pub use error::ServeError;
pub use faults::{BadFault, Fault, Rhythm, Share, fault_help};
pub use guard::{ApiKey, BadApiKey};
pub use rate::RateLimit;
pub use server::{Server, serve};
pub use settings::ServerSettings;
pub use victor_context::{Shares, Strategy, ThresholdError, Thresholds, UnknownStrategy};
pub use victor_model::{Preset, Profile, UnknownPreset, UnknownProfile};
