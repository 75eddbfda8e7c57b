//! How the target is reached: what lies between a turn and its bytes.

use crate::Secret;
use core::net::IpAddr;
use std::path::PathBuf;

/// How connections are made and what is spoken on them. The default is a connection for each user,
/// HTTP/1.1 over plain TCP and the version that the server chooses over TLS, no proxy, no redirects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransportOptions {
    /// How an `https` target proves itself, and the generator to it.
    pub tls: TlsOptions,
    /// What carries turns.
    pub carrier: Carrier,
    /// The version of HTTP.
    pub http: HttpVersion,
    /// Who uses a connection, and for how long.
    pub reuse: ConnectionReuse,
    /// The proxy all connections go through.
    pub proxy: Option<Proxy>,
    /// Redirects followed in one turn; 0 reports each as the answer it is.
    pub redirects: u32,
    /// Whether cookies are kept: by each user for itself, for the host that set them.
    pub cookies: Cookies,
    /// Whether the server may compress its answers.
    pub compression: Compression,
    /// Local addresses to connect from, in turn; the system chooses when there is none.
    pub source_addresses: Vec<IpAddr>,
}

/// Trust and identity over TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// PEM file of the authorities trusted, in place of the system's.
    pub ca: Option<PathBuf>,
    /// PEM file of the generator's own certificate and those that vouch for it.
    pub cert: Option<PathBuf>,
    /// PEM file of that certificate's private key.
    pub key: Option<PathBuf>,
    /// Which servers are believed.
    pub verify: Verify,
}

/// Which servers are believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verify {
    /// Those whose certificate holds for their name.
    #[default]
    Certificate,
    /// All. The connection is encrypted, to whomever.
    Nothing,
}

/// What carries turns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Carrier {
    /// A request of HTTP for each.
    #[default]
    Http,
    /// Texts on a WebSocket, which is opened with HTTP/1.1.
    WebSocket,
}

/// The version of HTTP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/2 where TLS agrees on it, else HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1.
    One,
    /// HTTP/2: agreed on by TLS, or over plain TCP without asking (prior knowledge).
    Two,
}

/// Who uses a connection, and for how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConnectionReuse {
    /// Each user has its own and keeps it.
    #[default]
    PerUser,
    /// So many HTTP/2 connections for all users of a generator thread, each turn a stream on one.
    Shared(u32),
    /// A new one for every request.
    PerRequest,
}

/// Whether cookies are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cookies {
    /// Each user sends back what it was given.
    #[default]
    Kept,
    /// They are not looked at.
    Ignored,
}

/// Whether the server may compress its answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// It is not asked to: what is decoded costs the generator time.
    #[default]
    Off,
    /// gzip, deflate and Brotli are accepted and decoded.
    Accepted,
}

/// A proxy spoken to in plain HTTP: asked for whole addresses by `http`, for a tunnel by all else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// `host:port`.
    pub authority: String,
    /// `user:password`, when the proxy wants to know.
    pub credentials: Option<Secret>,
}
