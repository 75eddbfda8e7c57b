//! Requests as bytes.

use crate::Endpoint;
use http::uri::Uri;
use http::{HeaderMap, HeaderName, HeaderValue};
use victor_plan::Method;

/// The unchanging part of a request, rendered once; a turn adds its id and body.
#[derive(Debug, Clone)]
pub struct RequestTemplate {
    method: Method,
    /// Path and query, the base address's own path included.
    path: String,
    headers: Vec<(String, String)>,
    /// For HTTP/1.1: request line and fields, without the empty line.
    head: Vec<u8>,
    /// For HTTP/2: the same in parts. `None` when HTTP/2 cannot say it, which then is an error of the
    /// request.
    parts: Option<(Uri, HeaderMap)>,
}

/// How the first line names what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The path alone.
    Origin,
    /// The whole address, as a proxy needs it.
    Absolute,
}

/// What a turn adds to a template.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The unchanging part.
    pub template: &'a RequestTemplate,
    /// Sent as `X-Request-Id`.
    pub request_id: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl RequestTemplate {
    /// A `POST` of JSON to `path` on `endpoint` with extra headers, which must hold no line breaks
    /// (those that do are left out).
    #[must_use]
    pub fn post_json(endpoint: &Endpoint, path: &str, headers: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers = headers.iter().map(own).collect();
        Self::new(Method::Post, endpoint, &endpoint.path(path), headers, Form::Origin)
    }

    pub(crate) fn new(
        method: Method,
        endpoint: &Endpoint,
        path: &str,
        headers: Vec<(String, String)>,
        form: Form,
    ) -> Self {
        let kept = |(_, value): &(String, String)| !value.contains(['\r', '\n']);
        let headers: Vec<_> = headers.into_iter().filter(kept).collect();
        let whole = endpoint.whole(path);
        let target = if form == Form::Absolute { &whole } else { path };
        let verb = method.name();
        let content = if method.has_body() { "content-type: application/json\r\n" } else { "" };
        let mut head = format!(
            "{verb} {target} HTTP/1.1\r\nhost: {}\r\nuser-agent: {AGENT}\r\n{content}",
            endpoint.authority(),
        );
        for (name, value) in &headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let parts = whole.parse().ok().zip(fields(method, &headers));
        Self { method, path: path.to_owned(), headers, head: head.into_bytes(), parts }
    }

    /// The whole request for HTTP/1.1, ready for one write. An empty `cookie` is left out.
    #[must_use]
    pub fn render(&self, request_id: &str, cookie: &str, body: &[u8]) -> Vec<u8> {
        let room = self.head.len() + request_id.len() + cookie.len() + body.len() + 80;
        let mut out = Vec::with_capacity(room);
        out.extend_from_slice(&self.head);
        if !cookie.is_empty() {
            out.extend_from_slice(b"cookie: ");
            out.extend_from_slice(cookie.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"x-request-id: ");
        out.extend_from_slice(request_id.as_bytes());
        if self.method.has_body() {
            out.extend_from_slice(b"\r\ncontent-length: ");
            out.extend_from_slice(body.len().to_string().as_bytes());
        }
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(self.body(body));
        out
    }

    /// The head for HTTP/2; `None` when a part of it is not allowed there.
    pub(crate) fn head(&self, request_id: &str, cookie: &str) -> Option<http::Request<()>> {
        let (uri, fields) = self.parts.clone()?;
        let mut request = http::Request::new(());
        *request.method_mut() = match self.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Patch => http::Method::PATCH,
            Method::Delete => http::Method::DELETE,
        };
        *request.uri_mut() = uri;
        *request.headers_mut() = fields;
        let headers = request.headers_mut();
        headers.insert("x-request-id", HeaderValue::from_str(request_id).ok()?);
        if !cookie.is_empty() {
            headers.insert(http::header::COOKIE, HeaderValue::from_str(cookie).ok()?);
        }
        Some(request)
    }

    /// What of `body` the method sends.
    pub(crate) fn body<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        if self.method.has_body() { body } else { &[] }
    }

    pub(crate) fn method(&self) -> Method {
        self.method
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

const AGENT: &str = concat!("victor/", env!("CARGO_PKG_VERSION"));

fn fields(method: Method, headers: &[(String, String)]) -> Option<HeaderMap> {
    let mut fields = HeaderMap::new();
    fields.insert(http::header::USER_AGENT, HeaderValue::from_static(AGENT));
    if method.has_body() {
        fields.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in headers {
        // RFC 9113, section 8.2.2: what belongs to one connection has no place in HTTP/2.
        if !["connection", "proxy-authorization"].contains(&name.as_str()) {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            fields.append(name, HeaderValue::from_str(value).ok()?);
        }
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_well_formed_piece() {
        let endpoint = Endpoint::parse("http://localhost:8000").expect("address");
        let headers = [("authorization", "Bearer k"), ("x-bad", "a\r\nb: c")];
        let template = RequestTemplate::post_json(&endpoint, "/chat", &headers);
        let text = String::from_utf8(template.render("id-1", "", b"{}")).expect("text");
        assert!(text.starts_with("POST /chat HTTP/1.1\r\nhost: localhost:8000\r\n"));
        assert!(text.contains("\r\nauthorization: Bearer k\r\n"));
        assert!(!text.contains("x-bad") && !text.contains("cookie"));
        assert!(text.ends_with("x-request-id: id-1\r\ncontent-length: 2\r\n\r\n{}"));
    }

    #[test]
    fn both_versions_say_the_same() {
        let endpoint = Endpoint::parse("https://h/base").expect("address");
        let template = RequestTemplate::post_json(&endpoint, "/chat", &[("x-a", "1")]);
        let head = template.head("id-1", "a=b").expect("a head");
        assert_eq!(head.uri(), "https://h/base/chat");
        for (name, value) in [("x-a", "1"), ("cookie", "a=b"), ("x-request-id", "id-1")] {
            assert_eq!(head.headers()[name], value);
            let text = String::from_utf8(template.render("id-1", "a=b", b"")).expect("text");
            assert!(text.contains(&format!("\r\n{name}: {value}\r\n")), "{text}");
        }
    }
}
