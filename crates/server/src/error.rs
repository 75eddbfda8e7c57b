//! Why the server could not start.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Why the server could not start. Each message names the flag to change.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program listens on the port.
    #[error(
        "port {} is in use by {}: stop it, or choose another port with --port",
        address.port(),
        owner.as_deref().unwrap_or("another program")
    )]
    PortInUse {
        /// The address that was wanted.
        address: SocketAddr,
        /// The program that has it, as `name (pid 12)`, where it could be found.
        owner: Option<String>,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; check --host and --port")]
    Bind {
        /// The address that was wanted.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The workspace is missing or not a directory.
    #[error(
        "cannot open the workspace {}: {source}; name an existing directory with --workspace",
        path.display()
    )]
    Workspace {
        /// The directory that was wanted.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The truth log cannot be appended to.
    #[error(
        "cannot append to the truth log {}: {source}; name a writable file with --truth-log",
        path.display()
    )]
    TruthLog {
        /// The file that was wanted.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The address is reachable from elsewhere and no key protects it.
    #[error(
        "--host {host} lets other machines in and no key is set: set VICTOR_API_KEYS, keep \
         --host 127.0.0.1, or pass --allow-open"
    )]
    Open {
        /// The address that was wanted.
        host: IpAddr,
    },
    /// The context window or its thresholds make no sense.
    #[error("{0}; see --context-window and --context-thresholds")]
    Context(victor_context::ThresholdError),
    /// The server's own parts could not be put together.
    #[error("the server could not be put together: {0}; please report this as a defect")]
    Services(Box<dyn std::error::Error + Send + Sync>),
    /// A program that is not given by its name.
    #[error(
        "--allow-command `{name}` is not a program's name: name one that is found in PATH, such as ls"
    )]
    Command {
        /// The name given.
        name: String,
    },
}
