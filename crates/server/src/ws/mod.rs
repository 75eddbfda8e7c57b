//! Turns over a WebSocket: `GET /ws`.
//!
//! A socket is one task that owns everything of its client: the frames that wait, and the turn
//! that runs. The turn lives in a body that is polled here, as a streamed response is by the
//! connection, so the end of the socket is the end of the turn. Each turn has its own ticket, and
//! its truth record is written before its `done` leaves.

mod frame;
mod socket;
mod turns;
mod upgrade;

#[cfg(test)]
pub(crate) use frame::ClientFrame;
pub(crate) use upgrade::upgrade;
