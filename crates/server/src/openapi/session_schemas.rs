//! The schemas of the session endpoints.

use super::operation::schema;
use super::schemas::count;
use crate::request_id::LONGEST_ID;
use crate::sessions::{ENTRIES, LONGEST_KEY, LONGEST_VALUE, MOST_TOKENS};
use serde_json::{Value, json};

pub(super) fn sessions() -> Value {
    json!({
        "SessionId": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_ID,
            "pattern": "^[A-Za-z0-9._:-]+$",
        },
        "NewSession": {
            "type": "object",
            "description": "Fields that are not listed are ignored.",
            "properties": {
                "session_id": { "anyOf": [schema("SessionId"), { "type": "null" }] },
                "metadata": { "anyOf": [schema("Metadata"), { "type": "null" }] },
            },
            "examples": [{ "session_id": "demo", "metadata": { "who": "ci" } }],
        },
        "Metadata": {
            "type": "object",
            "description": "What the creator says about the session. Limits are in characters.",
            "maxProperties": ENTRIES,
            "propertyNames": { "minLength": 1, "maxLength": LONGEST_KEY },
            "additionalProperties": { "type": "string", "maxLength": LONGEST_VALUE },
        },
        "Session": {
            "type": "object",
            "required": [
                "session_id", "turns", "bytes", "context", "compactions", "metadata", "messages",
            ],
            "properties": {
                "session_id": schema("SessionId"),
                "turns": count(),
                "bytes": bytes(),
                "context": schema("SessionContext"),
                "compactions": {
                    "type": "object",
                    "required": ["count", "latest"],
                    "properties": {
                        "count": count(),
                        "latest": { "anyOf": [schema("Compaction"), { "type": "null" }] },
                    },
                },
                "metadata": schema("Metadata"),
                "messages": { "type": "array", "items": schema("Message") },
            },
        },
        "SessionContext": {
            "type": "object",
            "description": "How full the model's window is.",
            "required": ["tokens", "window", "utilization", "level"],
            "properties": {
                "tokens": { "type": "integer", "minimum": 0, "description": "Estimated." },
                "window": { "type": "integer", "minimum": 1, "description": "Tokens that fit." },
                "utilization": { "type": "number", "minimum": 0 },
                "level": { "enum": ["normal", "warning", "proactive", "overflow", "critical"] },
            },
        },
        "Message": {
            "type": "object",
            "required": ["role", "content"],
            "properties": {
                "role": schema("Role"),
                "content": { "type": "string" },
                "tool_calls": { "type": "array", "items": schema("ToolCall") },
                "tool_call_id": { "type": ["string", "null"] },
            },
        },
        "SessionList": {
            "type": "object",
            "required": ["count", "sessions", "next"],
            "properties": {
                "count": count(),
                "sessions": { "type": "array", "items": schema("SessionSummary") },
                "next": {
                    "type": ["string", "null"],
                    "description": "The `after` of the next part; null in the last.",
                },
            },
        },
        "SessionSummary": {
            "type": "object",
            "required": [
                "session_id", "turns", "messages", "tokens", "bytes", "compactions", "in_use",
            ],
            "properties": {
                "session_id": schema("SessionId"),
                "turns": count(),
                "messages": count(),
                "tokens": count(),
                "bytes": bytes(),
                "compactions": count(),
                "in_use": { "type": "boolean" },
            },
        },
        "CompactRequest": {
            "type": "object",
            "description": "Fields that are not listed are ignored.",
            "properties": {
                "strategy": {
                    "enum": ["truncation", "tiered", "summary", "hybrid", null],
                    "default": "hybrid",
                },
                "target_tokens": {
                    "type": ["integer", "null"],
                    "minimum": 1,
                    "maximum": MOST_TOKENS,
                    "description": "What to come down to; half of what there is, if absent.",
                },
            },
            "examples": [{ "strategy": "tiered" }],
        },
        "Compaction": compaction(false),
        "CompactedSession": compaction(true),
        "DeletedSession": {
            "type": "object",
            "required": ["session_id", "deleted"],
            "properties": { "session_id": schema("SessionId"), "deleted": { "const": true } },
        },
    })
}

/// How a session was made smaller; with the session's id where the answer has no other place for it.
fn compaction(with_session: bool) -> Value {
    let mut schema_of = json!({
        "type": "object",
        "required": [
            "strategy", "trigger", "summarized", "messages_before", "messages_after",
            "tokens_before", "tokens_after", "bytes_freed", "took_ms",
        ],
        "properties": {
            "strategy": { "enum": ["truncation", "tiered", "summary", "hybrid"] },
            "trigger": {
                "enum": ["threshold", "overflow", "manual"],
                "description": "After a turn, before one, or asked for.",
            },
            "summarized": { "type": "boolean", "description": "Whether the model wrote a summary." },
            "messages_before": count(),
            "messages_after": count(),
            "tokens_before": count(),
            "tokens_after": count(),
            "bytes_freed": count(),
            "took_ms": { "type": "number", "minimum": 0 },
        },
    });
    if with_session {
        for name in ["session_id", "tokens_freed"] {
            schema_of["required"].as_array_mut().into_iter().for_each(|all| all.push(name.into()));
        }
        schema_of["properties"]["session_id"] = schema("SessionId");
        schema_of["properties"]["tokens_freed"] = count();
    }
    schema_of
}

/// Memory of a session.
fn bytes() -> Value {
    json!({ "type": "integer", "minimum": 0, "description": "Memory, the session's own included." })
}
