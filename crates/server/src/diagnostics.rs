//! What the server holds and does at this moment.

use crate::app::App;
use serde_json::{Map, Value, json};
use std::time::Duration;
use victor_clock::now;

/// The body of `GET /api/v1/diagnostics`. Each part of the server is one object, so that a part
/// can be added without touching the others.
pub(crate) fn diagnose(app: &App) -> Value {
    let mut parts = Map::new();
    let mut put = |name: &str, part: Value| parts.insert(name.to_owned(), part);
    put("uptime_s", json!((now() - app.started).as_secs_f64()));
    put("stopping", json!(app.stopping.is_cancelled()));
    let sessions = app.sessions.totals();
    put(
        "sessions",
        json!({
            "live": sessions.live,
            "limit": app.sessions.most(),
            "messages": sessions.messages,
            "bytes": sessions.bytes,
        }),
    );
    let line = app.admission.standing();
    put("slots", json!({ "used": line.running, "total": line.slots }));
    let oldest_ms = line.oldest.map(millis);
    put("queue", json!({ "waiting": line.waiting, "limit": line.places, "oldest_ms": oldest_ms }));
    put("refused", json!(app.journal.metrics().refused_by_code()));
    put(
        "rate_limit",
        app.rate.as_ref().map_or(Value::Null, |rate| json!({ "clients": rate.clients() })),
    );
    put(
        "cache",
        app.answers.as_ref().map_or(Value::Null, |answers| {
            let tally = answers.tally();
            json!({
                "entries": tally.entries,
                "bytes": tally.bytes,
                "hits": tally.hits,
                "misses": tally.misses,
            })
        }),
    );
    let connections = &app.connections;
    put(
        "connections",
        json!({
            "open": connections.open(),
            "limit": connections.most(),
            "refused": connections.refused(),
        }),
    );
    put("process", process());
    Value::Object(parts)
}

/// What the kernel says of this process; `null` where it says nothing.
fn process() -> Value {
    let me = procfs::process::Process::myself().ok();
    let stat = me.as_ref().and_then(|me| me.stat().ok());
    let files = me.as_ref().and_then(|me| me.fd_count().ok());
    json!({
        "pid": std::process::id(),
        "rss_bytes": stat.as_ref().map(|stat| stat.rss * procfs::page_size()),
        "threads": stat.as_ref().map(|stat| stat.num_threads),
        "open_files": files,
    })
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}
