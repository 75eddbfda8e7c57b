//! The ticket of one chat request: opened when its head was read, closed exactly once.

use super::log::TruthLog;
use crate::metrics::Metrics;
use axum::http::StatusCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use victor_clock::{Anchor, Instant, now};
use victor_types::{ServerOutcome, TruthRecord};

/// Status on record for a request whose client was gone before there was a response: nothing was
/// sent, so no status of HTTP's own fits.
const CLIENT_GONE: u16 = 499;

/// Where tickets are closed: the truth log, if one is kept, and the metrics.
#[derive(Debug)]
pub(crate) struct Journal {
    log: Option<TruthLog>,
    anchor: Anchor,
    metrics: Metrics,
}

impl Journal {
    pub(crate) fn new(log: Option<TruthLog>, anchor: Anchor, metrics: Metrics) -> Self {
        Self { log, anchor, metrics }
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

/// What is known of one chat request so far.
#[derive(Debug)]
pub(crate) struct Ticket {
    journal: Arc<Journal>,
    request_id: String,
    received: Instant,
    session_id: OnceLock<String>,
    cross_talk_from: OnceLock<String>,
    failed: AtomicBool,
}

impl Ticket {
    pub(crate) fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When the request's head had been read.
    pub(crate) fn received(&self) -> Instant {
        self.received
    }

    /// Notes the session of the turn.
    pub(crate) fn set_session(&self, id: &str) {
        // Said once a request, by the handler that read the body.
        let _ = self.session_id.set(id.to_owned());
    }

    /// Notes that the answer was made from the history of session `id` and differs for it.
    pub(crate) fn set_cross_talk(&self, id: &str) {
        let _ = self.cross_talk_from.set(id.to_owned());
    }

    /// Notes that an answer whose status was already sent ended in an error event.
    pub(crate) fn set_failed(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    fn close(&self, status: u16, first_write: Option<Instant>, outcome: ServerOutcome) {
        let end = now();
        self.journal.metrics.turn_ended(outcome, end - self.received);
        let Some(log) = &self.journal.log else { return };
        let nanos = |at| self.journal.anchor.monotonic_ns(at);
        let record = TruthRecord {
            request_id: self.request_id.clone(),
            session_id: self.session_id.get().cloned(),
            received_ns: nanos(self.received),
            first_write_ns: first_write.map(nanos),
            last_write_ns: nanos(end),
            status,
            outcome,
            cross_talk_from: self.cross_talk_from.get().cloned(),
        };
        if let Err(error) = log.append(&record) {
            self.journal.metrics.truth_lost();
            tracing::error!(%error, "a truth record could not be written; check --truth-log");
        }
    }
}

/// A ticket that is still open. Dropped open, the client hung up first.
#[derive(Debug)]
pub(crate) struct OpenTicket {
    ticket: Option<Arc<Ticket>>,
    status: u16,
    first_write: Option<Instant>,
}

impl OpenTicket {
    pub(crate) fn new(journal: &Arc<Journal>, request_id: String, received: Instant) -> Self {
        journal.metrics.turn_started();
        let ticket = Ticket {
            journal: Arc::clone(journal),
            request_id,
            received,
            session_id: OnceLock::new(),
            cross_talk_from: OnceLock::new(),
            failed: AtomicBool::new(false),
        };
        Self { ticket: Some(Arc::new(ticket)), status: CLIENT_GONE, first_write: None }
    }

    /// The ticket, for the handler; `None` once it is closed.
    pub(crate) fn ticket(&self) -> Option<Arc<Ticket>> {
        self.ticket.clone()
    }

    /// Notes the status of the response.
    pub(crate) fn set_status(&mut self, status: StatusCode) {
        self.status = status.as_u16();
    }

    /// Notes that a part of the body is about to be handed to the socket.
    pub(crate) fn writing(&mut self) {
        if self.first_write.is_none() {
            self.first_write = Some(now());
        }
    }

    /// Closes the ticket: the last part of the body is about to be handed to the socket.
    pub(crate) fn close(&mut self) {
        let failed = |ticket: &Ticket| ticket.failed.load(Ordering::Relaxed);
        let Some(ticket) = self.ticket.take() else { return };
        let refused = self.status >= 400 || failed(&ticket);
        let outcome = if refused { ServerOutcome::Refused } else { ServerOutcome::Complete };
        ticket.close(self.status, self.first_write, outcome);
    }
}

impl Drop for OpenTicket {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            ticket.close(self.status, self.first_write, ServerOutcome::Aborted);
        }
    }
}
