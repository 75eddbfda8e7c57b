//! The address of a target.

use crate::WireError;
use std::net::SocketAddr;
use tokio::net::ToSocketAddrs;
use url::{Host, Url};

/// A base address such as `http://localhost:8000`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    name: String,
    port: u16,
    authority: String,
    prefix: String,
}

/// What is spoken below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain TCP.
    Http,
    /// TLS.
    Https,
}

/// A base address that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not an address at all.
    #[error("`{0}` is not an address: write it like http://localhost:8000")]
    Malformed(String),
    /// Neither `http` nor `https`.
    #[error("`{0}` asks for {1}, which is not spoken here: use an http:// or https:// address")]
    Scheme(String, String),
}

impl Endpoint {
    /// Reads a base address. A path is kept as a prefix of every request; credentials, query and
    /// fragment are refused.
    ///
    /// # Errors
    /// When the text is no address, or its scheme is neither `http` nor `https`.
    pub fn parse(address: &str) -> Result<Self, EndpointError> {
        let malformed = || EndpointError::Malformed(address.to_owned());
        let url = Url::parse(address).map_err(|_| malformed())?;
        let bare = url.username().is_empty() && url.password().is_none();
        if !bare || url.query().is_some() || url.fragment().is_some() {
            return Err(malformed());
        }
        let (scheme, usual_port) = match url.scheme() {
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Https, 443),
            other if address.contains("://") => {
                return Err(EndpointError::Scheme(address.to_owned(), other.to_owned()));
            }
            _ => return Err(malformed()),
        };
        let (host, port) = (url.host().ok_or_else(malformed)?, url.port().unwrap_or(usual_port));
        let name = match &host {
            Host::Domain(name) => (*name).to_owned(),
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(ip) => ip.to_string(),
        };
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let prefix = url.path().trim_end_matches('/').to_owned();
        Ok(Self { scheme, name, port, authority, prefix })
    }

    /// What is spoken below HTTP.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host name or address alone, as a certificate would hold it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole address of `path`, which is absolute and not below the base address's own.
    pub(crate) fn whole(&self, path: &str) -> String {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        format!("{scheme}://{}{path}", self.authority)
    }

    /// `host:port`, the port always said.
    pub(crate) fn host_and_port(&self) -> String {
        if self.name.contains(':') {
            format!("[{}]:{}", self.name, self.port)
        } else {
            format!("{}:{}", self.name, self.port)
        }
    }

    /// Value of the `Host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `path` below the base address's own path.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Looks the name up. IPv4 addresses come first, as most servers on `localhost` listen there.
    ///
    /// # Errors
    /// [`WireError::Dns`] when the name has no address.
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, WireError> {
        look_up((self.name.as_str(), self.port)).await
    }
}

/// The addresses of a host, IPv4 first.
pub(crate) async fn look_up(host: impl ToSocketAddrs) -> Result<Vec<SocketAddr>, WireError> {
    let found = tokio::net::lookup_host(host).await;
    let mut addresses: Vec<SocketAddr> =
        found.map_err(|error| WireError::Dns(error.to_string()))?.collect();
    addresses.sort_by_key(SocketAddr::is_ipv6);
    addresses.dedup();
    if addresses.is_empty() { Err(WireError::Dns("no address".into())) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let endpoint = Endpoint::parse("http://localhost:8000").expect("address");
        assert_eq!((endpoint.authority(), endpoint.port()), ("localhost:8000", 8000));
        assert_eq!(endpoint.path("/api/v1/chat"), "/api/v1/chat");
        let endpoint = Endpoint::parse("http://[::1]/base/").expect("address");
        assert_eq!((endpoint.authority(), endpoint.port()), ("[::1]", 80));
        assert_eq!(endpoint.path("/x"), "/base/x");
        let secure = Endpoint::parse("https://api.example.com").expect("address");
        assert_eq!((secure.scheme(), secure.port()), (Scheme::Https, 443));
        assert_eq!(secure.whole("/x?y"), "https://api.example.com/x?y");
    }

    #[test]
    fn what_is_no_address_is_refused_with_an_example() {
        for text in ["", "localhost:8000", "http://", "http://u:p@h/", "http://h/?q=1", "nonsense"]
        {
            let error = Endpoint::parse(text).expect_err(text).to_string();
            assert!(error.contains("http://localhost:8000"), "{text}: {error}");
        }
        assert!(Endpoint::parse("ftp://h").expect_err("scheme").to_string().contains("ftp"));
    }
}
