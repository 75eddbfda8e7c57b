//! What is on at this moment, for all turns.

use super::fate::Fate;
use super::fault::Fault;
use super::kept::Kept;
use super::kind::Kind;
use crate::lock::lock;
use crate::refusal::Refusal;
use crate::request_id::scramble;
use crate::truth::Ticket;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Mutex as TurnLock, OwnedMutexGuard};
use victor_clock::{Instant, now, sleep_until};

/// The faults of one server.
#[derive(Debug)]
pub(crate) struct Faults {
    /// Whether the set has any: what a turn looks at first.
    any: AtomicBool,
    set: Mutex<Arc<Set>>,
    seed: u64,
    /// Turns that came while any fault was on, which number the draws.
    turns: AtomicU64,
    kept: Kept,
    one_by_one: Arc<TurnLock<()>>,
    /// When there were last too many turns in flight, in the eyes of the slow recovery.
    crowded: Mutex<Option<Instant>>,
}

/// The faults that are on; replaced as a whole, so a turn sees one set from begin to end.
#[derive(Debug, Default)]
pub(crate) struct Set(Vec<Armed>);

/// A fault and since when it is on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Armed {
    pub(crate) fault: Fault,
    pub(crate) since: Instant,
}

impl Set {
    pub(crate) fn get(&self, kind: Kind) -> Option<&Armed> {
        self.0.iter().find(|armed| armed.fault.kind() == kind)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Armed> {
        self.0.iter()
    }
}

impl Faults {
    pub(crate) fn new(faults: &[Fault], seed: u64) -> Self {
        let board = Self {
            any: AtomicBool::new(false),
            set: Mutex::default(),
            seed: scramble(seed),
            turns: AtomicU64::new(0),
            kept: Kept::default(),
            one_by_one: Arc::default(),
            crowded: Mutex::default(),
        };
        board.change(faults, &[]);
        board
    }

    /// Switches `on`, each in place of the one of its kind, and `off`. What is set again begins
    /// again.
    pub(crate) fn change(&self, on: &[Fault], off: &[Kind]) {
        let since = now();
        let mut held = lock(&self.set);
        let mut armed = held.0.clone();
        armed.retain(|old| !off.contains(&old.fault.kind()));
        for &fault in on {
            armed.retain(|old| old.fault.kind() != fault.kind());
            armed.push(Armed { fault, since });
        }
        self.any.store(!armed.is_empty(), Ordering::Relaxed);
        *held = Arc::new(Set(armed));
    }

    /// What is on; `None` when nothing is.
    pub(crate) fn set(&self) -> Option<Arc<Set>> {
        self.any.load(Ordering::Relaxed).then(|| Arc::clone(&lock(&self.set)))
    }

    /// Holds a request back while everything stands still.
    pub(crate) async fn stand_still(&self, ticket: Option<&Ticket>) {
        let Some(armed) = self.set().and_then(|set| set.get(Kind::GcPause).copied()) else {
            return;
        };
        let Fault::GcPause(rhythm) = armed.fault else { return };
        let begun = now();
        if let Some(left) = rhythm.left(begun - armed.since) {
            if let Some(ticket) = ticket {
                ticket.touch(Kind::GcPause);
            }
            sleep_until(begun + left).await;
        }
    }

    /// Decides the fate of a turn whose request has been read; leaks what it is to leak.
    ///
    /// # Errors
    /// During a burst of errors.
    pub(crate) fn enter(&self, ticket: &Ticket) -> Result<(), Refusal> {
        let Some(set) = self.set() else { return Ok(()) };
        let number = self.turns.fetch_add(1, Ordering::Relaxed);
        let bits = scramble(self.seed.wrapping_add(number));
        let crowded = self.crowded(&set, ticket);
        let fate = Fate::new(set, bits, crowded);
        if let Some(bytes) = fate.leak_request() {
            self.kept.memory(bytes);
            ticket.touch(Kind::LeakRequest);
        }
        if fate.strikes(Kind::LeakFd) && self.kept.file().is_ok() {
            ticket.touch(Kind::LeakFd);
        }
        let burst = fate.burst(now());
        ticket.set_fate(fate);
        match burst {
            Some(status) => {
                ticket.touch(Kind::ErrorBurst);
                Err(Refusal::Burst(status))
            }
            None => Ok(()),
        }
    }

    /// Leaks what a new session is to leak.
    pub(crate) fn enter_session(&self, ticket: &Ticket) {
        if let Some(bytes) = ticket.fate().leak_session() {
            self.kept.memory(bytes);
            ticket.touch(Kind::LeakSession);
        }
    }

    /// Waits until no other turn runs, when turns are to run one after another.
    pub(crate) async fn alone(&self, ticket: &Ticket) -> Option<OwnedMutexGuard<()>> {
        if !ticket.fate().serialised() {
            return None;
        }
        let lock = Arc::clone(&self.one_by_one);
        if let Ok(guard) = Arc::clone(&lock).try_lock_owned() {
            return Some(guard);
        }
        ticket.touch(Kind::Serialise);
        Some(lock.lock_owned().await)
    }

    /// When there were last more turns in flight than a slow recovery bears.
    fn crowded(&self, set: &Set, ticket: &Ticket) -> Option<Instant> {
        let Fault::SlowRecovery { above, .. } = set.get(Kind::SlowRecovery)?.fault else {
            return None;
        };
        let mut crowded = lock(&self.crowded);
        if ticket.in_flight() > above {
            *crowded = Some(now());
        }
        *crowded
    }
}
