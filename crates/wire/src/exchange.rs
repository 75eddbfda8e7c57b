//! What every exchange has, whichever version of HTTP carries it.

use crate::Head;
use std::time::Duration;
use victor_clock::Instant;

/// Time limits of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Opening the connection: name, TCP, proxy and TLS together.
    pub connect: Duration,
    /// From the request's last byte to the response's first.
    pub first_byte: Duration,
    /// Silence within the response.
    pub stall: Duration,
    /// The whole turn, from its planned instant.
    pub total: Duration,
}

/// When the phases of an exchange happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// A connection began to be opened. Absent, as the three after it, when one was open already.
    pub opening: Option<Instant>,
    /// The name had been looked up. Absent when its addresses were known.
    pub resolved: Option<Instant>,
    /// TCP, and a proxy's tunnel if there is one, was open.
    pub connected: Option<Instant>,
    /// The TLS handshake was done. Absent without TLS.
    pub secured: Option<Instant>,
    /// The first request byte was handed to the connection. With redirects, that of the first request.
    pub sent: Option<Instant>,
    /// The read that brought the first response byte returned.
    pub first_byte: Option<Instant>,
    /// The first piece of the answer itself came, by the sink's word.
    pub first_content: Option<Instant>,
    /// The read that brought the last response byte returned.
    pub last_byte: Option<Instant>,
    /// Response bytes: with HTTP/1.1 head and framing included, with HTTP/2 the bodies and the names
    /// and values of fields.
    pub received: u64,
}

/// Takes a response as it comes in.
pub trait Sink {
    /// The head is complete.
    fn head(&mut self, head: &Head, at: Instant);
    /// A piece of the body arrived with the read that returned at `at`.
    fn data(&mut self, data: &[u8], at: Instant);
}
