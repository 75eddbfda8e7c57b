//! How often one client may ask.
//!
//! [`RateLimiter`] owns the table of clients; its lock is held for a few operations. A client is a
//! key where keys are set, else a peer address.

mod client;
mod limit;
mod limiter;

pub(crate) use client::Client;
pub use limit::RateLimit;
pub(crate) use limiter::RateLimiter;
