//! The line itself: who holds a slot and who waits, without time limits and without tasks.

use std::collections::BTreeMap;
use victor_clock::Instant;

/// Slots in use and waiting places in the order they were taken. `G` is what a waiter is called by.
///
/// As long as somebody waits every slot is in use: a slot that is given back goes to the first in
/// line, and never becomes free for a turn that has just arrived.
#[derive(Debug)]
pub(crate) struct Line<G> {
    slots: usize,
    places: usize,
    running: usize,
    waiting: BTreeMap<u64, Waiter<G>>,
    joined: u64,
}

#[derive(Debug)]
struct Waiter<G> {
    since: Instant,
    grant: G,
}

/// A line in which every slot and every place is taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl<G> Line<G> {
    pub(crate) fn new(slots: usize, places: usize) -> Self {
        Self { slots, places, running: 0, waiting: BTreeMap::new(), joined: 0 }
    }

    /// Takes a free slot; false when there is none.
    pub(crate) fn take_free(&mut self) -> bool {
        let free = self.running < self.slots;
        self.running += usize::from(free);
        free
    }

    /// True when a turn that arrives now would be refused.
    pub(crate) fn is_full(&self) -> bool {
        self.running >= self.slots && self.waiting.len() >= self.places
    }

    /// Takes the last place; the number leaves it again.
    pub(crate) fn join(&mut self, since: Instant, grant: G) -> Result<u64, Full> {
        if self.waiting.len() >= self.places {
            return Err(Full);
        }
        self.joined += 1;
        self.waiting.insert(self.joined, Waiter { since, grant });
        Ok(self.joined)
    }

    /// Leaves a place; nothing happens when it was left or called before.
    pub(crate) fn leave(&mut self, number: u64) {
        self.waiting.remove(&number);
    }

    /// Gives a slot back. It belongs to the waiter returned, or to nobody.
    pub(crate) fn give_back(&mut self) -> Option<G> {
        let next = self.waiting.pop_first().map(|(_, waiter)| waiter.grant);
        if next.is_none() {
            self.running -= 1;
        }
        next
    }

    /// Sends everybody who waits away.
    pub(crate) fn clear(&mut self) -> Vec<G> {
        std::mem::take(&mut self.waiting).into_values().map(|waiter| waiter.grant).collect()
    }

    /// Slots in use.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Places taken.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When the first in line joined it.
    pub(crate) fn first_since(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|(_, waiter)| waiter.since)
    }
}
