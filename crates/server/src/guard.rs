//! Who may come in: hosts against DNS rebinding, keys against strangers.

use crate::refusal::Refusal;
use axum::http::{HeaderMap, Uri, Version, header};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// One key of `VICTOR_API_KEYS`, written `key` or `key:client`. Its debug form hides the key.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    key: String,
    client: Option<String>,
}

impl ApiKey {
    /// The name of the client the key belongs to, if it has one.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// Compares in time that depends on the lengths alone.
    fn is(&self, given: &str) -> bool {
        let (key, given) = (self.key.as_bytes(), given.as_bytes());
        key.len() == given.len()
            && key.iter().zip(given).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("client", &self.client).finish_non_exhaustive()
    }
}

/// A key that is empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an API key is empty: write VICTOR_API_KEYS as `key[:client],...`")]
pub struct BadApiKey;

impl FromStr for ApiKey {
    type Err = BadApiKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, client) = match text.trim().split_once(':') {
            Some((key, client)) => (key, Some(client.to_owned())),
            None => (text.trim(), None),
        };
        if key.is_empty() {
            return Err(BadApiKey);
        }
        Ok(Self { key: key.to_owned(), client })
    }
}

/// The hosts and keys a server lets in.
#[derive(Debug)]
pub(crate) struct Guard {
    bound: IpAddr,
    hosts: Vec<String>,
    keys: Vec<ApiKey>,
}

impl Guard {
    pub(crate) fn new(bound: IpAddr, hosts: Vec<String>, keys: Vec<ApiKey>) -> Self {
        Self { bound, hosts, keys }
    }

    /// Refuses a request for another host, or one without a key where a key is needed. The answer
    /// is the position of its key among the server's, where one was asked for.
    pub(crate) fn check(
        &self,
        version: Version,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Option<usize>, Refusal> {
        let host = match headers.get(header::HOST) {
            Some(value) => Some(value.to_str().unwrap_or("?")),
            None if version == Version::HTTP_10 => None,
            None => return Err(Refusal::NoHost),
        };
        for host in [host, uri.host()].into_iter().flatten() {
            if !self.serves(host) {
                return Err(Refusal::ForeignHost(host.chars().take(200).collect()));
            }
        }
        if is_open(uri.path()) { Ok(None) } else { self.check_key(headers) }
    }

    /// Refuses a request without a key, or with a wrong one, where keys are set. The answer is the
    /// position of its key.
    pub(crate) fn check_key(&self, headers: &HeaderMap) -> Result<Option<usize>, Refusal> {
        if self.keys.is_empty() {
            return Ok(None);
        }
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
            let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
        });
        self.knows(bearer.ok_or(Refusal::NoKey)?)
    }

    /// The position of the key `given`, which is refused when it is wrong and keys are set.
    pub(crate) fn knows(&self, given: &str) -> Result<Option<usize>, Refusal> {
        // Every key is looked at, so that the time does not tell which one nearly fitted.
        let known = self
            .keys
            .iter()
            .enumerate()
            .fold(None, |known, (at, key)| if key.is(given) { Some(at) } else { known });
        if known.is_some() || self.keys.is_empty() { Ok(known) } else { Err(Refusal::WrongKey) }
    }

    /// Refuses a request that a page of another host makes its reader's browser send. A request
    /// that does not come from a page has no `Origin`.
    pub(crate) fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let origin = origin.to_str().unwrap_or("?");
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let own = origin.split_once("://").is_some_and(|(_, authority)| {
            host.is_some_and(|host| authority.eq_ignore_ascii_case(host))
        });
        if own { Ok(()) } else { Err(Refusal::ForeignOrigin(origin.chars().take(200).collect())) }
    }

    /// True when `host`, with or without a port, is a name of this server. An address cannot be
    /// rebound by DNS, so a server that listens on all of them answers to any.
    fn serves(&self, host: &str) -> bool {
        let name = without_port(host).trim_end_matches('.');
        if let Ok(ip) = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            return ip.is_loopback() || ip == self.bound || self.bound.is_unspecified();
        }
        let name = name.to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || self.hosts.iter().any(|allowed| without_port(allowed).eq_ignore_ascii_case(&name))
    }
}

/// Paths of health probes.
pub(crate) fn is_health(path: &str) -> bool {
    matches!(path, "/health" | "/health/live" | "/health/ready" | "/api/v1/health")
}

/// Health probes carry no key, a browser that reads the documentation has none to send, and a
/// socket may send its own in a frame.
fn is_open(path: &str) -> bool {
    is_health(path) || matches!(path, "/docs" | "/openapi.json" | "/ws")
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            if name.contains(':') && !name.ends_with(']') { host } else { name }
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(bound: &str, hosts: &[&str]) -> Guard {
        let hosts = hosts.iter().map(|&host| host.to_owned()).collect();
        Guard::new(bound.parse().expect("an address"), hosts, Vec::new())
    }

    #[test]
    fn only_own_names_are_served() {
        let local = guard("127.0.0.1", &["assistant.example"]);
        for host in [
            "localhost",
            "LOCALHOST:8000",
            "localhost.:80",
            "a.localhost",
            "127.0.0.1:8000",
            "127.8.9.1",
            "[::1]:8000",
            "::1",
            "assistant.example:99",
            "Assistant.Example",
        ] {
            assert!(local.serves(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "", "[::2]:80", "?"] {
            assert!(!local.serves(host), "{host}");
        }
        assert!(guard("10.0.0.1", &[]).serves("10.0.0.1:8000"));
        let every = guard("0.0.0.0", &[]);
        assert!(every.serves("192.168.1.7:8000") && !every.serves("evil.example"));
    }

    #[test]
    fn keys_read_with_and_without_a_client_and_stay_hidden() {
        let key: ApiKey = "s3cret:ci".parse().expect("a key");
        assert_eq!(key.client(), Some("ci"));
        assert!(key.is("s3cret") && !key.is("s3creT") && !key.is("s3cre"));
        assert!(!format!("{key:?}").contains("s3cret"));
        assert_eq!(":ci".parse::<ApiKey>(), Err(BadApiKey));
    }
}
