//! A user with its line, and the one way in which a turn is made.

use crate::flight::Ticket;
use crate::recorder::{Begun, Recorder};
use crate::shard::Shard;
use crate::turn::{self, Hints, Line, Question};
use std::cell::RefCell;
use tokio::time::timeout_at;
use victor_clock::{Duration, Instant, now, sleep_until};
use victor_dialect::{Answer, Conversation, Failure};
use victor_types::{FailureKind, Phase};
use victor_users::{Asked, Class, User};
use victor_wire::Times;

/// A user at the target.
#[derive(Debug)]
pub(crate) struct Guest {
    user: User,
    line: Line,
    /// What was said, where the server does not keep it.
    conversation: Conversation,
    turns: u64,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    /// The last byte of an answer, or when an exchange that broke off was noticed to have.
    pub(crate) done: Instant,
    /// No connection could be opened.
    pub(crate) unconnected: bool,
}

impl Guest {
    pub(crate) fn new(shard: &Shard, class: Class, number: u64) -> Self {
        Self {
            user: User::new(class, &shard.run, number),
            line: Line::new(shard),
            conversation: Conversation::default(),
            turns: 0,
        }
    }

    /// Turns begun.
    pub(crate) fn turns(&self) -> u64 {
        self.turns
    }

    /// Draws the wait after a turn that took `turn`.
    pub(crate) fn wait(&mut self, turn: Duration) -> Duration {
        self.user.wait(turn)
    }

    /// Makes a turn that was due at `planned`, and records it. Dropped in the middle, it leaves the
    /// turn incomplete.
    pub(crate) async fn take_turn(&mut self, shard: &Shard, planned: Instant) -> Ended {
        self.turns += 1;
        let asked = self.user.ask(planned.saturating_duration_since(shard.start));
        let number = self.user.number();
        let request_id = format!("{}-{number}-{}", shard.run.id(), self.turns);
        let begun = Begun {
            name: shard.burst.as_ref().map_or(asked.name, |burst| burst.name),
            planned,
            user: number,
            request_id: request_id.clone(),
            session_id: asked.turn.session_id.clone(),
        };
        let ticket = shard.recorder.borrow_mut().begin(begun);
        let open = OpenTurn { recorder: &shard.recorder, ticket: Some(ticket) };
        let mut made = Made::default();
        let attempts = self.attempts(shard, &asked, &request_id, planned, &mut made);
        let heard = match shard.habits.patience {
            None => attempts.await,
            Some(patience) => match timeout_at(planned + patience, attempts).await {
                Ok(heard) => heard,
                // What was under way is dropped, and its connection with it: the user has hung up.
                Err(_) => Err(Failure::new(FailureKind::Abandoned, "the user hung up")),
            },
        };
        let ended = now();
        let done = if heard.is_ok() { made.times.last_byte.unwrap_or(ended) } else { ended };
        let judged = self.user.hear(&asked, heard);
        open.finish(done, &made, &judged);
        let unconnected = judged.is_err_and(|failure| is_of_opening(failure.kind));
        Ended { done, unconnected }
    }

    /// Makes a turn, and again as often as the user's habits say.
    async fn attempts(
        &mut self,
        shard: &Shard,
        asked: &Asked,
        request_id: &str,
        planned: Instant,
        made: &mut Made,
    ) -> Result<Answer, Failure> {
        let mut again;
        let mut id = request_id;
        loop {
            let mut hints = Hints::default();
            made.times = Times::default();
            let times = &mut made.times;
            let question = Question { asked, conversation: &self.conversation, request_id: id };
            let line = &mut self.line;
            let mut heard = turn::make(shard, line, question, planned, times, &mut hints).await;
            if let Ok(answer) = &mut heard {
                shard.dialect.settle(&asked.turn, &mut self.conversation, answer);
            }
            let Err(failure) = &heard else { return heard };
            let retries = shard.habits.retries;
            if made.retries >= retries.most || !is_worth_a_retry(failure.kind) {
                return heard;
            }
            let draw = self.user.number() ^ self.turns.rotate_left(40);
            let attempt = made.retries + 2;
            let pause = retries.pause(attempt, hints.retry_after, shard.run.seed(), draw);
            tokio::select! {
                biased;
                () = shard.stop.cancelled() => return heard,
                () = sleep_until(now() + pause) => {}
            }
            made.retries += 1;
            again = format!("{request_id}.{attempt}");
            id = &again;
        }
    }
}

/// What came of the attempts at a turn, however they ended.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// Of the last attempt.
    pub(crate) times: Times,
    /// Attempts beyond the first.
    pub(crate) retries: u32,
}

/// A turn in the recorder that is not closed yet. Dropped with the user, it is incomplete.
struct OpenTurn<'a> {
    recorder: &'a RefCell<Recorder>,
    ticket: Option<Ticket>,
}

impl OpenTurn<'_> {
    fn finish(mut self, done: Instant, made: &Made, judged: &Result<Answer, Failure>) {
        if let Some(ticket) = self.ticket.take() {
            self.recorder.borrow_mut().finish(ticket, done, made, judged);
        }
    }
}

impl Drop for OpenTurn<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.recorder.borrow_mut().give_up(ticket, now());
        }
    }
}

/// Failures that may be another's fault or a moment's, and that more of the same may mend.
fn is_worth_a_retry(kind: FailureKind) -> bool {
    use FailureKind::{Connect, Cut, HttpStatus, StreamStalled, Timeout};
    match kind {
        Timeout(phase) => phase != Phase::Total,
        HttpStatus(code) => matches!(code, 408 | 425 | 429 | 500 | 502 | 503 | 504),
        kind => matches!(kind, Connect | Cut | StreamStalled),
    }
}

/// Whether a failure means that no connection was had.
fn is_of_opening(kind: FailureKind) -> bool {
    use FailureKind::{Connect, Dns, Timeout, Tls};
    matches!(kind, Dns | Connect | Tls | Timeout(Phase::Connect | Phase::Tls))
}
