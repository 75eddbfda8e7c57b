//! What the head of a response says, as far as it matters here.

/// The head of a response, of whichever version of HTTP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Status code.
    pub status: u16,
    /// Kind of body.
    pub content_type: ContentType,
    /// Whether the connection can be used again.
    pub keep_alive: bool,
    /// `Retry-After` in seconds, when given as a number.
    pub retry_after: Option<u64>,
    /// `Location`, when given.
    pub location: Option<String>,
    /// What the body is compressed with.
    pub encoding: Encoding,
    /// Values of `Set-Cookie`, in order.
    pub set_cookies: Vec<String>,
}

/// Kinds of body told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ContentType {
    /// `application/json` and `+json` types.
    Json,
    /// `text/event-stream`.
    EventStream,
    /// Anything else, or none named.
    #[default]
    Other,
}

/// Content encodings told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Not compressed.
    #[default]
    Identity,
    /// `gzip`.
    Gzip,
    /// `deflate`.
    Deflate,
    /// `br`.
    Brotli,
    /// One that is not decoded here, or several on top of each other.
    Unknown,
}

impl Head {
    /// True for a redirect that says where to.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308) && self.location.is_some()
    }

    /// Takes a field that means the same in every version of HTTP; false when it is none of them.
    pub(crate) fn take(&mut self, name: &str, value: &[u8]) -> bool {
        let text = || std::str::from_utf8(value).ok();
        if name.eq_ignore_ascii_case("content-type") {
            self.content_type = content_type(value);
        } else if name.eq_ignore_ascii_case("retry-after") {
            self.retry_after = text().and_then(|text| text.parse().ok());
        } else if name.eq_ignore_ascii_case("location") {
            self.location = text().map(ToOwned::to_owned);
        } else if name.eq_ignore_ascii_case("set-cookie") {
            self.set_cookies.extend(text().map(ToOwned::to_owned));
        } else if name.eq_ignore_ascii_case("content-encoding") {
            self.encoding = encoding(value);
        } else {
            return false;
        }
        true
    }
}

fn content_type(value: &[u8]) -> ContentType {
    let essence = value.split(|&byte| byte == b';').next().unwrap_or(value).trim_ascii();
    if essence.eq_ignore_ascii_case(b"application/json")
        || ends_with_ignoring_case(essence, b"+json")
    {
        ContentType::Json
    } else if essence.eq_ignore_ascii_case(b"text/event-stream") {
        ContentType::EventStream
    } else {
        ContentType::Other
    }
}

fn encoding(value: &[u8]) -> Encoding {
    match value.to_ascii_lowercase().as_slice() {
        b"" | b"identity" => Encoding::Identity,
        b"gzip" | b"x-gzip" => Encoding::Gzip,
        b"deflate" => Encoding::Deflate,
        b"br" => Encoding::Brotli,
        _ => Encoding::Unknown,
    }
}

pub(crate) fn ends_with_ignoring_case(value: &[u8], end: &[u8]) -> bool {
    value.len() >= end.len() && value[value.len() - end.len()..].eq_ignore_ascii_case(end)
}
