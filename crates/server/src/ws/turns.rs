//! The turns of one socket: one runs, a few wait.

use super::frame::ServerFrame;
use crate::app::{App, MODEL, PROVIDER};
use crate::chat::{EventBody, Events, Order, accept, event_json};
use crate::rate::Client;
use crate::refusal::Refusal;
use crate::truth::{OpenTicket, Ticket};
use axum::body::Bytes;
use axum::http::StatusCode;
use http_body_util::BodyExt as _;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use victor_clock::now;

/// Most turns that wait on one socket while another runs.
pub(super) const WAITING: usize = 8;

/// A turn that waits for those before it.
#[derive(Debug)]
struct Waiting {
    ticket: OpenTicket,
    frame: Bytes,
}

/// A turn that runs when it is polled.
#[derive(Debug)]
struct Running {
    ticket: OpenTicket,
    body: EventBody,
    /// The status of a turn that was refused, once it was.
    refused: Arc<OnceLock<StatusCode>>,
}

/// The turns of one socket. Dropping it stops the one and forgets the others.
#[derive(Debug, Default)]
pub(super) struct Turns {
    running: Option<Running>,
    waiting: VecDeque<Waiting>,
}

impl Turns {
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_none() && self.waiting.is_empty()
    }

    /// Takes a chat frame of `client`; the text, if any, is its refusal.
    pub(super) fn add(
        &mut self,
        app: &App,
        client: Client,
        id: String,
        frame: Bytes,
    ) -> Option<String> {
        let ticket = OpenTicket::new(&app.journal, id, now());
        let refusal = if self.waiting.len() >= WAITING {
            Err(Refusal::SocketBusy(WAITING))
        } else {
            app.let_through(client)
        };
        match refusal {
            Ok(()) => {
                self.waiting.push_back(Waiting { ticket, frame });
                None
            }
            Err(refusal) => Some(refused(app, ticket, &refusal)),
        }
    }

    /// The next frame of the turns, which never comes while there are none. May be dropped and
    /// called again.
    pub(super) async fn next(&mut self, app: &Arc<App>) -> Bytes {
        loop {
            if let Some(running) = &mut self.running {
                let frame = running.body.frame().await;
                let Some(Ok(Ok(event))) = frame.map(|frame| frame.map(http_body::Frame::into_data))
                else {
                    self.running = None;
                    continue;
                };
                running.ticket.writing();
                if http_body::Body::is_end_stream(&running.body) {
                    let refused = running.refused.get().copied();
                    running.ticket.set_status(refused.unwrap_or(StatusCode::OK));
                    running.ticket.close();
                    self.running = None;
                }
                return event_json(event);
            }
            let Some(Waiting { ticket, frame }) = self.waiting.pop_front() else {
                return std::future::pending().await;
            };
            let Some(shared) = ticket.ticket() else { continue };
            let refused = Arc::new(OnceLock::new());
            let (app, status) = (Arc::clone(app), Arc::clone(&refused));
            let body = EventBody::new(|events| narrate(app, shared, frame, status, events));
            self.running = Some(Running { ticket, body, refused });
        }
    }
}

/// Closes the ticket of a turn that does not begin.
fn refused(app: &App, mut ticket: OpenTicket, refusal: &Refusal) -> String {
    let shared = ticket.ticket();
    let request_id = shared.as_ref().map(|ticket| ticket.request_id());
    let text = error(refusal, request_id);
    app.journal.metrics().refused(refusal.code());
    ticket.set_status(refusal.status());
    ticket.writing();
    ticket.close();
    text
}

/// The frame of a refusal.
pub(super) fn error(refusal: &Refusal, request_id: Option<&str>) -> String {
    let message = &refusal.to_string();
    ServerFrame::Error { code: refusal.code(), message, request_id }.text()
}

/// Takes the turn of a frame and tells it event by event, and its end.
async fn narrate(
    app: Arc<App>,
    ticket: Arc<Ticket>,
    frame: Bytes,
    status: Arc<OnceLock<StatusCode>>,
    events: Events,
) {
    let last = match told(&app, &ticket, &frame, &events).await {
        Ok(done) => done,
        Err(refusal) => {
            app.journal.metrics().refused(refusal.code());
            // Set once: a turn ends once.
            let _ = status.set(refusal.status());
            error(&refusal, Some(ticket.request_id()))
        }
    };
    events.finish(last.into()).await;
}

/// Takes the turn; the answer is its `done`, with all that a whole answer has.
async fn told(
    app: &Arc<App>,
    ticket: &Arc<Ticket>,
    frame: &[u8],
    events: &Events,
) -> Result<String, Refusal> {
    let order = Order::read(frame, app.chat)?;
    let mut turn = accept(Arc::clone(app), Arc::clone(ticket), order).await?;
    let (model, provider) = (turn.order.model.take(), turn.order.provider.take());
    let session_id = turn.order.session_id.clone();
    let finished = turn.take(Some(events)).await?;
    let done = ServerFrame::Done {
        request_id: ticket.request_id(),
        session_id: session_id.as_deref(),
        model: model.as_deref().unwrap_or(MODEL),
        provider: provider.as_deref().unwrap_or(PROVIDER),
        simulated: true,
        usage: finished.usage.into(),
        latency_ms: (now() - ticket.received()).as_secs_f64() * 1e3,
    };
    Ok(done.text())
}
