//! The task that samples beside the load.

use crate::listener::{Listener, listener};
use crate::{ObserveError, Sampler};
use std::net::SocketAddr;
use tokio::sync::mpsc::Sender;
use tokio::task::spawn_blocking;
use victor_clock::{Duration, Instant, now, sleep_until};
use victor_types::{ProcessSample, Seconds};

/// The pauses between searches in vain, from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Which process to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The process with this id, until it ends.
    Pid(u32),
    /// Whichever process listens on this address, also after a restart.
    Port(SocketAddr),
}

/// What [`watch`] reports.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// A process was found and is sampled from here on. After the first time: the one before was
    /// replaced.
    Found {
        /// When, from the start of the run.
        at: Seconds,
        /// Its id.
        pid: u32,
        /// Its name, as the kernel shows it.
        command: String,
    },
    /// What it used.
    Sample(ProcessSample),
    /// From here on nothing is sampled. Reported again only when the reason changes.
    Missing {
        /// When, from the start of the run.
        at: Seconds,
        /// Why, in words that end a sentence.
        reason: String,
    },
}

/// Samples `target` once in `every` (100 ms or more make sense; the grid begins at `start`, the
/// start of the run) and sends what it sees to `out`, in order, until the receiver is dropped, the
/// process of a [`Target::Pid`] has ended, or the target is found to be on another machine.
///
/// A [`Target::Port`] is looked for until it is found, and again when its process has ended or no
/// longer holds the listening socket; with pauses that grow to 5 s while nothing is found.
///
/// Dropping the future stops it at any point. All reading of `/proc` happens on a blocking thread
/// of the runtime, so the caller's thread gives some tens of microseconds a sample; when `out` is
/// full, sampling waits and the CPU of the next sample is over the longer window.
pub async fn watch(target: Target, every: Duration, start: Instant, out: Sender<Observation>) {
    let mut watcher = Some(Watcher::new(target, start));
    let mut next = start.max(now());
    while let Some(mut current) = watcher.take() {
        // The blocking thread owns the state meanwhile; when it panicked there is none to go on with.
        let Ok((seen, current)) = spawn_blocking(move || (current.step(), current)).await else {
            return;
        };
        for observation in seen {
            if out.send(observation).await.is_err() {
                return;
            }
        }
        if !current.finished {
            watcher = Some(current);
            next = next_on_grid(start, every, next);
            sleep_until(next).await;
        }
    }
}

/// The first instant of the grid after both `previous` and now.
fn next_on_grid(start: Instant, every: Duration, previous: Instant) -> Instant {
    let every = every.max(Duration::from_millis(10));
    let since = previous.max(now()).saturating_duration_since(start).as_nanos();
    let steps = u32::try_from(since / every.as_nanos() + 1).unwrap_or(u32::MAX);
    start + every * steps
}

/// What is being sampled.
#[derive(Debug)]
struct Attached {
    sampler: Sampler,
    /// The socket it was found by.
    listener: Option<Listener>,
}

#[derive(Debug)]
struct Watcher {
    target: Target,
    start: Instant,
    attached: Option<Attached>,
    reason: Option<String>,
    /// The pause after the last search in vain, and its end.
    pause: Duration,
    next_search: Instant,
    finished: bool,
}

impl Watcher {
    fn new(target: Target, start: Instant) -> Self {
        Self {
            target,
            start,
            attached: None,
            reason: None,
            pause: FIRST_PAUSE,
            next_search: now(),
            finished: false,
        }
    }

    /// Samples what is attached, or looks for something to attach to.
    fn step(&mut self) -> Vec<Observation> {
        let mut seen = Vec::new();
        self.follow_socket(&mut seen);
        if let Some(attached) = &mut self.attached {
            let now = now();
            match attached.sampler.sample(now) {
                Ok(usage) => seen.push(Observation::Sample(usage.at(self.at(now)))),
                Err(error) => {
                    self.attached = None;
                    self.missing(&error, &mut seen);
                }
            }
        }
        if self.attached.is_none() && !self.finished && self.may_search() {
            match self.find() {
                Ok(Some(attached)) => self.attach(attached, &mut seen),
                Ok(None) => {
                    // A process that ended is the better reason than its silent port.
                    if self.reason.is_none() {
                        self.say(self.nothing_there(), &mut seen);
                    }
                }
                Err(error) => self.missing(&error, &mut seen),
            }
        }
        seen
    }

    /// Moves to another process when that has taken over the port while the old one lives on, as in
    /// a reload without downtime.
    fn follow_socket(&mut self, seen: &mut Vec<Observation>) {
        let Some(Attached { sampler, listener: Some(listener) }) = &self.attached else { return };
        if listener.is_held_by(sampler.process()) {
            return;
        }
        let pid = sampler.pid();
        if !self.may_search() {
            return;
        }
        match self.find() {
            Ok(Some(other)) if other.sampler.pid() == pid => {
                if let Some(attached) = &mut self.attached {
                    attached.listener = other.listener;
                    self.pause = FIRST_PAUSE;
                }
            }
            Ok(Some(other)) => self.attach(other, seen),
            // It may be closing down, or bind again in a moment; its own end is noticed as ever.
            Ok(None) | Err(_) => {}
        }
    }

    /// Whether it is time for a search. A search reads much, and its pauses grow while it is in vain.
    fn may_search(&mut self) -> bool {
        let now = now();
        if now < self.next_search {
            return false;
        }
        self.next_search = now + self.pause;
        self.pause = (2 * self.pause).min(LONGEST_PAUSE);
        true
    }

    fn find(&self) -> Result<Option<Attached>, ObserveError> {
        match self.target {
            Target::Pid(pid) => Ok(Some(Attached { sampler: Sampler::new(pid)?, listener: None })),
            Target::Port(address) => {
                let Some(listener) = listener(address)? else { return Ok(None) };
                let sampler = Sampler::new(listener.pid)?;
                Ok(Some(Attached { sampler, listener: Some(listener) }))
            }
        }
    }

    fn attach(&mut self, attached: Attached, seen: &mut Vec<Observation>) {
        let command = attached.sampler.command().to_owned();
        seen.push(Observation::Found { at: self.at(now()), pid: attached.sampler.pid(), command });
        self.reason = None;
        self.pause = FIRST_PAUSE;
        self.next_search = now();
        self.attached = Some(attached);
    }

    fn missing(&mut self, error: &ObserveError, seen: &mut Vec<Observation>) {
        self.finished = matches!(
            (self.target, error),
            (Target::Pid(_), ObserveError::Gone { .. }) | (_, ObserveError::NotLocal { .. })
        );
        self.say(error.to_string(), seen);
    }

    fn nothing_there(&self) -> String {
        match self.target {
            Target::Pid(pid) => ObserveError::Gone { pid }.to_string(),
            Target::Port(address) => format!("nothing on this machine listens on {address}"),
        }
    }

    fn say(&mut self, reason: String, seen: &mut Vec<Observation>) {
        if self.reason.as_ref() != Some(&reason) {
            self.reason = Some(reason.clone());
            seen.push(Observation::Missing { at: self.at(now()), reason });
        }
    }

    fn at(&self, at: Instant) -> Seconds {
        at.saturating_duration_since(self.start).into()
    }
}

#[cfg(test)]
mod tests;
