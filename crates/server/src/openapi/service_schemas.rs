//! The schemas of the endpoints that tell how the server is.

use super::operation::schema;
use super::schemas::count;
use crate::faults::Kind;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(super) fn service() -> Value {
    json!({
        "Health": {
            "type": "object",
            "required": ["status", "version"],
            "properties": { "status": { "const": "ok" }, "version": { "type": "string" } },
        },
        "Readiness": {
            "type": "object",
            "required": ["status"],
            "properties": { "status": { "enum": ["ready", "stopping"] } },
        },
        "Diagnostics": {
            "type": "object",
            "required": [
                "uptime_s", "stopping", "sessions", "compaction", "services", "bodies", "slots", "queue", "refused", "connections",
                "process",
            ],
            "properties": {
                "uptime_s": { "type": "number", "minimum": 0 },
                "stopping": { "type": "boolean" },
                "sessions": numbers(&["live", "limit", "messages", "bytes", "text_bytes"]),
                "compaction": {
                    "type": "object",
                    "required": ["window_tokens", "strategy", "count", "tokens_freed", "took_ms"],
                    "properties": {
                        "window_tokens": count(),
                        "strategy": { "enum": ["truncation", "tiered", "summary", "hybrid", null] },
                        "count": count(),
                        "tokens_freed": count(),
                        "took_ms": { "type": "number", "minimum": 0 },
                    },
                },
                "services": numbers(&[
                    "singletons", "scopes", "scoped", "transients_made", "scopes_ended", "disposed",
                ]),
                "bodies": numbers(&["bytes", "limit", "refused"]),
                "slots": { "type": "object" },
                "queue": { "type": "object" },
                "refused": { "type": "object", "additionalProperties": count() },
                "rate_limit": { "type": ["object", "null"] },
                "cache": { "type": ["object", "null"] },
                "connections": { "type": "object" },
                "process": { "type": "object" },
            },
        },
        "ModelList": {
            "type": "object",
            "required": ["models", "default"],
            "properties": {
                "models": { "type": "array", "items": schema("Model") },
                "default": {
                    "type": "object",
                    "required": ["provider", "model"],
                    "properties": {
                        "provider": { "type": "string" },
                        "model": { "type": "string" },
                    },
                },
            },
        },
        "Model": {
            "type": "object",
            "required": ["id", "provider", "simulated"],
            "properties": {
                "id": { "type": "string" },
                "provider": { "type": "string" },
                "simulated": { "type": "boolean" },
                "profile": { "type": "string" },
            },
        },
        "Refusal": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {
                        "code": { "type": "string", "pattern": "^[a-z_]+$" },
                        "message": { "type": "string", "minLength": 1 },
                    },
                },
            },
        },
    })
}

/// An object of numbers of things.
fn numbers(names: &[&str]) -> Value {
    let properties: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), count())).collect();
    json!({ "type": "object", "required": names, "properties": properties })
}

/// What `/admin` takes and gives, where it is served.
pub(super) fn admin() -> Value {
    let fault = json!({
        "type": "string",
        "pattern": "^[a-z-]+(=.+)?$",
        "description": "A fault as `--fault` takes it.",
    });
    // Both spellings are taken: that of the flag and that of the truth log.
    let names: BTreeSet<String> =
        Kind::ALL.into_iter().flat_map(|kind| [kind.flag(), kind.name().to_owned()]).collect();
    json!({
        "FaultChange": {
            "type": "object",
            "description": "All of it is done, or none. `set` has faults as `--fault` takes them, \
                `clear` their names.",
            "additionalProperties": false,
            "properties": {
                "set": { "type": "array", "items": fault },
                "clear": { "type": "array", "items": { "enum": names } },
            },
            "examples": [{ "set": ["stall=2s@5%"], "clear": ["cut"] }],
        },
        "FaultList": {
            "type": "object",
            "required": ["faults"],
            "properties": {
                "faults": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["fault", "name", "on_for_s", "turns"],
                        "properties": {
                            "fault": { "type": "string" },
                            "name": { "type": "string" },
                            "on_for_s": { "type": "number", "minimum": 0 },
                            "turns": count(),
                        },
                    },
                },
            },
        },
    })
}
