//! A plain request in place of turns.

use std::fmt;

/// Methods of HTTP (RFC 9110, section 9, and RFC 5789).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Method {
    /// `GET`, without a body.
    Get,
    /// `POST`
    #[default]
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// As a request names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether its requests have a body here.
    #[must_use]
    pub const fn has_body(self) -> bool {
        !matches!(self, Self::Get)
    }
}

/// The one request that every user of a plain burst makes.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// Path below the target's address, `/api/v1/chat`.
    pub endpoint: String,
    /// How it is asked.
    pub method: Method,
    /// The body, JSON; empty for none.
    pub body: Vec<u8>,
}

impl fmt::Debug for Payload {
    /// A body may be long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, method, body } = self;
        write!(f, "Payload({} {endpoint}, {} bytes)", method.name(), body.len())
    }
}
