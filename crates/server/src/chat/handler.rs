//! The chat endpoints: the whole answer as JSON, or its events as they come.

use super::event::{DONE, Event, UsageBody};
use super::request::Order;
use super::stream::{EventBody, Events};
use super::turn::{Finished, Turn};
use crate::app::{App, MODEL, PROVIDER};
use crate::refusal::Refusal;
use crate::tools::ToolReport;
use crate::truth::Ticket;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Request, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;
use victor_clock::now;

/// `POST /api/v1/chat`.
pub(crate) async fn chat(
    State(app): State<Arc<App>>,
    Extension(ticket): Extension<Arc<Ticket>>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let turn = accept(app, ticket, request).await?;
    if turn.order.stream { Ok(streamed(turn)) } else { whole(turn).await }
}

/// `POST /api/v1/chat/stream`.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    Extension(ticket): Extension<Arc<Ticket>>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    Ok(streamed(accept(app, ticket, request).await?))
}

/// Reads the request and takes its session.
async fn accept(
    app: Arc<App>,
    ticket: Arc<Ticket>,
    request: Request<Body>,
) -> Result<Turn, Refusal> {
    let body = app.body.read(request).await?;
    let order = Order::read(&body, app.chat)?;
    let lease = match &order.session_id {
        Some(id) => {
            ticket.set_session(id);
            Some(app.sessions.acquire(id).ok_or_else(|| app.sessions_full())?)
        }
        None => None,
    };
    Ok(Turn { app, ticket, lease, order })
}

/// The answer of a turn that is not streamed.
#[derive(Serialize)]
struct ChatResponse<'a> {
    response: &'a str,
    session_id: Option<&'a str>,
    request_id: &'a str,
    tool_calls: &'a [ToolReport],
    usage: UsageBody,
    model: &'a str,
    provider: &'a str,
    /// True for every name: the embedded model answers under whatever name was asked for.
    simulated: bool,
    latency_ms: f64,
}

async fn whole(mut turn: Turn) -> Result<Response, Refusal> {
    let ticket = Arc::clone(&turn.ticket);
    let session_id = turn.order.session_id.clone();
    let (model, provider) = (turn.order.model.take(), turn.order.provider.take());
    let Finished { text, tool_calls, usage } = turn.take(None).await?;
    let body = ChatResponse {
        response: &text,
        session_id: session_id.as_deref(),
        request_id: ticket.request_id(),
        tool_calls: &tool_calls,
        usage: usage.into(),
        model: model.as_deref().unwrap_or(MODEL),
        provider: provider.as_deref().unwrap_or(PROVIDER),
        simulated: true,
        latency_ms: (now() - ticket.received()).as_secs_f64() * 1e3,
    };
    Ok(Json(body).into_response())
}

fn streamed(turn: Turn) -> Response {
    let mut response = Response::new(Body::new(EventBody::new(|events| narrate(turn, events))));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Tells a turn event by event.
async fn narrate(mut turn: Turn, events: Events) {
    let ticket = Arc::clone(&turn.ticket);
    let model = turn.order.model.take();
    let request = Event::Request {
        request_id: ticket.request_id(),
        session_id: turn.order.session_id.as_deref(),
        model: model.as_deref().unwrap_or(MODEL),
    };
    events.send(request.bytes()).await;
    match turn.take(Some(&events)).await {
        Ok(finished) => {
            events.send(Event::Usage { usage: finished.usage.into() }.bytes()).await;
            events.finish(DONE).await;
        }
        Err(refusal) => {
            ticket.set_failed();
            events.finish(Event::Error { message: &refusal.to_string() }.bytes()).await;
        }
    }
}
