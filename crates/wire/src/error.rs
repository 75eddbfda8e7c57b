//! Ways an exchange can go wrong.

use crate::ParseError;
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
            Self::Connect(_) => FailureKind::Connect,
            Self::Exhausted(_) => FailureKind::GeneratorOverload,
            Self::Timeout(phase) => FailureKind::Timeout(*phase),
            Self::Stalled => FailureKind::StreamStalled,
            Self::Cut { .. } => FailureKind::Cut,
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
