//! What is offered: users, or turns.

use crate::{Arrivals, SpawnSchedule};
use std::time::Duration;

/// The load model.
#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    /// Closed: a number of users, each of whom waits for its answer before it thinks and asks again.
    /// A slow server is asked less.
    Closed(SpawnSchedule),
    /// Open: turns arrive whether or not earlier ones were answered, and a turn's latency counts
    /// from the instant at which it was due. A slow server is asked as much as a fast one.
    Open {
        /// When turns are due.
        arrivals: Arrivals,
        /// Most users at once; a turn that finds them all busy waits for one, and that wait is part
        /// of its latency.
        most_users: u64,
    },
}

impl Load {
    /// Most users there can be at once.
    #[must_use]
    pub fn most_users(&self) -> u64 {
        match self {
            Self::Closed(spawn) => spawn.users(),
            Self::Open { most_users, .. } => *most_users,
        }
    }

    /// When the schedule itself ends; `None` when it goes on for as long as the run does.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        match self {
            Self::Closed(spawn) => spawn.length(),
            Self::Open { arrivals, .. } => arrivals.length(),
        }
    }
}
