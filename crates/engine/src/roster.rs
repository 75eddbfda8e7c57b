//! The users of a closed load on one shard, newest last, and how they leave.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use tokio::task::AbortHandle;
use victor_clock::{Duration, Instant};

/// What a user is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Between turns: may go at any time.
    Waiting,
    /// In the middle of a turn.
    Turn,
    /// In the middle of its last turn.
    LastTurn,
}

/// What a user and the shard know of each other.
pub(crate) type Presence = Rc<Cell<Doing>>;

/// Users that are there.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    members: Vec<(Presence, AbortHandle)>,
    leaving: VecDeque<(Instant, AbortHandle)>,
}

impl Roster {
    pub(crate) fn join(&mut self, presence: Presence, task: AbortHandle) {
        self.members.push((presence, task));
    }

    /// The newest user leaves: at once when it is waiting, else after its turn, which may take
    /// `grace` from `at` on.
    pub(crate) fn leave(&mut self, at: Instant, grace: Duration) {
        let Some((presence, task)) = self.members.pop() else { return };
        match presence.get() {
            Doing::Turn if !grace.is_zero() => {
                presence.set(Doing::LastTurn);
                self.leaving.push_back((at + grace, task));
            }
            _ => task.abort(),
        }
    }

    /// When the next user's last turn has taken too long.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.leaving.front().map(|leaver| leaver.0)
    }

    /// Ends last turns that have taken too long.
    pub(crate) fn expire(&mut self, at: Instant) {
        while let Some((_, task)) = self.leaving.pop_front_if(|leaver| leaver.0 <= at) {
            task.abort();
        }
    }
}
