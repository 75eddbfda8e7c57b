//! The users of an open load: as many as turns are in flight, up to a limit.

use crate::guest::Guest;
use crate::row::Clockwork;
use crate::shard::Shard;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use tokio::task::JoinSet;
use victor_clock::{Instant, now};
use victor_types::Histogram;
use victor_users::Class;

/// Longest queue of turns that wait for a user; beyond it they are counted and not kept.
const LONGEST_QUEUE: usize = 1_000_000;

/// A turn that is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// Index of the class of its user.
    pub(crate) class: usize,
    pub(crate) planned: Instant,
}

/// Users that are free, by class, and turns that wait for one.
#[derive(Debug)]
pub(crate) struct Crowd {
    classes: Vec<Class>,
    idle: Vec<VecDeque<Guest>>,
    waiting: VecDeque<Arrival>,
    /// Users there are, and the most there may be.
    users: u64,
    most_users: u64,
    /// Users ever made; the next one's number, spaced so that shards do not share any.
    next_number: u64,
    number_step: u64,
    slip: Clockwork,
    waited: u64,
    overflowed: u64,
}

/// What a snapshot says of a crowd.
#[derive(Debug, Default)]
pub(crate) struct CrowdCount {
    pub(crate) slip: Histogram,
    pub(crate) waited: u64,
    pub(crate) unsent: u64,
}

impl Crowd {
    /// A crowd of at most `most_users` users on shard `shard` of `shards`.
    pub(crate) fn new(classes: Vec<Class>, most_users: u64, shard: u32, shards: u32) -> Self {
        Self {
            idle: classes.iter().map(|_| VecDeque::new()).collect(),
            classes,
            waiting: VecDeque::new(),
            users: 0,
            most_users: most_users.max(1),
            next_number: u64::from(shard),
            number_step: u64::from(shards.max(1)),
            slip: Clockwork::new(),
            waited: 0,
            overflowed: 0,
        }
    }

    /// A user for a turn: a free one of its class, the one that has rested longest, so that all take
    /// part; else a new one, for which a free user of another class makes room at the limit. `None`
    /// when all are busy.
    fn find(&mut self, shard: &Shard, class: usize) -> Option<Guest> {
        if let Some(guest) = self.idle[class].pop_front() {
            return Some(guest);
        }
        if self.users >= self.most_users {
            self.idle.iter_mut().find_map(VecDeque::pop_front)?;
            self.users -= 1;
        }
        self.users += 1;
        let number = self.next_number;
        self.next_number += self.number_step;
        Some(Guest::new(shard, self.classes[class], number))
    }

    /// Users there are.
    pub(crate) fn users(&self) -> u64 {
        self.users
    }

    /// What has happened since the last call, and how it stands.
    pub(crate) fn count(&mut self) -> CrowdCount {
        CrowdCount {
            slip: self.slip.take(),
            waited: std::mem::take(&mut self.waited),
            unsent: self.waiting.len() as u64 + self.overflowed,
        }
    }
}

/// Dispatches a turn that is due: to a user that is free, or to the queue.
pub(crate) fn dispatch(
    shard: &Rc<Shard>,
    crowd: &Rc<RefCell<Crowd>>,
    tasks: &mut JoinSet<()>,
    arrival: Arrival,
) {
    let mut members = crowd.borrow_mut();
    members.slip.record(now().saturating_duration_since(arrival.planned));
    match members.find(shard, arrival.class) {
        Some(guest) => {
            tasks.spawn_local(serve(shard.clone(), crowd.clone(), guest, arrival));
        }
        None if members.waiting.len() < LONGEST_QUEUE => {
            members.waited += 1;
            members.waiting.push_back(arrival);
        }
        None => members.overflowed += 1,
    }
}

/// Makes the turn, then those that wait, then rests.
async fn serve(
    shard: Rc<Shard>,
    crowd: Rc<RefCell<Crowd>>,
    mut guest: Guest,
    mut arrival: Arrival,
) {
    loop {
        guest.take_turn(&shard, arrival.planned).await;
        let mut members = crowd.borrow_mut();
        let class = arrival.class;
        let stopped = shard.stop.is_cancelled();
        let Some(next) = (if stopped { None } else { members.waiting.pop_front() }) else {
            members.idle[class].push_back(guest);
            return;
        };
        if next.class != class {
            members.idle[class].push_back(guest);
            // The user just freed is there to make room, so there is one.
            let Some(other) = members.find(&shard, next.class) else { return };
            guest = other;
        }
        arrival = next;
    }
}
