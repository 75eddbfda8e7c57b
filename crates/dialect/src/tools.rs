//! Tools that are offered where the client names them.

use serde::Serialize;
use serde_json::{Value, json};

/// A tool as the vendors' APIs describe it.
struct Offer {
    name: &'static str,
    description: &'static str,
    argument: &'static str,
    meaning: &'static str,
}

/// What an assistant for code is usually given.
const OFFERED: [Offer; 3] = [
    Offer {
        name: "read_file",
        description: "Read a file of the workspace",
        argument: "path",
        meaning: "Path of the file, from the workspace's root",
    },
    Offer {
        name: "list_files",
        description: "List files of the workspace that match a pattern",
        argument: "pattern",
        meaning: "Glob pattern such as **/*.py",
    },
    Offer {
        name: "search_text",
        description: "Search the files of the workspace for a text",
        argument: "text",
        meaning: "Text to search for",
    },
];

impl Offer {
    fn parameters(&self) -> Value {
        json!({
            "type": "object",
            "properties": { self.argument: { "type": "string", "description": self.meaning } },
            "required": [self.argument],
        })
    }
}

/// How an API writes the tools it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `{type: function, function: {name, description, parameters}}`
    ChatCompletions,
    /// `{type: function, name, description, parameters}`
    Responses,
    /// `{name, description, input_schema}`
    Messages,
}

/// The tools in an API's style.
pub(crate) fn offered(style: Style) -> Vec<Value> {
    let write = |offer: &Offer| {
        let (name, description, parameters) = (offer.name, offer.description, offer.parameters());
        match style {
            Style::ChatCompletions => json!({"type": "function", "function":
                {"name": name, "description": description, "parameters": parameters}}),
            Style::Responses => json!({"type": "function", "name": name,
                "description": description, "parameters": parameters}),
            Style::Messages => {
                json!({"name": name, "description": description, "input_schema": parameters})
            }
        }
    };
    OFFERED.iter().map(write).collect()
}

/// True for the arguments that a tool can be called with.
pub(crate) fn are_arguments(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, Value>>(text).is_ok()
}

/// JSON of plain data, which cannot fail to serialise.
pub(crate) fn to_json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}
