//! Threads that wait for a service another thread is making.
//!
//! Two threads that make two services which need each other would wait for ever. So each waiter
//! first looks whether whoever it would wait for is, over any number of others, waiting for it.

use crate::path::{self, Place};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The waiting threads of one container.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    waiters: Mutex<Waiters>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Waiters {
    all: Vec<Waiter>,
    next: u64,
    /// How often a service's making ended.
    endings: u64,
}

#[derive(Debug)]
struct Waiter {
    number: u64,
    /// What the thread is making, outermost first.
    making: Vec<Place>,
    /// What it is waiting for.
    wanted: Place,
}

impl Waits {
    /// Waits until some service was made or failed, after letting go of `held`, under which
    /// `wanted` was seen being made. The path of names when it would wait for ever.
    pub(crate) fn wait<T>(
        &self,
        wanted: Place,
        held: MutexGuard<'_, T>,
    ) -> Result<(), Vec<&'static str>> {
        let making = path::places();
        let mut waiters = lock(&self.waiters);
        // Whoever makes it must get hold of `held` and then of the waiters to say that it is done,
        // so that cannot happen between being seen and being waited for.
        drop(held);
        if let Some(circle) = waiters.circle(&making, wanted) {
            return Err(circle);
        }
        let number = waiters.next;
        waiters.next += 1;
        waiters.all.push(Waiter { number, making, wanted });
        let before = waiters.endings;
        while waiters.endings == before {
            waiters = self.ended.wait(waiters).unwrap_or_else(PoisonError::into_inner);
        }
        waiters.all.retain(|waiter| waiter.number != number);
        Ok(())
    }

    /// Wakes the waiters to look again.
    pub(crate) fn wake(&self) {
        lock(&self.waiters).endings += 1;
        self.ended.notify_all();
    }
}

impl Waiters {
    /// The circle that a thread making `making` closes when it waits for `wanted`.
    fn circle(&self, making: &[Place], wanted: Place) -> Option<Vec<&'static str>> {
        let mut seen = vec![wanted];
        let mut routes = vec![(wanted, vec![wanted.key.name()])];
        while let Some((place, route)) = routes.pop() {
            if let Some(start) = making.iter().position(|one| *one == place) {
                let own = making[start..].iter().map(|one| one.key.name());
                return Some(own.chain(route).collect());
            }
            for waiter in &self.all {
                let Some(at) = waiter.making.iter().position(|one| *one == place) else { continue };
                if seen.contains(&waiter.wanted) {
                    continue;
                }
                seen.push(waiter.wanted);
                let steps = waiter.making[at + 1..].iter().chain([&waiter.wanted]);
                let steps = steps.map(|one| one.key.name());
                routes.push((waiter.wanted, route.iter().copied().chain(steps).collect()));
            }
        }
        None
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every holder leaves the data whole at each step, so a panic elsewhere does no harm.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
