//! One small document over HTTP.
//!
//! A request of HTTP/1.0 is answered without chunks and ends with its connection, so all there is to
//! do is read to the end. `victor-wire` measures conversations and would be the wrong tool.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;
use victor_clock::Duration;

/// Largest answer read.
const LARGEST: u64 = 4 << 20;
/// Most header lines of an answer.
const MOST_HEADERS: usize = 64;

/// Why a document could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("`{0}` is not an address that can be read: write it like http://127.0.0.1:9127")]
    Address(String),
    #[error("{0}")]
    Connection(String),
    #[error("no answer within {} s", .0.as_secs())]
    Late(Duration),
    #[error("the answer is larger than {} MiB", LARGEST >> 20)]
    Large,
    #[error("what answers does not speak HTTP")]
    Malformed,
    #[error("it answers with status {0}")]
    Status(u16),
}

/// Where to fetch from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, FetchError> {
        let bad = || FetchError::Address(text.to_owned());
        let url = Url::parse(text).map_err(|_| bad())?;
        let plain = url.username().is_empty() && url.password().is_none();
        let usable = url.scheme() == "http" && url.host().is_some() && plain;
        usable.then_some(Self(url)).ok_or_else(bad)
    }

    /// The document at `path`, with `query`, below this address's own path.
    pub(crate) fn below(&self, path: &str, query: Option<&str>) -> Self {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url.set_query(query);
        Self(url)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    async fn connect(&self) -> Result<TcpStream, FetchError> {
        let failed = |error: std::io::Error| FetchError::Connection(error.to_string());
        let name = self.0.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = self.0.port_or_known_default().unwrap_or(80);
        let mut addresses: Vec<SocketAddr> =
            lookup_host((name, port)).await.map_err(failed)?.collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        TcpStream::connect(&addresses[..]).await.map_err(failed)
    }

    fn request(&self, token: Option<&str>) -> String {
        let url = &self.0;
        let host = url.host_str().unwrap_or_default();
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let key = token.map(|token| format!("authorization: Bearer {token}\r\n"));
        format!(
            "GET {}{query} HTTP/1.0\r\nhost: {host}{port}\r\naccept: */*\r\n{}\r\n",
            url.path(),
            key.unwrap_or_default()
        )
    }
}

/// The body of the document at `address`, as text.
pub(crate) async fn fetch(
    address: &Address,
    token: Option<&str>,
    within: Duration,
) -> Result<String, FetchError> {
    let exchange = async {
        let failed = |error: std::io::Error| FetchError::Connection(error.to_string());
        let mut stream = address.connect().await?;
        stream.write_all(address.request(token).as_bytes()).await.map_err(failed)?;
        let mut answer = Vec::new();
        stream.take(LARGEST + 1).read_to_end(&mut answer).await.map_err(failed)?;
        body(&answer)
    };
    timeout(within, exchange).await.map_err(|_| FetchError::Late(within))?
}

fn body(answer: &[u8]) -> Result<String, FetchError> {
    if answer.len() as u64 > LARGEST {
        return Err(FetchError::Large);
    }
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let parsed = head.parse(answer).map_err(|_| FetchError::Malformed)?;
    let httparse::Status::Complete(length) = parsed else { return Err(FetchError::Malformed) };
    match head.code {
        Some(200) => Ok(String::from_utf8_lossy(&answer[length..]).into_owned()),
        Some(code) => Err(FetchError::Status(code)),
        None => Err(FetchError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_extended() {
        let address = Address::parse("http://h:9127/below/").expect("fine");
        let page = address.below("/v1/x", Some("after=3"));
        assert_eq!(page.as_str(), "http://h:9127/below/v1/x?after=3");
        assert!(
            page.request(Some("k"))
                .starts_with("GET /below/v1/x?after=3 HTTP/1.0\r\nhost: h:9127\r\n")
        );
        for bad in ["h:9127", "https://h", "http://user:pw@h", "", "file:///etc/passwd"] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_whole_good_answers_have_a_body() {
        assert_eq!(body(b"HTTP/1.1 200 OK\r\na: b\r\n\r\nhi").as_deref(), Ok("hi"));
        assert_eq!(body(b"HTTP/1.1 401 No\r\n\r\n"), Err(FetchError::Status(401)));
        assert_eq!(body(b"HTTP/1.1 200 OK\r\na"), Err(FetchError::Malformed));
        assert_eq!(body(b"SSH-2.0-x\r\n"), Err(FetchError::Malformed));
        assert_eq!(body(b""), Err(FetchError::Malformed));
    }
}
