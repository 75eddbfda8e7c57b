//! Why a run could not be started or carried on.

use std::io;
use std::net::SocketAddr;
use victor_plan::Api;
use victor_types::ExitCode;
use victor_wire::{EndpointError, TlsError, WireError};

/// A run that could not be started or carried on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The address of the target cannot be used.
    #[error("--host: {0}")]
    Address(#[from] EndpointError),
    /// Certificates or keys that cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A user class that does not exist.
    #[error("no user class is named `{0}`: `victor load --list` shows them")]
    UnknownClass(String),
    /// The target's name has no address.
    #[error("the host name in {host} has no address ({reason}): check --host or VICTOR_API_HOST")]
    Unresolved {
        /// The address as given.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// Nothing accepts connections at the address.
    #[error(
        "nothing answers at {host} (tried {tried}: {reason}): start the server (`victor serve`), \
         or name another with --host or VICTOR_API_HOST"
    )]
    Unreachable {
        /// The address as given.
        host: String,
        /// The socket addresses tried.
        tried: String,
        /// What the last attempt said.
        reason: String,
    },
    /// The target was waited for and did not become ready.
    #[error(
        "{host} was not ready within {} s ({reason}): see whether it is starting, or give it longer \
         with --wait-for-target",
        waited.as_secs_f64()
    )]
    NotReady {
        /// The address as given.
        host: String,
        /// How long it was waited for.
        waited: std::time::Duration,
        /// What the last try met.
        reason: String,
    },
    /// Something accepts connections at the address, and cannot be talked to.
    #[error("{host} is there and cannot be talked to: {reason}")]
    Speechless {
        /// The address as given.
        host: String,
        /// What went wrong, and what to do.
        reason: String,
    },
    /// The target does not speak the API that was named, and does speak another.
    #[error(
        "--api {api}: {host} has no {path}, and answers on the path of {others}: use --api {first}, \
         or leave --api out"
    )]
    WrongApi {
        /// What was named.
        api: Api,
        /// The address as given.
        host: String,
        /// The path that is missing.
        path: &'static str,
        /// What it speaks instead.
        others: String,
        /// The first of them.
        first: Api,
    },
    /// An API whose turns cannot be made on a web socket.
    #[error("--api {0} has no WebSocket: leave --transport ws out, or use --api victor")]
    NoSocket(Api),
    /// A thread could not be started.
    #[error("cannot start a load generator thread: {0}")]
    Thread(#[source] io::Error),
    /// A thread ended without its last snapshot, which is a defect.
    #[error("a load generator thread ended unexpectedly; what it had measured until then is kept")]
    ShardLost,
}

impl EngineError {
    /// The exit code it ends in.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Address(_)
            | Self::Tls(_)
            | Self::UnknownClass(_)
            | Self::WrongApi { .. }
            | Self::NoSocket(_) => ExitCode::Usage,
            Self::Unresolved { .. }
            | Self::Unreachable { .. }
            | Self::NotReady { .. }
            | Self::Speechless { .. } => ExitCode::Unreachable,
            Self::Thread(_) | Self::ShardLost => ExitCode::Invalid,
        }
    }

    pub(crate) fn unresolved(host: &str, error: &WireError) -> Self {
        Self::Unresolved { host: host.to_owned(), reason: error.to_string() }
    }

    pub(crate) fn unreached(host: &str, addresses: &[SocketAddr], error: &WireError) -> Self {
        let (host, reason) = (host.to_owned(), error.to_string());
        if matches!(error, WireError::Tls(_) | WireError::Proxy(_)) {
            return Self::Speechless { host, reason };
        }
        let tried: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        Self::Unreachable { host, tried: tried.join(", "), reason }
    }
}
