//! What a shard can be told while it runs, and what it has to do by itself.

use crate::shard::ShardPlan;
use victor_clock::Duration;
use victor_plan::{Crew, Load, Move, Queue};

/// An order to every shard. Those that change the schedule carry the instant from which they hold,
/// a little ahead, so that all shards count the same.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    /// From `at` on: this many users, reached at `rate` a second.
    Users { at: Duration, users: u64, rate: f64 },
    /// From `at` on: this many turns a second.
    Rate { at: Duration, rate: f64 },
    /// No turn begins until further notice.
    Pause,
    /// Turns may begin again.
    Resume,
}

/// The schedule of a shard.
#[derive(Debug)]
pub(crate) enum Agenda {
    Users(Crew),
    Turns(Queue),
}

/// Something that is due.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Due {
    /// A user comes or goes.
    Move(Move),
    /// A turn, by its number and planned instant.
    Turn(u64, Duration),
}

impl Agenda {
    pub(crate) fn of(plan: &ShardPlan) -> Self {
        match &plan.load {
            Load::Closed(spawn) => Self::Users(spawn.for_shard(plan.number, plan.shards)),
            Load::Open { arrivals, .. } => {
                Self::Turns(arrivals.for_shard(plan.run.seed(), plan.number, plan.shards))
            }
        }
    }

    /// When something is due next.
    pub(crate) fn due(&self) -> Option<Duration> {
        match self {
            Self::Users(crew) => crew.due(),
            Self::Turns(queue) => queue.due(),
        }
    }

    /// What is due by `now`.
    pub(crate) fn next_if_due(&mut self, now: Duration) -> Option<Due> {
        match self {
            Self::Users(crew) => crew.next_if_due(now).map(Due::Move),
            Self::Turns(queue) => queue.next_if_due(now).map(|(number, at)| Due::Turn(number, at)),
        }
    }

    /// Changes the future.
    pub(crate) fn redirect(&mut self, order: Order) {
        match (self, order) {
            (Self::Users(crew), Order::Users { at, users, rate }) => crew.redirect(at, users, rate),
            (Self::Turns(queue), Order::Rate { at, rate }) => queue.redirect(at, rate),
            _ => {}
        }
    }
}
