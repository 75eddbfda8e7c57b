//! The chat endpoints: the whole answer as JSON, or its events as they come.

use super::cached::Cached;
use super::event::{DONE, Event, UsageBody};
use super::request::Order;
use super::stream::{EventBody, Events};
use super::turn::{Finished, Turn};
use crate::app::{App, MODEL, PROVIDER};
use crate::faults::{CutBody, Ending, Linger};
use crate::refusal::Refusal;
use crate::tools::ToolReport;
use crate::truth::Ticket;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Request, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use victor_clock::now;

/// What a turn says that fails on purpose.
const FAILED: &str = "a simulated failure";

/// `POST /api/v1/chat`.
pub(crate) async fn chat(
    State(app): State<Arc<App>>,
    Extension(ticket): Extension<Arc<Ticket>>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let order = read(&app, request).await?;
    if order.stream {
        return Ok(streamed(accept(app, ticket, order).await?));
    }
    let mut cached = Cached::look_up(&app, &order);
    let told = Told::new(&ticket, &order);
    let mut response = match &cached {
        Cached::Hit(answered) => {
            told.ticket.answering(answered.usage.completion_tokens);
            told.response(&answered.text, &[], answered.usage.into(), Ending::Whole)
        }
        Cached::Never | Cached::Miss(_) => {
            let finished = whole(accept(Arc::clone(&app), ticket, order).await?).await?;
            cached.keep(&app, &finished);
            let Finished { text, tool_calls, usage, ending } = finished;
            told.response(&text, &tool_calls, usage.into(), ending)
        }
    };
    cached.mark(&mut response);
    Ok(response)
}

/// `POST /api/v1/chat/stream`.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    Extension(ticket): Extension<Arc<Ticket>>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let order = read(&app, request).await?;
    Ok(streamed(accept(app, ticket, order).await?))
}

async fn read(app: &App, request: Request<Body>) -> Result<Order, Refusal> {
    let body = app.body.read(request).await?;
    Order::read(&body, app.chat)
}

/// Takes a slot, waiting in line for it, and then the session: a turn that is refused leaves none.
pub(crate) async fn accept(
    app: Arc<App>,
    ticket: Arc<Ticket>,
    order: Order,
) -> Result<Turn, Refusal> {
    if let Some(id) = &order.session_id {
        ticket.set_session(id);
    }
    app.faults.enter(&ticket)?;
    ticket.queued();
    let slot = app.admission.enter_through(app.turnstile.as_ref()).await?;
    let lease = match &order.session_id {
        Some(id) => Some(app.sessions.acquire(id).ok_or_else(|| app.sessions_full())?),
        None => None,
    };
    Ok(Turn { app, ticket, lease, order, slot })
}

/// Takes a turn that is not streamed.
async fn whole(turn: Turn) -> Result<Finished, Refusal> {
    let ticket = Arc::clone(&turn.ticket);
    match ticket.fate().work_after_hangup() {
        Some(limit) => Linger::new(turn.take(None), limit, ticket).await,
        None => turn.take(None).await,
    }
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

/// What is told with an answer, kept while the turn is taken.
struct Told {
    ticket: Arc<Ticket>,
    session_id: Option<String>,
    model: Option<String>,
    provider: Option<String>,
}

impl Told {
    fn new(ticket: &Arc<Ticket>, order: &Order) -> Self {
        Self {
            ticket: Arc::clone(ticket),
            session_id: order.session_id.clone(),
            model: order.model.clone(),
            provider: order.provider.clone(),
        }
    }

    fn response(
        &self,
        text: &str,
        tool_calls: &[ToolReport],
        usage: UsageBody,
        ending: Ending,
    ) -> Response {
        let body = ChatResponse {
            response: text,
            session_id: self.session_id.as_deref(),
            request_id: self.ticket.request_id(),
            tool_calls,
            usage,
            model: self.model.as_deref().unwrap_or(MODEL),
            provider: self.provider.as_deref().unwrap_or(PROVIDER),
            simulated: true,
            latency_ms: (now() - self.ticket.received()).as_secs_f64() * 1e3,
        };
        match ending {
            Ending::Whole => Json(body).into_response(),
            Ending::Cut => cut(&body, &self.ticket),
            Ending::Error => {
                self.ticket.set_failed();
                Json(json!({ "error": { "message": FAILED } })).into_response()
            }
        }
    }
}

/// The answer without its end.
fn cut(body: &ChatResponse<'_>, ticket: &Ticket) -> Response {
    // Strings, numbers and lists of them cannot fail to serialise.
    let whole = Bytes::from(serde_json::to_vec(body).unwrap_or_default());
    let told = ticket.fate().told(whole.len());
    let mut response = Response::new(Body::new(CutBody::new(&whole, told)));
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn streamed(turn: Turn) -> Response {
    let ticket = Arc::clone(&turn.ticket);
    let body = EventBody::new(|events| async move {
        match ticket.fate().work_after_hangup() {
            Some(limit) => Linger::new(narrate(turn, events), limit, ticket).await,
            None => narrate(turn, events).await,
        }
    });
    let mut response = Response::new(Body::new(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Tells a turn event by event.
async fn narrate(mut turn: Turn, events: Events) {
    let (ticket, usage) = (Arc::clone(&turn.ticket), turn.app.usage);
    let model = turn.order.model.take();
    let request = Event::Request {
        request_id: ticket.request_id(),
        session_id: turn.order.session_id.as_deref(),
        model: model.as_deref().unwrap_or(MODEL),
    };
    events.send(request.bytes()).await;
    match turn.take(Some(&events)).await {
        Ok(Finished { ending: Ending::Cut, .. }) => ticket.set_cut(),
        Ok(Finished { ending: Ending::Error, .. }) => {
            ticket.set_failed();
            events.finish(Event::Error { message: FAILED }.bytes()).await;
        }
        Ok(finished) => {
            if usage {
                events.send(Event::Usage { usage: finished.usage.into() }.bytes()).await;
            }
            events.finish(DONE).await;
        }
        Err(refusal) => {
            ticket.set_failed();
            events.finish(Event::Error { message: &refusal.to_string() }.bytes()).await;
        }
    }
}
