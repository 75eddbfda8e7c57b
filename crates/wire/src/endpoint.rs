//! The address of a target.

use crate::WireError;
use std::net::SocketAddr;
use url::{Host, Url};

/// A base address such as `http://localhost:8000`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    name: String,
    port: u16,
    authority: String,
    prefix: String,
}

/// A base address that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not an address at all.
    #[error("`{0}` is not an address: write it like http://localhost:8000")]
    Malformed(String),
    /// Only `http` is spoken so far.
    #[error("`{0}` asks for {1}, which is not supported yet: use an http:// address")]
    Scheme(String, String),
}

impl Endpoint {
    /// Reads a base address. A path is kept as a prefix of every request; credentials, query and
    /// fragment are refused.
    ///
    /// # Errors
    /// When the text is no address, or its scheme is not `http`.
    pub fn parse(address: &str) -> Result<Self, EndpointError> {
        let malformed = || EndpointError::Malformed(address.to_owned());
        let url = Url::parse(address).map_err(|_| malformed())?;
        let bare = url.username().is_empty() && url.password().is_none();
        if !bare || url.query().is_some() || url.fragment().is_some() {
            return Err(malformed());
        }
        if url.scheme() != "http" {
            let known = address.contains("://");
            let scheme = url.scheme().to_owned();
            return Err(if known {
                EndpointError::Scheme(address.to_owned(), scheme)
            } else {
                malformed()
            });
        }
        let (host, port) = (url.host().ok_or_else(malformed)?, url.port().unwrap_or(80));
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
        Ok(Self { name, port, authority, prefix })
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
        let found = tokio::net::lookup_host((self.name.as_str(), self.port)).await;
        let mut addresses: Vec<SocketAddr> =
            found.map_err(|error| WireError::Dns(error.to_string()))?.collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        addresses.dedup();
        if addresses.is_empty() { Err(WireError::Dns("no address".into())) } else { Ok(addresses) }
    }
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
