//! The paths of the server.

use crate::app::{App, MODEL, PROVIDER};
use crate::chat;
use crate::diagnostics::diagnose;
use crate::faults::admin;
use crate::metrics::Held;
use crate::name::Name;
use crate::refusal::Refusal;
use crate::sessions::routes as sessions;
use crate::tools::Tool;
use crate::ws;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::Arc;
use victor_model::ToolCall;

const CHAT: &str = "/api/v1/chat";
pub(crate) const DIAGNOSTICS: &str = "/api/v1/diagnostics";
const STREAM: &str = "/api/v1/chat/stream";

/// True for the paths whose requests are turns.
pub(crate) fn is_chat(path: &str) -> bool {
    path == CHAT || path == STREAM
}

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut router = listed().router;
    if app.admin {
        router = router.route("/admin/faults", get(admin::show).post(admin::change));
    }
    router.fallback(unknown).method_not_allowed_fallback(wrong_method).with_state(app)
}

/// The routes with a list of their paths, which the router itself does not give.
pub(crate) struct Listed {
    router: Router<Arc<App>>,
    paths: Vec<&'static str>,
}

impl Listed {
    fn new() -> Self {
        Self { router: Router::new(), paths: Vec::new() }
    }

    fn route(mut self, path: &'static str, methods: MethodRouter<Arc<App>>) -> Self {
        self.paths.push(path);
        Self { router: self.router.route(path, methods), ..self }
    }

    #[cfg(test)]
    pub(crate) fn paths(&self) -> &[&'static str] {
        &self.paths
    }
}

/// Each path with its methods.
pub(crate) fn listed() -> Listed {
    Listed::new()
        .route(CHAT, post(chat::chat))
        .route(STREAM, post(chat::stream))
        .route("/ws", get(ws::upgrade))
        .route("/health", get(health))
        .route("/health/live", get(health))
        .route("/health/ready", get(ready))
        .route("/api/v1/health", get(health))
        .route("/metrics", get(metrics))
        .route(DIAGNOSTICS, get(diagnostics))
        .route("/api/v1/models", get(models))
        .route("/api/v1/sessions", get(sessions::list).post(sessions::create))
        .route("/api/v1/sessions/{id}", get(sessions::get).delete(sessions::delete))
        .route("/api/v1/sessions/{id}/export", get(sessions::export))
        .route("/api/v1/sessions/{id}/compact", post(sessions::compact))
        .route("/api/v1/tools", get(tools))
        .route("/api/v1/tools/{name}/execute", post(execute))
        .route("/openapi.json", get(openapi))
        .route("/docs", get(docs))
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
    let held = Held {
        sessions: app.sessions.len(),
        session_bytes: app.ledger.holdings().heap,
        services: app.services.census(),
    };
    match app.journal.metrics().text(&held) {
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

async fn tools() -> Json<Value> {
    let tools: Vec<Value> = Tool::ALL.iter().map(|tool| tool.describe()).collect();
    Json(json!({ "tools": tools }))
}

/// Body: `{"arguments": {...}}`.
async fn execute(
    State(app): State<Arc<App>>,
    Name(name): Name,
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
    let report = app.toolbox.run(call, None, |tool, status| metrics.tool_ended(tool, status)).await;
    Ok(Json(report).into_response())
}

async fn openapi(State(app): State<Arc<App>>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (headers, app.docs.json.clone()).into_response()
}

async fn docs(State(app): State<Arc<App>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
    ];
    (headers, app.docs.page.clone()).into_response()
}

async fn unknown(uri: Uri) -> Refusal {
    Refusal::UnknownPath(uri.path().chars().take(200).collect())
}

async fn wrong_method(method: Method) -> Refusal {
    Refusal::Method(method.to_string())
}
