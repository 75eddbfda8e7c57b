//! The one clock.
//!
//! The one idea: measuring code never asks the operating system for the time; it asks this crate,
//! whose instants are tokio's. Tests that pause tokio's time therefore pause Victor, and every
//! instant can be turned into nanoseconds of `CLOCK_MONOTONIC`, which all processes of one machine
//! share: that is what lets the client's record of a turn be compared with the server's.
//!
//! ```
//! use victor_clock::{Anchor, now};
//!
//! let anchor = Anchor::take();
//! let later = now();
//! assert!(anchor.monotonic_ns(later) >= anchor.monotonic_ns(anchor.instant()));
//! ```
//!
//! Why not `std::time::Instant` directly? It can neither be paused nor be read as a number.

mod anchor;
mod fine;

pub use anchor::Anchor;
pub use fine::FineTimer;
pub use std::time::Duration;
pub use tokio::time::Instant;

/// The current instant; paused when tokio's time is paused.
#[must_use]
pub fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    Instant::now()
}

/// Sleeps until `deadline`, at tokio's resolution of 1 ms (it never wakes early).
pub async fn sleep_until(deadline: Instant) {
    tokio::time::sleep_until(deadline).await;
}

/// Sleeps for `span`; see [`sleep_until`].
pub async fn sleep(span: Duration) {
    tokio::time::sleep(span).await;
}
