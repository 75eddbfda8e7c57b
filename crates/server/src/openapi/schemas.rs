//! What requests and answers look like, with the limits in force.

use super::Facts;
use super::operation::schema;
use super::service_schemas::{admin, service};
use super::session_schemas::sessions;
use serde_json::{Map, Value, json};

/// All schemas by name.
pub(super) fn schemas(facts: &Facts) -> Value {
    let admin = if facts.admin { admin() } else { Value::Null };
    let parts = [turns(facts), sessions(), tools(facts), service(), admin, frames(facts)];
    let all = parts.into_iter().filter_map(|part| match part {
        Value::Object(schemas) => Some(schemas),
        _ => None,
    });
    Value::Object(all.flatten().collect::<Map<String, Value>>())
}

fn turns(facts: &Facts) -> Value {
    let text = json!({ "type": "string", "maxLength": facts.message });
    json!({
        "ChatRequest": {
            "type": "object",
            "description": "Fields that are not listed are ignored; null is as good as absent.",
            "required": ["message"],
            "properties": chat_fields(facts),
            "examples": [{ "message": "What is a race condition?" }],
        },
        "HistoryItem": {
            "description": "A message; text alone is the user's.",
            "anyOf": [
                text,
                {
                    "type": "object",
                    "required": ["role", "content"],
                    "properties": { "role": schema("Role"), "content": text },
                },
            ],
        },
        "Role": { "type": "string", "enum": ["system", "user", "assistant", "tool"] },
        "ChatResponse": {
            "type": "object",
            "required": [
                "response", "session_id", "request_id", "tool_calls", "usage", "model",
                "provider", "simulated", "latency_ms",
            ],
            "properties": {
                "response": { "type": "string", "minLength": 1 },
                "session_id": { "anyOf": [schema("SessionId"), { "type": "null" }] },
                "request_id": { "type": "string", "description": "As in `X-Request-Id`." },
                "tool_calls": { "type": "array", "items": schema("ToolReport") },
                "usage": schema("Usage"),
                "model": { "type": "string" },
                "provider": { "type": "string" },
                "simulated": { "type": "boolean" },
                "latency_ms": { "type": "number", "minimum": 0 },
            },
        },
        "Usage": {
            "type": "object",
            "required": ["prompt_tokens", "completion_tokens"],
            "properties": { "prompt_tokens": count(), "completion_tokens": count() },
        },
        "EventStream": {
            "description": "Each event is `data: ` and a JSON object, whose `type` is `request`, \
                `content` (one token), `tool_call`, `tool_result`, `usage` or `error`. A whole \
                stream ends with `data: [DONE]`.",
        },
    })
}

/// The fields of a turn, in a request as in a frame.
fn chat_fields(facts: &Facts) -> Value {
    let name = json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 200 });
    json!({
        "message": {
            "type": "string",
            "minLength": 1,
            "maxLength": facts.message,
            "pattern": "[^\\s\\u0085]",
            "description": "Not blank. The limit is in bytes of UTF-8.",
        },
        "session_id": { "anyOf": [schema("SessionId"), { "type": "null" }] },
        "stream": { "type": ["boolean", "null"], "default": false },
        "provider": name,
        "model": name,
        "context": {
            "type": ["object", "null"],
            "properties": {
                "history": {
                    "type": ["array", "null"],
                    "maxItems": facts.history,
                    "items": schema("HistoryItem"),
                },
            },
        },
    })
}

fn tools(facts: &Facts) -> Value {
    json!({
        "ToolList": {
            "type": "object",
            "required": ["tools"],
            "properties": { "tools": { "type": "array", "items": schema("Tool") } },
        },
        "Tool": {
            "type": "object",
            "required": ["name", "description", "parameters"],
            "properties": {
                "name": { "type": "string", "enum": facts.tools },
                "description": { "type": "string" },
                "parameters": { "type": "object", "description": "JSON Schema of the arguments." },
            },
        },
        "ToolRequest": {
            "type": "object",
            "required": ["arguments"],
            "properties": { "arguments": { "type": "object" } },
            "examples": [{ "arguments": { "path": "Cargo.toml" } }],
        },
        "ToolCall": {
            "type": "object",
            "required": ["id", "name", "arguments"],
            "properties": {
                "id": { "type": "string" },
                "name": { "type": "string" },
                "arguments": { "type": "object" },
            },
        },
        "ToolReport": {
            "type": "object",
            "required": ["id", "name", "arguments", "status", "duration_ms"],
            "properties": {
                "id": { "type": "string" },
                "name": { "type": "string" },
                "arguments": { "type": "object" },
                "status": { "type": "string", "enum": ["ok", "failed", "refused"] },
                "result": { "description": "Only where `status` is `ok`." },
                "error": { "type": "string", "description": "Where it is not." },
                "duration_ms": { "type": "number", "minimum": 0 },
            },
        },
    })
}

/// A number of things.
pub(super) fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// The frames of `/ws`.
fn frames(facts: &Facts) -> Value {
    let frame = |kind: &str, required: &[&str], mut fields: Value| {
        fields["type"] = json!({ "const": kind });
        let required: Vec<&str> = ["type"].iter().chain(required).copied().collect();
        json!({ "type": "object", "required": required, "properties": fields })
    };
    let text = json!({ "type": "string" });
    let id = json!({ "type": ["string", "null"] });
    let mut chat = chat_fields(facts);
    chat["request_id"] = json!({ "type": ["string", "null"], "description": "A name for it." });
    let done = json!({
        "request_id": text,
        "session_id": id,
        "model": text,
        "provider": text,
        "simulated": { "type": "boolean" },
        "usage": schema("Usage"),
        "latency_ms": { "type": "number", "minimum": 0 },
    });
    let ended = ["request_id", "session_id", "model", "provider", "simulated", "usage"];
    json!({
        "ClientFrame": {
            "description": "What a client sends.",
            "oneOf": [
                frame("chat", &["message"], chat),
                frame("ping", &[], json!({})),
                frame("auth", &["api_key"], json!({ "api_key": text })),
            ],
        },
        "ServerFrame": {
            "description": "What the server sends. A turn ends with `done` or with an `error` \
                that has its `request_id`.",
            "oneOf": [
                frame("content", &["content"], json!({ "content": text })),
                frame("tool_call", &["tool_call"], json!({ "tool_call": schema("ToolCall") })),
                frame(
                    "tool_result",
                    &["tool_result"],
                    json!({ "tool_result": schema("ToolReport") }),
                ),
                frame("done", &ended, done),
                frame(
                    "error",
                    &["code", "message"],
                    json!({ "code": text, "message": text, "request_id": id }),
                ),
                frame("pong", &[], json!({})),
                frame("auth_success", &[], json!({})),
                frame("auth_failed", &["message"], json!({ "message": text })),
            ],
        },
    })
}
