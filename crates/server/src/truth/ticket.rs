//! The ticket of one chat request: opened when its head was read, closed exactly once.

use super::log::TruthLog;
use super::progress::{End, Lingering, Progress};
use crate::faults::{Fate, Kind, UNTOUCHED};
use crate::lock::lock;
use crate::metrics::Metrics;
use axum::http::StatusCode;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use victor_clock::{Anchor, Instant, now};
use victor_container::{BoxError, Dispose};
use victor_types::{CompactionTruth, ServerOutcome, TruthRecord};

/// Status on record for a request whose client was gone before there was a response: nothing was
/// sent, so no status of HTTP's own fits.
const CLIENT_GONE: u16 = 499;

/// Where tickets are closed: the truth log, if one is kept, and the metrics.
#[derive(Debug)]
pub(crate) struct Journal {
    log: Option<Arc<TruthLog>>,
    anchor: Anchor,
    metrics: Metrics,
    every_token: bool,
}

impl Journal {
    pub(crate) fn new(log: Option<Arc<TruthLog>>, anchor: Anchor, metrics: Metrics) -> Self {
        Self { log, anchor, metrics, every_token: false }
    }

    /// Puts the instant of each token on record.
    pub(crate) fn with_tokens(self, every_token: bool) -> Self {
        let every_token = every_token && self.log.is_some();
        Self { every_token, ..self }
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

impl Dispose for Journal {
    /// The records survive a power cut from now on.
    fn dispose(&self) -> Result<(), BoxError> {
        let Some(log) = &self.log else { return Ok(()) };
        match log.sync() {
            // A pipe or a terminal has no disk.
            Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(error.into()),
            _ => Ok(()),
        }
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
    compaction: OnceLock<CompactionTruth>,
    failed: AtomicBool,
    /// The answer was ended early on purpose.
    cut: AtomicBool,
    fate: OnceLock<Fate>,
    /// Bits of the faults that touched the turn.
    touched: AtomicU32,
    progress: Mutex<Progress>,
    lingering: Mutex<Lingering>,
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
        self.touch(Kind::CrossTalk);
    }

    /// Notes the compaction that the turn is the first to see.
    pub(crate) fn set_compaction(&self, told: CompactionTruth) {
        let _ = self.compaction.set(told);
    }

    /// Notes that an answer whose status was already sent ended in an error event.
    pub(crate) fn set_failed(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Notes that the answer is ended early.
    pub(crate) fn set_cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    /// Decides what the turn meets.
    pub(crate) fn set_fate(&self, fate: Fate) {
        let _ = self.fate.set(fate);
    }

    /// What the turn meets.
    pub(crate) fn fate(&self) -> &Fate {
        self.fate.get().unwrap_or(&UNTOUCHED)
    }

    /// Notes that a fault touched the turn, and counts it the first time.
    pub(crate) fn touch(&self, kind: Kind) {
        if self.touched.fetch_or(kind.bit(), Ordering::Relaxed) & kind.bit() == 0 {
            self.journal.metrics.fault(kind.name());
        }
    }

    /// Turns not ended, this one included.
    pub(crate) fn in_flight(&self) -> u64 {
        self.journal.metrics.in_flight()
    }

    /// Notes that the turn waits for its place.
    pub(crate) fn queued(&self) {
        lock(&self.progress).queued.get_or_insert_with(now);
    }

    /// Notes that the model begins.
    pub(crate) fn started(&self) {
        lock(&self.progress).started.get_or_insert_with(now);
    }

    /// Notes that `count` content tokens are handed over in a stream.
    pub(crate) fn streaming(&self, count: usize) {
        if count == 0 {
            return;
        }
        let at = now();
        let mut progress = lock(&self.progress);
        progress.first_token.get_or_insert(at);
        progress.tokens += count as u64;
        if self.journal.every_token {
            progress.token_times.extend(std::iter::repeat_n(at, count));
        }
    }

    /// Notes that `count` content tokens are handed over in one piece.
    pub(crate) fn answering(&self, count: u64) {
        lock(&self.progress).tokens += count;
    }

    /// Notes that the turn goes on although its client has hung up.
    pub(crate) fn linger(&self) {
        *lock(&self.lingering) = Lingering::Working;
    }

    /// Notes that such work is over, `took` after the hang-up.
    pub(crate) fn work_over(&self, took: Duration) {
        self.touch(Kind::WorkAfterHangup);
        let mut lingering = lock(&self.lingering);
        if let Lingering::Alone(hang_up) = *lingering {
            drop(lingering);
            self.close(hang_up, ServerOutcome::Aborted, Some(took));
        } else {
            *lingering = Lingering::Done(took);
        }
    }

    /// The client is gone.
    fn hang_up(&self, hang_up: End) {
        let mut lingering = lock(&self.lingering);
        let worked = match *lingering {
            Lingering::Working => {
                *lingering = Lingering::Alone(hang_up);
                return;
            }
            Lingering::Done(took) => Some(took),
            Lingering::No | Lingering::Alone(_) => None,
        };
        drop(lingering);
        self.close(hang_up, ServerOutcome::Aborted, worked);
    }

    fn close(&self, end: End, outcome: ServerOutcome, worked: Option<Duration>) {
        let End { status, first_write, at } = end;
        self.journal.metrics.turn_ended(outcome, at - self.received);
        let Some(log) = &self.journal.log else { return };
        let nanos = |at| self.journal.anchor.monotonic_ns(at);
        let progress = std::mem::take(&mut *lock(&self.progress));
        let touched = self.touched.load(Ordering::Relaxed);
        let touched = Kind::ALL.into_iter().filter(|kind| touched & kind.bit() != 0);
        let record = TruthRecord {
            request_id: self.request_id.clone(),
            session_id: self.session_id.get().cloned(),
            received_ns: nanos(self.received),
            first_write_ns: first_write.map(nanos),
            last_write_ns: nanos(at),
            status,
            outcome,
            cross_talk_from: self.cross_talk_from.get().cloned(),
            queued_ns: progress.queued.map(nanos),
            started_ns: progress.started.map(nanos),
            first_token_ns: progress.first_token.map(nanos),
            token_ns: progress.token_times.into_iter().map(nanos).collect(),
            tokens: progress.tokens,
            faults: touched.map(|kind| kind.name().to_owned()).collect(),
            work_after_hangup_ns: worked
                .map(|span| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)),
            compaction: self.compaction.get().cloned(),
        };
        if let Err(error) = log.append(&record) {
            self.journal.metrics.truth_lost();
            tracing::error!(%error, "a truth record could not be written; check --truth-log");
        }
    }
}

/// A ticket that is still open. Dropped open, the client hung up first or the answer was cut.
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
            compaction: OnceLock::new(),
            failed: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            fate: OnceLock::new(),
            touched: AtomicU32::new(0),
            progress: Mutex::default(),
            lingering: Mutex::default(),
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
        let Some(ticket) = self.ticket.take() else { return };
        let refused = self.status >= 400 || ticket.failed.load(Ordering::Relaxed);
        let outcome = if ticket.cut.load(Ordering::Relaxed) {
            ServerOutcome::Aborted
        } else if refused {
            ServerOutcome::Refused
        } else {
            ServerOutcome::Complete
        };
        ticket.close(self.end(), outcome, None);
    }

    fn end(&self) -> End {
        End { status: self.status, first_write: self.first_write, at: now() }
    }
}

impl Drop for OpenTicket {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            ticket.hang_up(self.end());
        }
    }
}
