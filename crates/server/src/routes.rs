//! The paths of the server.

use crate::app::{App, MODEL, PROVIDER};
use crate::chat;
use crate::diagnostics::diagnose;
use crate::faults::admin;
use crate::refusal::Refusal;
use crate::tools::Tool;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use victor_model::ToolCall;

const CHAT: &str = "/api/v1/chat";
pub(crate) const DIAGNOSTICS: &str = "/api/v1/diagnostics";
const STREAM: &str = "/api/v1/chat/stream";

/// Most sessions in one list.
const LISTED: usize = 1000;

/// True for the paths whose requests are turns.
pub(crate) fn is_chat(path: &str) -> bool {
    path == CHAT || path == STREAM
}

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let router = if app.admin {
        Router::new().route("/admin/faults", get(admin::show).post(admin::change))
    } else {
        Router::new()
    };
    router
        .route(CHAT, post(chat::chat))
        .route(STREAM, post(chat::stream))
        .route("/health", get(health))
        .route("/health/live", get(health))
        .route("/health/ready", get(ready))
        .route("/api/v1/health", get(health))
        .route("/metrics", get(metrics))
        .route(DIAGNOSTICS, get(diagnostics))
        .route("/api/v1/models", get(models))
        .route("/api/v1/sessions", get(sessions))
        .route("/api/v1/sessions/{id}", get(session).delete(delete_session))
        .route("/api/v1/tools", get(tools))
        .route("/api/v1/tools/{name}/execute", post(execute))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    if app.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "stopping" })));
    }
    (StatusCode::OK, Json(json!({ "status": "ready" })))
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match app.journal.metrics().text(app.sessions.len()) {
        Ok(text) => ([(header::CONTENT_TYPE, KIND)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn diagnostics(State(app): State<Arc<App>>) -> Json<Value> {
    Json(diagnose(&app))
}

async fn models(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({
        "models": [{
            "id": MODEL,
            "provider": PROVIDER,
            "simulated": true,
            "profile": app.model.profile().name(),
        }],
        "default": { "provider": PROVIDER, "model": MODEL },
    }))
}

#[derive(Deserialize)]
struct ListQuery {
    limit: Option<usize>,
}

async fn sessions(
    State(app): State<Arc<App>>,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(query) = query
        .map_err(|_| Refusal::Field("query parameter `limit` must be a whole number".into()))?;
    let listed = app.sessions.list(query.limit.unwrap_or(LISTED).min(LISTED));
    Ok(Json(json!({ "count": app.sessions.len(), "sessions": listed })))
}

async fn session(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let session = app.sessions.get(&id).ok_or(Refusal::UnknownSession(id))?;
    let messages = session.messages();
    let messages: Vec<&victor_model::Message> = messages.iter().map(AsRef::as_ref).collect();
    let (turns, _) = session.counts();
    let id = session.id().as_ref();
    Ok(Json(json!({ "session_id": id, "turns": turns, "messages": messages })))
}

async fn delete_session(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    if app.sessions.delete(&id) {
        Ok(Json(json!({ "session_id": id, "deleted": true })))
    } else {
        Err(Refusal::UnknownSession(id))
    }
}

async fn tools() -> Json<Value> {
    let tools: Vec<Value> = Tool::ALL.iter().map(|tool| tool.describe()).collect();
    Json(json!({ "tools": tools }))
}

/// Body: `{"arguments": {...}}`.
async fn execute(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    if Tool::named(&name).is_none() {
        return Err(Refusal::UnknownTool(name));
    }
    let body = app.body.read(request).await?;
    let body: Value =
        serde_json::from_slice(&body).map_err(|error| Refusal::BrokenJson(error.to_string()))?;
    let arguments = match body.get("arguments") {
        Some(Value::Object(arguments)) => Value::Object(arguments.clone()),
        Some(_) => return Err(Refusal::Field("field `arguments` must be an object".into())),
        None => return Err(Refusal::Field("field `arguments` is missing".into())),
    };
    let call = ToolCall { id: "direct".to_owned(), name, arguments };
    let metrics = app.journal.metrics();
    let report = app.toolbox.run(call, |tool, status| metrics.tool_ended(tool, status)).await;
    Ok(Json(report).into_response())
}

async fn unknown(uri: Uri) -> Refusal {
    Refusal::UnknownPath(uri.path().chars().take(200).collect())
}

async fn wrong_method(method: Method) -> Refusal {
    Refusal::Method(method.to_string())
}
