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
    let held = app.ledger.holdings();
    put(
        "sessions",
        json!({
            "live": app.sessions.len(),
            "limit": app.sessions.most(),
            "messages": held.messages,
            "bytes": held.heap,
            "text_bytes": held.text,
        }),
    );
    put("compaction", compaction(app));
    put("services", services(app));
    let bodies = &app.body.budget;
    put(
        "bodies",
        json!({ "bytes": bodies.held(), "limit": bodies.most(), "refused": bodies.refused() }),
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

/// When sessions are made smaller, and how often they were.
fn compaction(app: &App) -> Value {
    let done = app.ledger.compactions();
    json!({
        "window_tokens": app.policy.window(),
        "strategy": app.policy.strategy(),
        "count": done.count,
        "tokens_freed": done.tokens_freed,
        "took_ms": millis(done.took),
    })
}

/// What of the services is alive, by lifetime, and what has ended.
fn services(app: &App) -> Value {
    let census = app.services.census();
    json!({
        "singletons": census.singletons,
        "scopes": census.scopes,
        "scoped": census.scoped,
        "transients_made": census.transients_created,
        "scopes_ended": census.scopes_ended,
        "disposed": census.disposed,
    })
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
