//! Ways an exchange can go wrong.

use crate::{ParseError, TlsCause};
use std::io;
use victor_types::{FailureKind, Phase};

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The host name has no address.
    #[error("name not found: {0}")]
    Dns(String),
    /// The connection was refused or could not be opened.
    #[error("cannot connect: {0}")]
    Connect(#[source] io::Error),
    /// This machine has no socket, port or file left for the connection.
    #[error("this machine has no socket left: {0}")]
    Exhausted(#[source] io::Error),
    /// The proxy does not let the connection through.
    #[error("the proxy {0}")]
    Proxy(String),
    /// The TLS handshake failed.
    #[error("TLS: {0}")]
    Tls(TlsCause),
    /// A phase took too long.
    #[error("time limit reached")]
    Timeout(Phase),
    /// Silence within the response for longer than the stall limit.
    #[error("the response went silent")]
    Stalled,
    /// The connection ended before the response did.
    #[error("connection ended after {received} bytes of the response")]
    Cut {
        /// Bytes of the response that had arrived.
        received: u64,
    },
    /// The peer ended the exchange on purpose, with a reason (HTTP/2's reset or go-away).
    #[error("the server gave the response up after {received} bytes: {reason}")]
    Reset {
        /// What it said.
        reason: String,
        /// Bytes of the response that had arrived.
        received: u64,
    },
    /// More redirects than allowed, or one that cannot be followed.
    #[error("the redirect to {location} is not followed: {reason}")]
    Redirect {
        /// The status that asked for it.
        status: u16,
        /// Where to.
        location: String,
        /// Why not.
        reason: String,
    },
    /// The server answered in place of opening a WebSocket.
    #[error("the server opens no WebSocket, but answers with status {0}")]
    Status(u16),
    /// The response is not HTTP.
    #[error("not an HTTP response: {0}")]
    Malformed(#[from] ParseError),
}

impl WireError {
    /// Its place in the failure catalogue.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Dns(_) => FailureKind::Dns,
            Self::Connect(_) | Self::Proxy(_) => FailureKind::Connect,
            Self::Tls(_) => FailureKind::Tls,
            Self::Redirect { status, .. } | Self::Status(status) => {
                FailureKind::HttpStatus(*status)
            }
            Self::Exhausted(_) => FailureKind::GeneratorOverload,
            Self::Timeout(phase) => FailureKind::Timeout(*phase),
            Self::Stalled => FailureKind::StreamStalled,
            Self::Cut { .. } | Self::Reset { .. } => FailureKind::Cut,
            Self::Malformed(_) => FailureKind::MalformedBody,
        }
    }

    /// An error of opening a connection: the machine's own limits are told from the target's
    /// refusal.
    pub(crate) fn opening(error: io::Error) -> Self {
        let exhausted = matches!(
            error.raw_os_error(),
            // EMFILE, ENFILE, ENOBUFS, EADDRNOTAVAIL on Linux.
            Some(24 | 23 | 105 | 99)
        );
        if exhausted { Self::Exhausted(error) } else { Self::Connect(error) }
    }
}
