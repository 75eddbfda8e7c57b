//! Changing a run while it goes on.

use crate::Run;
use crate::order::Order;
use victor_clock::{Duration, now};

/// How far ahead a change is planned, so that every shard hears of it before it holds.
const AHEAD: Duration = Duration::from_millis(20);

impl Run {
    /// From now on `users` users, reached at `rate` a second from however many there are. The
    /// newest leave first; who is in the middle of a turn finishes it within the plan's grace.
    /// What is left of a schedule of stages is dropped. Means nothing to an open load.
    pub fn set_users(&mut self, users: u64, rate: f64) {
        self.tell(Order::Users { at: self.elapsed() + AHEAD, users, rate });
    }

    /// From now on `rate` turns a second, 0 for none. What is left of stages or of a record is
    /// dropped. Means nothing to a closed load.
    pub fn set_rate(&mut self, rate: f64) {
        self.tell(Order::Rate { at: self.elapsed() + AHEAD, rate });
    }

    /// No new turn begins; turns in flight go on and are recorded. Users stay where they are. The
    /// turns of an open load that are due during a pause are left out and counted as skipped: they
    /// are not made up for. The run's time goes on.
    pub fn pause(&mut self) {
        self.tell(Order::Pause);
    }

    /// Turns begin again: those of an open load from the next one that is due, those of users after
    /// a wait drawn anew, so that they do not come back all at once.
    pub fn resume(&mut self) {
        self.tell(Order::Resume);
    }

    /// Time since the start of the run.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.start)
    }

    fn tell(&mut self, order: Order) {
        self.changed = true;
        for shard in &self.orders {
            // A shard that has ended has nothing more to change.
            let _ = shard.send(order);
        }
    }
}
