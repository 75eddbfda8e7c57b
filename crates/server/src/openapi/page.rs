//! The document as one page of HTML, without scripts and without anything to download.

use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, context};

/// Renders `document`.
pub(super) fn page(document: &serde_json::Value) -> String {
    let mut environment = Environment::new();
    environment.add_filter("schema_name", |reference: &str| {
        reference.rsplit('/').next().unwrap_or_default().to_owned()
    });
    let rendered = environment
        .render_named_str(
            "page.html",
            include_str!("page.html"),
            context! { document => Serde(document) },
        )
        // A page that says what is wrong with it; the tests render the real one.
        .unwrap_or_else(|error| format!("<!doctype html><pre>{}</pre>", error.kind()));
    debug_assert!(!rendered.contains(&ErrorKind::UndefinedError.to_string()), "{rendered}");
    rendered
}
