//! Opening a connection: name, TCP, proxy, TLS.

use crate::endpoint::look_up;
use crate::stream::Stream;
use crate::{Endpoint, Limits, Scheme, Target, Times, WireError, proxy, tls};
use std::cell::{Cell, RefCell};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout_at;
use victor_clock::{Instant, now};
use victor_plan::HttpVersion;
use victor_types::Phase;

/// Least time between two look-ups of a name whose addresses have failed.
const LOOK_UP_AGAIN: Duration = Duration::from_secs(1);

/// What is spoken on a connection that was just opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoken {
    Http1,
    Http2,
}

/// Opens the connections of one thread. The name is looked up once, before the run; when none of its
/// addresses accepts a connection it is looked up again, at most once a second.
#[derive(Debug)]
pub(crate) struct Dialer {
    addresses: RefCell<Vec<SocketAddr>>,
    /// When the addresses were looked up, and whether they have failed since.
    looked_up: Cell<Instant>,
    failed: Cell<bool>,
    /// Counts connections, to take source addresses in turn.
    opened: Cell<usize>,
}

impl Dialer {
    pub(crate) fn new(addresses: Vec<SocketAddr>) -> Self {
        Self {
            addresses: RefCell::new(addresses),
            looked_up: Cell::new(now()),
            failed: Cell::new(false),
            opened: Cell::new(0),
        }
    }

    /// Opens a connection to `endpoint` by way of `target`'s proxy, if it has one. `began` is the
    /// instant from which the total limit counts.
    pub(crate) async fn open(
        &self,
        target: &Target,
        endpoint: &Endpoint,
        limits: &Limits,
        began: Instant,
        times: &mut Times,
    ) -> Result<(Stream, Spoken), WireError> {
        let start = now();
        let (limit, total) = (start + limits.connect, began + limits.total);
        times.opening = Some(start);
        times.connected = None;
        match timeout_at(limit.min(total), self.steps(target, endpoint, times)).await {
            Ok(opened) => opened,
            Err(_) if total < limit => Err(WireError::Timeout(Phase::Total)),
            Err(_) if times.connected.is_some() => Err(WireError::Timeout(Phase::Tls)),
            Err(_) => Err(WireError::Timeout(Phase::Connect)),
        }
    }

    async fn steps(
        &self,
        target: &Target,
        endpoint: &Endpoint,
        times: &mut Times,
    ) -> Result<(Stream, Spoken), WireError> {
        let proxy = target.options().proxy.as_ref();
        let mut tcp = if proxy.is_some() || endpoint == target.endpoint() {
            self.known(target, times).await?
        } else {
            let addresses = endpoint.resolve().await?;
            times.resolved = Some(now());
            self.connect(target, &addresses).await?
        };
        tcp.set_nodelay(true).map_err(WireError::opening)?;
        if let Some(proxy) = proxy
            && target.is_tunnelled(endpoint)
        {
            tcp = proxy::tunnel(tcp, proxy, endpoint).await?;
        }
        times.connected = Some(now());
        if endpoint.scheme() == Scheme::Http {
            let prior_knowledge = target.http() == HttpVersion::Two;
            let spoken = if prior_knowledge { Spoken::Http2 } else { Spoken::Http1 };
            return Ok((Stream::Plain(tcp), spoken));
        }
        let config = target.tls()?;
        let secure = tls::handshake(config, endpoint.name(), tcp).await.map_err(WireError::Tls)?;
        times.secured = Some(now());
        let agreed = secure.get_ref().1.alpn_protocol();
        let spoken = match (agreed, target.http()) {
            (Some(b"h2"), _) => Spoken::Http2,
            (_, HttpVersion::Two) => return Err(WireError::Tls(tls::TlsCause::NoProtocol)),
            _ => Spoken::Http1,
        };
        Ok((Stream::Tls(Box::new(secure)), spoken))
    }

    /// Connects to the addresses of the target (or its proxy), which are known.
    async fn known(&self, target: &Target, times: &mut Times) -> Result<TcpStream, WireError> {
        let stale = now().saturating_duration_since(self.looked_up.get()) >= LOOK_UP_AGAIN;
        if self.failed.get() && stale {
            self.looked_up.set(now());
            let addresses = target.resolve().await?;
            times.resolved = Some(now());
            self.addresses.replace(addresses);
        }
        let addresses = self.addresses.borrow().clone();
        let connected = self.connect(target, &addresses).await;
        self.failed.set(matches!(connected, Err(WireError::Connect(_))));
        connected
    }

    /// Connects to the first address that accepts a connection.
    async fn connect(
        &self,
        target: &Target,
        addresses: &[SocketAddr],
    ) -> Result<TcpStream, WireError> {
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let number = self.opened.get();
        self.opened.set(number.wrapping_add(1));
        for address in addresses {
            let source = source(&target.options().source_addresses, *address, number);
            let connected = match source {
                None => TcpStream::connect(address).await,
                Some(source) => connect_from(source, *address).await,
            };
            match connected {
                Ok(tcp) => return Ok(tcp),
                Err(error) => last = error,
            }
        }
        Err(WireError::opening(last))
    }
}

/// The source address whose turn it is, among those of the same family as `address`.
fn source(sources: &[IpAddr], address: SocketAddr, number: usize) -> Option<IpAddr> {
    let same = || sources.iter().filter(|source| source.is_ipv4() == address.is_ipv4());
    let count = same().count();
    if count == 0 { None } else { same().nth(number % count).copied() }
}

async fn connect_from(source: IpAddr, address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if source.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // The port is then chosen at connect, when the other end is known: each source address has all
    // ports for each target, where a plain bind would use a port up for all targets.
    nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::IpBindAddressNoPort, &true)?;
    socket.bind(SocketAddr::new(source, 0))?;
    socket.connect(address).await
}

impl Target {
    /// Looks up what connections are opened to: the proxy, or the target itself.
    ///
    /// # Errors
    /// [`WireError::Dns`] when the name has no address.
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, WireError> {
        match &self.options().proxy {
            None => self.endpoint().resolve().await,
            Some(proxy) => look_up(proxy.authority.as_str()).await,
        }
    }
}
