//! Every path and method, in the order in which a reader wants them.

use super::Facts;
use super::operation::{Operation, json_body, schema};
use crate::sessions::routes::LISTED;
use serde_json::{Value, json};

/// All operations.
pub(super) fn operations(facts: &Facts) -> Vec<Operation> {
    let mut all = turns();
    all.extend(sessions());
    all.extend(tools(facts));
    all.extend(service());
    if facts.admin {
        all.extend(admin());
    }
    all
}

fn turns() -> Vec<Operation> {
    let events = json!({ "text/event-stream": { "schema": schema("EventStream") } });
    let mut either = json_body("ChatResponse");
    either["text/event-stream"] = events["text/event-stream"].clone();
    vec![
        Operation::new("post", "/api/v1/chat", "turns", "Take a turn")
            .description(
                "Without `session_id` the turn is stateless and nothing is kept. With `stream: \
                 true` the answer is an event stream, as on `/api/v1/chat/stream`.",
            )
            .body("ChatRequest")
            .answer(200, "The answer", &either)
            .refuses(&[500, 503]),
        Operation::new("post", "/api/v1/chat/stream", "turns", "Take a turn, told as it goes")
            .description(
                "A stream that does not end with `data: [DONE]` was not complete; an `error` \
                 event says why.",
            )
            .body("ChatRequest")
            .answer(200, "Server-sent events", &events)
            .refuses(&[503]),
        Operation::new("get", "/ws", "turns", "Open a socket for turns")
            .description(
                "A WebSocket of JSON text frames: see the schemas `ClientFrame` and \
                 `ServerFrame`. One turn runs at a time; up to 8 more wait. Closing the socket \
                 stops the turn. Where keys are set, send one in the `Authorization` header or \
                 in the first frame. A page may open it only from this server's own host.",
            )
            .open()
            .answer(101, "The socket is open", &json!({}))
            .refuses(&[401, 426, 503]),
    ]
}

fn sessions() -> Vec<Operation> {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": LISTED, "default": LISTED });
    let one = |method, path, summary| {
        Operation::new(method, path, "sessions", summary)
            .parameter("path", "id", "The session's id", &schema("SessionId"))
            .refuses(&[404])
    };
    let path = "/api/v1/sessions";
    let formats = json!({ "type": "string", "enum": ["json", "markdown"], "default": "json" });
    let mut export = json_body("Session");
    export["text/markdown"] = json!({ "schema": { "type": "string" } });
    vec![
        Operation::new("get", path, "sessions", "List live sessions, in order of their ids")
            .parameter("query", "limit", "Most sessions in the answer", &limit)
            .parameter("query", "after", "Only ids after this one", &json!({ "type": "string" }))
            .answer(200, "The sessions", &json_body("SessionList"))
            .refuses(&[422]),
        Operation::new("post", path, "sessions", "Create a session")
            .description(
                "Not needed before a turn: a turn with a new `session_id` creates its session. \
                 A session made here is kept for its time to live even without a turn.",
            )
            .body("NewSession")
            .answer(201, "The session", &json_body("Session"))
            .refuses(&[409, 503]),
        one("get", "/api/v1/sessions/{id}", "Read a session with its messages").answer(
            200,
            "The session",
            &json_body("Session"),
        ),
        one("get", "/api/v1/sessions/{id}/export", "Download a session")
            .parameter("query", "format", "What the file is written in", &formats)
            .answer(200, "The file", &export)
            .refuses(&[422]),
        one("post", "/api/v1/sessions/{id}/compact", "Make a session smaller")
            .description(
                "Waits for the turns before it. System text, pinned facts and the latest \
                 exchange stay; the model writes the summary of `summary` and `hybrid`, for which \
                 the request takes a slot as a turn does.",
            )
            .body("CompactRequest")
            .answer(200, "What was freed", &json_body("CompactedSession"))
            .refuses(&[500, 503]),
        one("delete", "/api/v1/sessions/{id}", "Forget a session").answer(
            200,
            "It is forgotten",
            &json_body("DeletedSession"),
        ),
    ]
}

fn tools(facts: &Facts) -> Vec<Operation> {
    let names = json!({ "type": "string", "enum": facts.tools });
    vec![
        Operation::new("get", "/api/v1/tools", "tools", "List the tools").answer(
            200,
            "The tools, with JSON Schemas of their arguments",
            &json_body("ToolList"),
        ),
        Operation::new("post", "/api/v1/tools/{name}/execute", "tools", "Run a tool")
            .description(
                "A tool that fails or refuses says so in `status`; the request itself succeeded.",
            )
            .parameter("path", "name", "The tool", &names)
            .body("ToolRequest")
            .answer(200, "How it ended", &json_body("ToolReport"))
            .refuses(&[404]),
    ]
}

fn admin() -> Vec<Operation> {
    let about = "For callers on this machine; served with `--admin`.";
    let faults = json_body("FaultList");
    vec![
        Operation::new("get", "/admin/faults", "service", "List the faults that are on")
            .description(about)
            .answer(200, "The faults", &faults),
        Operation::new("post", "/admin/faults", "service", "Switch faults on and off")
            .description(about)
            .body("FaultChange")
            .answer(200, "The faults that are on now", &faults),
    ]
}

fn service() -> Vec<Operation> {
    let get = |path, summary| Operation::new("get", path, "service", summary);
    let text = |kind: &str| -> Value { json!({ kind: { "schema": { "type": "string" } } }) };
    let health = |path, summary| {
        get(path, summary).open().watching().answer(200, "Alive", &json_body("Health"))
    };
    vec![
        get("/api/v1/models", "Say which model answers").answer(
            200,
            "The models",
            &json_body("ModelList"),
        ),
        health("/health", "Say that the server is alive"),
        health("/health/live", "The same, for probes"),
        health("/api/v1/health", "The same, beside the API"),
        get("/health/ready", "Say whether turns are taken")
            .open()
            .watching()
            .answer(200, "Ready", &json_body("Readiness"))
            .answer(503, "Stopping", &json_body("Readiness")),
        get("/metrics", "Counters in OpenMetrics text").answer(
            200,
            "The counters",
            &text("application/openmetrics-text"),
        ),
        get("/api/v1/diagnostics", "Say what the server holds and does at this moment")
            .watching()
            .answer(200, "The parts of the server, an object each", &json_body("Diagnostics")),
        get("/openapi.json", "This document").open().answer(
            200,
            "OpenAPI 3.1",
            &json!({ "application/json": { "schema": {} } }),
        ),
        get("/docs", "This document as a page").open().answer(200, "HTML", &text("text/html")),
    ]
}
