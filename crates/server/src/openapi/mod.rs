//! The API described for programs (`/openapi.json`) and for people (`/docs`).
//!
//! The document is made from the settings of the running server, so that its limits are the ones
//! in force, and the page is made from the document. Why by hand and not derived from the
//! handlers' types? Most of what a client must know is not in a type: which refusals a path has,
//! limits that are set by flags, and a socket's frames. A test compares the document's paths and
//! methods with the router's, and `make schemathesis` its statuses and schemas with the answers.

mod document;
mod operation;
mod operations;
mod page;
mod schemas;
mod service_schemas;
mod session_schemas;

use axum::body::Bytes;

/// What the document depends on.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// Longest message, in bytes.
    pub(crate) message: usize,
    /// Most messages in `context.history`.
    pub(crate) history: usize,
    /// Largest body, in bytes.
    pub(crate) body: usize,
    /// Whether a key is asked for.
    pub(crate) keys: bool,
    /// Whether a client's requests are limited.
    pub(crate) rate_limit: bool,
    /// Whether `/admin` is served.
    pub(crate) admin: bool,
    /// Names of the tools.
    pub(crate) tools: Vec<&'static str>,
}

/// The two forms, made once.
#[derive(Debug)]
pub(crate) struct Docs {
    pub(crate) json: Bytes,
    pub(crate) page: Bytes,
}

impl Docs {
    pub(crate) fn new(facts: &Facts) -> Self {
        let document = document::document(facts);
        let page = page::page(&document);
        Self { json: document.to_string().into(), page: page.into() }
    }
}

#[cfg(test)]
mod tests;
