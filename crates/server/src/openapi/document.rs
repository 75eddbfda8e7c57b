//! The document as a whole.

use super::Facts;
use super::operation::json_body;
use super::operations::operations;
use super::schemas::schemas;
use serde_json::{Map, Value, json};

const ABOUT: &str = "The assistant server under test. Its model is simulated; its sessions, tools \
    and streams are real. Every answer carries `X-Request-Id`: the client's own, when it sent one \
    of 1 to 128 letters, digits and `. _ -`. A refusal is JSON with a `code` that does not \
    change. A path asked with another method answers 405 with `Allow`, an unknown path 404. A \
    `Host` that is not this server's is refused with 403.";

/// Why a request may be refused, by status.
const REFUSALS: [(u16, &str); 15] = [
    (400, "The request could not be read: broken JSON, or no `Host`"),
    (401, "A key is missing or wrong"),
    (403, "The `Host` or `Origin` is not this server's"),
    (404, "There is no such thing"),
    (408, "The body did not arrive in time"),
    (409, "There is one already"),
    (413, "The body is too large"),
    (414, "The path is too long; without a body"),
    (415, "The body is not declared as JSON"),
    (422, "A field is missing or wrong; the message names it"),
    (426, "This path is a WebSocket"),
    (429, "Too many requests"),
    (431, "The head is too large"),
    (500, "The work did not come to its end"),
    (503, "There is no room; try again after `Retry-After` seconds"),
];

/// The document of a server.
pub(super) fn document(facts: &Facts) -> Value {
    let mut paths = Map::new();
    for operation in operations(facts) {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = operation.object(facts);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "victor serve",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{ABOUT} Bodies have at most {} bytes.", facts.body),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "tags": [
            { "name": "turns", "description": "Talk to the model" },
            { "name": "sessions", "description": "Conversations kept between turns" },
            { "name": "tools", "description": "What the model can do, in the workspace alone" },
            { "name": "service", "description": "How the server is" },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas(facts),
            "responses": refusals(),
            "headers": {
                "RequestId": {
                    "description": "The id under which the request is on record.",
                    "schema": { "type": "string" },
                },
            },
        },
    });
    if facts.keys {
        document["components"]["securitySchemes"] =
            json!({ "key": { "type": "http", "scheme": "bearer" } });
        document["security"] = json!([{ "key": [] }]);
    }
    document
}

fn refusals() -> Value {
    let one = |(status, about): &(u16, &str)| {
        let mut response = json!({ "description": about });
        if *status != 414 {
            response["content"] = json_body("Refusal");
        }
        (format!("Refused{status}"), response)
    };
    Value::Object(REFUSALS.iter().map(one).collect())
}
