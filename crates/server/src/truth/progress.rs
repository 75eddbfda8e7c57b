//! How far a turn has come.

use std::time::Duration;
use victor_clock::Instant;

/// The instants of a turn between its receipt and its end.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) queued: Option<Instant>,
    pub(crate) started: Option<Instant>,
    pub(crate) first_token: Option<Instant>,
    /// Kept only where the log wants them.
    pub(crate) token_times: Vec<Instant>,
    pub(crate) tokens: u64,
}

/// How a request came to its end, as far as its response knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) status: u16,
    pub(crate) first_write: Option<Instant>,
    pub(crate) at: Instant,
}

/// What is known of work that goes on after a hang-up; whoever knows the second half closes the
/// ticket.
#[derive(Debug, Default)]
pub(crate) enum Lingering {
    /// No work goes on.
    #[default]
    No,
    /// Work goes on; the response has not been seen to go yet.
    Working,
    /// The response is gone, and work goes on.
    Alone(End),
    /// The work is done before the response was seen to go.
    Done(Duration),
}
