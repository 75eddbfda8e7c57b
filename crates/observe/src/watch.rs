//! The task that samples beside the load.

use crate::host::thread_cpu;
use crate::listener::{Listener, listener};
use crate::meter::Meter;
use crate::metrics::Feed;
use crate::outlet::Outlet;
use crate::remote::{self, RemoteObserver};
use crate::status::{Board, Status};
use crate::{ObserveError, Sampler, TargetMetrics, host};
use std::net::SocketAddr;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch::Receiver;
use tokio::task::spawn_blocking;
use victor_clock::{Duration, Instant, now, sleep_until};
use victor_types::{Machine, Observation, Seconds};

/// The pauses between searches in vain, from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A sample that took 1 ms of CPU is followed by the next after 100 ms at the soonest.
const SHARE: u32 = 100;

/// Which process to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The process with this id, until it ends.
    Pid(u32),
    /// Whichever process listens on this address, also after a restart.
    Port(SocketAddr),
}

/// A watch on the target, to be run as a task.
#[derive(Debug)]
pub struct Watch {
    source: Source,
    every: Duration,
    start: Instant,
    metrics: TargetMetrics,
    board: Board,
}

#[derive(Debug)]
enum Source {
    Local(Target),
    Remote(RemoteObserver),
}

impl Watch {
    /// Watches a process of this machine, once a second. Times are counted from `start`, the start
    /// of the run.
    #[must_use]
    pub fn local(target: Target, start: Instant) -> Self {
        Self::of(Source::Local(target), start)
    }

    /// Relays what an observer beside the target sees.
    #[must_use]
    pub fn remote(observer: RemoteObserver, start: Instant) -> Self {
        Self::of(Source::Remote(observer), start)
    }

    fn of(source: Source, start: Instant) -> Self {
        let (every, metrics) = (Duration::from_secs(1), TargetMetrics::off());
        Self { source, every, start, metrics, board: Board::default() }
    }

    /// Samples once in `every` instead; 100 ms or more make sense. The grid begins at the start of
    /// the run.
    #[must_use]
    pub fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    /// Adds what the target tells of itself.
    #[must_use]
    pub fn with_metrics(self, metrics: TargetMetrics) -> Self {
        Self { metrics, ..self }
    }

    /// What is known about the watching itself, while it goes on and afterwards.
    #[must_use]
    pub fn status(&self) -> Receiver<Status> {
        self.board.subscribe()
    }

    /// Sends what is seen to `out`, in order, until the receiver is dropped, the process of a
    /// [`Target::Pid`] has ended, or the target is found to be on another machine.
    ///
    /// A [`Target::Port`] is looked for until it is found, and again when its process has ended or no
    /// longer holds the listening socket; with pauses that grow to 5 s while nothing is found. An
    /// observer that does not answer is asked again, too.
    ///
    /// Dropping the future stops it at any point. All reading of `/proc` happens on a blocking thread
    /// of the runtime, so the caller's thread gives some tens of microseconds a sample; when `out` is
    /// full, sampling waits and the CPU of the next sample is over the longer window. Sampling that
    /// takes more than 1 % of a core is made as much more seldom.
    pub async fn run(self, out: Sender<Observation>) {
        let outlet = Outlet::new(out, Feed::start(self.metrics, &self.board));
        match self.source {
            Source::Local(target) => {
                sample(target, self.every, self.start, outlet, self.board).await;
            }
            Source::Remote(observer) => {
                remote::follow(observer, self.every, self.start, outlet, self.board).await;
            }
        }
    }
}

async fn sample(target: Target, every: Duration, start: Instant, mut out: Outlet, board: Board) {
    if let Ok(host) = host() {
        board.machine(Machine { cores: host.cores(), memory: host.memory() });
    }
    let mut watcher = Some(Watcher::new(target, start));
    let mut next = start.max(now());
    while let Some(mut current) = watcher.take() {
        // The blocking thread owns the state meanwhile; when it panicked there is none to go on with.
        let Ok((seen, current)) = spawn_blocking(move || (current.step(), current)).await else {
            return;
        };
        board.cost(current.meter.cost());
        for observation in seen {
            if !out.send(observation).await {
                return;
            }
        }
        if !current.finished {
            let fair = every.max(current.meter.basic() * SHARE);
            watcher = Some(current);
            next = next_on_grid(start, every, (next + fair).checked_sub(every).unwrap_or(next));
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
    meter: Meter,
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
            meter: Meter::start(),
            finished: false,
        }
    }

    /// Samples what is attached, or looks for something to attach to.
    fn step(&mut self) -> Vec<Observation> {
        let began = thread_cpu();
        let mut seen = Vec::new();
        self.follow_socket(&mut seen);
        if let Some(attached) = &mut self.attached {
            let now = now();
            let sampled = attached.sampler.sample(now);
            self.meter.sampled(&attached.sampler, now);
            match sampled {
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
        self.meter.end(began);
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
