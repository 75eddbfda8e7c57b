//! A user with its line, and the one way in which a turn is made.

use crate::recorder::Begun;
use crate::shard::Shard;
use crate::turn::{self, Line};
use victor_clock::{Duration, Instant, now};
use victor_dialect::Conversation;
use victor_types::{FailureKind, Phase};
use victor_users::{Class, User};
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
    /// turn in flight, and closing the recorder counts it as incomplete.
    pub(crate) async fn take_turn(&mut self, shard: &Shard, planned: Instant) -> Ended {
        self.turns += 1;
        let asked = self.user.ask(planned.saturating_duration_since(shard.start));
        let number = self.user.number();
        let request_id = format!("{}-{number}-{}", shard.run.id(), self.turns);
        let begun = Begun {
            name: asked.name,
            planned,
            user: number,
            request_id: request_id.clone(),
            session_id: asked.turn.session_id.clone(),
        };
        let ticket = shard.recorder.borrow_mut().begin(begun);
        let mut times = Times::default();
        let (line, conversation) = (&mut self.line, &self.conversation);
        let made = turn::make(shard, line, conversation, &asked, &request_id, planned, &mut times);
        let mut heard = made.await;
        if let Ok(answer) = &mut heard {
            shard.dialect.settle(&asked.turn, &mut self.conversation, answer);
        }
        let ended = now();
        let done = if heard.is_ok() { times.last_byte.unwrap_or(ended) } else { ended };
        let judged = self.user.hear(&asked, heard);
        shard.recorder.borrow_mut().finish(ticket, done, &times, &judged);
        let unconnected = judged.is_err_and(|failure| is_of_opening(failure.kind));
        Ended { done, unconnected }
    }
}

/// Whether a failure means that no connection was had.
fn is_of_opening(kind: FailureKind) -> bool {
    use FailureKind::{Connect, Dns, Timeout, Tls};
    matches!(kind, Dns | Connect | Tls | Timeout(Phase::Connect | Phase::Tls))
}
