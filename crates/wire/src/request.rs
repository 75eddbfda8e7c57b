//! Requests as bytes.

use crate::Endpoint;

/// The unchanging part of a request, rendered once; a turn adds its id and body.
#[derive(Debug, Clone)]
pub struct RequestTemplate {
    head: Vec<u8>,
}

impl RequestTemplate {
    /// A `POST` of JSON to `path` on `endpoint` with extra headers, which must hold no line breaks
    /// (those that do are left out).
    #[must_use]
    pub fn post_json(endpoint: &Endpoint, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\nuser-agent: victor/{}\r\ncontent-type: application/json\r\n",
            endpoint.path(path),
            endpoint.authority(),
            env!("CARGO_PKG_VERSION"),
        );
        for (name, value) in headers {
            if !value.contains(['\r', '\n']) {
                head.push_str(name);
                head.push_str(": ");
                head.push_str(value);
                head.push_str("\r\n");
            }
        }
        Self { head: head.into_bytes() }
    }

    /// The whole request, ready for one write.
    #[must_use]
    pub fn render(&self, request_id: &str, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.head.len() + request_id.len() + body.len() + 64);
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"x-request-id: ");
        out.extend_from_slice(request_id.as_bytes());
        out.extend_from_slice(b"\r\ncontent-length: ");
        out.extend_from_slice(body.len().to_string().as_bytes());
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(body);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_well_formed_piece() {
        let endpoint = Endpoint::parse("http://localhost:8000").expect("address");
        let headers = [("authorization", "Bearer k"), ("x-bad", "a\r\nb: c")];
        let template = RequestTemplate::post_json(&endpoint, "/chat", &headers);
        let text = String::from_utf8(template.render("id-1", b"{}")).expect("text");
        assert!(text.starts_with("POST /chat HTTP/1.1\r\nhost: localhost:8000\r\n"));
        assert!(text.contains("\r\nauthorization: Bearer k\r\n"));
        assert!(!text.contains("x-bad"));
        assert!(text.ends_with("x-request-id: id-1\r\ncontent-length: 2\r\n\r\n{}"));
    }
}
