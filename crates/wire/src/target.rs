//! A target and the way to it, decided once.

use crate::request::Form;
use crate::{Endpoint, RequestTemplate, Scheme, TlsError, WireError, proxy, tls};
use rustls::ClientConfig;
use std::sync::Arc;
use victor_plan::{Carrier, Compression, ConnectionReuse, HttpVersion, Method, TransportOptions};

/// A target and the way to it: files read, choices made. Cheap to clone; each thread makes its own
/// [`Client`](crate::Client) of it.
#[derive(Debug, Clone)]
pub struct Target {
    endpoint: Endpoint,
    options: Arc<TransportOptions>,
    tls: Option<Arc<ClientConfig>>,
}

impl Target {
    /// Reads the certificates that `options` name.
    ///
    /// # Errors
    /// When one of them cannot be used; the message names the flag.
    pub fn new(endpoint: Endpoint, options: TransportOptions) -> Result<Self, TlsError> {
        let mut target = Self { endpoint, options: Arc::new(options), tls: None };
        // A redirect may lead from http to https.
        if target.endpoint.scheme() == Scheme::Https || target.options.redirects > 0 {
            target.tls = Some(tls::config(&target.options.tls, target.http())?);
        }
        Ok(target)
    }

    /// The address.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The choices it was made with.
    #[must_use]
    pub fn options(&self) -> &TransportOptions {
        &self.options
    }

    /// A `GET` of `path` below the target's address; it has no body.
    #[must_use]
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> RequestTemplate {
        self.request(Method::Get, path, headers)
    }

    /// A `POST` of JSON to `path` below the target's address; see [`RequestTemplate::post_json`].
    #[must_use]
    pub fn post_json(&self, path: &str, headers: &[(&str, &str)]) -> RequestTemplate {
        self.request(Method::Post, path, headers)
    }

    /// A request to `path` below the target's address; a body is JSON.
    #[must_use]
    pub fn request(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> RequestTemplate {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut headers: Vec<_> = headers.iter().map(own).collect();
        if self.options.compression == Compression::Accepted {
            headers.push(("accept-encoding".to_owned(), "gzip, deflate, br".to_owned()));
        }
        if self.options.reuse == ConnectionReuse::PerRequest {
            headers.push(("connection".to_owned(), "close".to_owned()));
        }
        self.template(method, &self.endpoint, &self.endpoint.path(path), headers)
    }

    /// A request to any endpoint, in the form that the way to it needs.
    pub(crate) fn template(
        &self,
        method: Method,
        endpoint: &Endpoint,
        path: &str,
        mut headers: Vec<(String, String)>,
    ) -> RequestTemplate {
        headers.retain(|(name, _)| name != "proxy-authorization");
        let asks_proxy = self.options.proxy.as_ref().filter(|_| !self.is_tunnelled(endpoint));
        let Some(proxy) = asks_proxy else {
            return RequestTemplate::new(method, endpoint, path, headers, Form::Origin);
        };
        if let Some(value) = proxy::authorization(proxy) {
            headers.push(("proxy-authorization".to_owned(), value));
        }
        RequestTemplate::new(method, endpoint, path, headers, Form::Absolute)
    }

    /// Whether a proxy would be asked for a tunnel: all but plain HTTP/1.1 needs one.
    pub(crate) fn is_tunnelled(&self, endpoint: &Endpoint) -> bool {
        endpoint.scheme() == Scheme::Https || self.http() == HttpVersion::Two
    }

    /// The version in force: only HTTP/2 can carry several users' turns at once, and a WebSocket is
    /// opened with HTTP/1.1.
    pub(crate) fn http(&self) -> HttpVersion {
        match self.options.reuse {
            _ if self.options.carrier == Carrier::WebSocket => HttpVersion::One,
            ConnectionReuse::Shared(_) => HttpVersion::Two,
            ConnectionReuse::PerUser | ConnectionReuse::PerRequest => self.options.http,
        }
    }

    pub(crate) fn tls(&self) -> Result<&Arc<ClientConfig>, WireError> {
        let missing = || tls::TlsCause::Other("it was not set up for this target".to_owned());
        self.tls.as_ref().ok_or_else(|| WireError::Tls(missing()))
    }
}
