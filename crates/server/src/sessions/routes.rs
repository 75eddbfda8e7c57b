//! The session endpoints: create, list, read, export, delete; compacting has a file of its own.

pub(crate) use super::compact::compact;
use super::create::NewSession;
use super::{Denied, Page, Session, export};
use crate::app::App;
use crate::name::Name;
use crate::refusal::Refusal;
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Most sessions in one list.
pub(crate) const LISTED: usize = 1000;

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    limit: Option<usize>,
    after: Option<String>,
}

impl ListQuery {
    /// The limit, if it is within its own.
    pub(crate) fn checked(&self) -> Option<usize> {
        Some(self.limit.unwrap_or(LISTED)).filter(|limit| (1..=LISTED).contains(limit))
    }
}

/// `POST /api/v1/sessions`.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    request: Request<Body>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let wanted = NewSession::read(&app.body.read(request).await?)?;
    let id = wanted.id.unwrap_or_else(|| app.request_ids.session());
    let created = app.sessions.create(&id, wanted.metadata).map_err(|denied| match denied {
        Denied::Exists => Refusal::SessionExists(id),
        Denied::Full => app.sessions_full(),
    })?;
    Ok((StatusCode::CREATED, Json(described(&app, &created))))
}

/// `GET /api/v1/sessions`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Page>, Refusal> {
    let wrong =
        || Refusal::Field(format!("query parameter `limit` must be a number from 1 to {LISTED}"));
    let Query(query) = query.map_err(|_| wrong())?;
    let limit = query.checked().ok_or_else(wrong)?;
    Ok(Json(app.sessions.list(limit, query.after.as_deref())))
}

/// `GET /api/v1/sessions/{id}`.
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Name(id): Name,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(described(&app, &*find(&app, id)?)))
}

/// `GET /api/v1/sessions/{id}/export`.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    Name(id): Name,
    query: Result<Query<export::ExportQuery>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(query) = query.map_err(|_| {
        Refusal::Field("query parameter `format` must be `json` or `markdown`".into())
    })?;
    Ok(export::file(&app, &*find(&app, id)?, query.format))
}

/// `DELETE /api/v1/sessions/{id}`.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    Name(id): Name,
) -> Result<Json<Value>, Refusal> {
    if app.sessions.delete(&id) {
        Ok(Json(json!({ "session_id": id, "deleted": true })))
    } else {
        Err(Refusal::UnknownSession(id))
    }
}

fn find(app: &App, id: String) -> Result<Arc<Session>, Refusal> {
    app.sessions.get(&id).ok_or(Refusal::UnknownSession(id))
}

/// A session as clients see it.
pub(super) fn described(app: &App, session: &Session) -> Value {
    let messages = session.messages();
    let messages: Vec<&victor_model::Message> = messages.iter().map(AsRef::as_ref).collect();
    let standing = session.standing();
    let context = app.policy.metrics(standing.weight);
    json!({
        "session_id": session.id().as_ref(),
        "turns": standing.turns,
        "bytes": standing.heap,
        "context": {
            "tokens": context.estimated_tokens,
            "window": app.policy.window(),
            "utilization": context.utilization,
            "level": context.level,
        },
        "compactions": {
            "count": standing.compactions,
            "latest": standing.latest.as_ref().map(super::compact::compaction),
        },
        "metadata": session.metadata().cloned().unwrap_or_default(),
        "messages": messages,
    })
}
