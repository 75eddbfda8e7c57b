//! Why something about a process could not be learned.

use crate::fetch::FetchError;
use procfs::ProcError;
use std::net::SocketAddr;

/// Why the target's process could not be found or sampled. None of these stops a run: the reason is
/// reported instead of the numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// The process has ended, or its id now belongs to another process.
    #[error("process {pid} has ended")]
    Gone {
        /// Its id.
        pid: u32,
    },
    /// The address is not one of this machine's, so its process is elsewhere.
    #[error(
        "{address} is not on this machine: start `victor observe --port {} --listen ADDRESS:9127` \
         there and name it with --observe to see its CPU and memory", address.port()
    )]
    NotLocal {
        /// The address looked for.
        address: SocketAddr,
    },
    /// Something listens, but its process may not be looked at.
    #[error(
        "the process that listens on {address} is another user's or in another container: run \
         victor as the server's user or as root to see its CPU and memory"
    )]
    Hidden {
        /// The address looked for.
        address: SocketAddr,
    },
    /// What should be the address of an observer or of metrics is none.
    #[error("{reason}")]
    Address {
        /// What is wrong with it, and how it is written.
        reason: String,
    },
    /// The kernel's process information could not be read.
    #[error("cannot read process information: {reason}")]
    Unreadable {
        /// What the kernel or the parser said.
        reason: String,
    },
}

impl ObserveError {
    /// The error of an address that cannot be used.
    pub(crate) fn address(error: &FetchError) -> Self {
        Self::Address { reason: error.to_string() }
    }

    /// The error of reading something of process `pid`.
    pub(crate) fn of(pid: u32, error: &ProcError) -> Self {
        match error {
            ProcError::NotFound(_) => Self::Gone { pid },
            other => other.into(),
        }
    }
}

impl From<&ProcError> for ObserveError {
    fn from(error: &ProcError) -> Self {
        Self::Unreadable { reason: error.to_string() }
    }
}

impl From<ProcError> for ObserveError {
    fn from(error: ProcError) -> Self {
        Self::from(&error)
    }
}
