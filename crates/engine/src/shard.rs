//! A shard: a thread with its own runtime, users and recorder.

use crate::recorder::Recorder;
use crate::ticker::Ticker;
use crate::user_task;
use rustix::time::{ClockId, clock_gettime};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use victor_clock::{Anchor, Duration, Instant, now, sleep_until};
use victor_dialect::Dialect;
use victor_plan::{Mix, SpawnSchedule};
use victor_types::{Bytes, GeneratorSample, Millis, Seconds, Snapshot};
use victor_users::{Class, Run as UserRun};
use victor_wire::{Limits, RequestTemplate};

/// Length of a snapshot's window.
pub(crate) const WINDOW: Duration = Duration::from_secs(1);

/// What a shard needs to know; the same for all but the number.
#[derive(Debug, Clone)]
pub(crate) struct ShardPlan {
    pub(crate) number: u32,
    pub(crate) shards: u32,
    pub(crate) start: Instant,
    pub(crate) trace: Option<Anchor>,
    pub(crate) run: UserRun,
    pub(crate) spawn: SpawnSchedule,
    pub(crate) mix: Mix,
    pub(crate) classes: Vec<Class>,
    pub(crate) turns_per_user: Option<u64>,
    pub(crate) grace: Duration,
    pub(crate) limits: Limits,
    pub(crate) dialect: Dialect,
    pub(crate) template: RequestTemplate,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) stop: CancellationToken,
    /// Ends the grace that turns in flight are given after `stop`.
    pub(crate) abort: CancellationToken,
}

/// What a shard sends each second.
#[derive(Debug)]
pub(crate) struct FromShard {
    pub(crate) snapshot: Snapshot,
    pub(crate) trace: Vec<u8>,
    /// The shard has nothing more to say.
    pub(crate) last: bool,
}

/// What the users of a shard share. Owned by the shard's thread.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) start: Instant,
    pub(crate) run: UserRun,
    pub(crate) turns_per_user: Option<u64>,
    pub(crate) limits: Limits,
    pub(crate) dialect: Dialect,
    pub(crate) template: RequestTemplate,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) stop: CancellationToken,
    pub(crate) recorder: RefCell<Recorder>,
}

/// The shard's own life, beside its users.
struct Life {
    plan: ShardPlan,
    shard: Rc<Shard>,
    users: JoinSet<()>,
    ticker: Ticker,
    out: UnboundedSender<FromShard>,
    sequence: u64,
    window_start: Instant,
    cpu_then: Duration,
}

/// Runs a shard to its end. Must be called within a `LocalSet`.
pub(crate) async fn run(plan: ShardPlan, out: UnboundedSender<FromShard>) {
    let shard = Rc::new(Shard {
        start: plan.start,
        run: plan.run.clone(),
        turns_per_user: plan.turns_per_user,
        limits: plan.limits,
        dialect: plan.dialect.clone(),
        template: plan.template.clone(),
        addresses: plan.addresses.clone(),
        stop: plan.stop.clone(),
        recorder: RefCell::new(Recorder::new(plan.start, plan.trace)),
    });
    let ticker = Ticker::new();
    let ticking = tokio::task::spawn_local(ticker.clone().tick());
    let mut life = Life {
        window_start: plan.start,
        cpu_then: thread_cpu(),
        plan,
        shard,
        users: JoinSet::new(),
        ticker,
        out,
        sequence: 0,
    };
    life.spawn_and_serve().await;
    life.grace().await;
    // The last snapshot shows who was there when the run ended, not the emptiness after it.
    let end = now();
    let present = life.present(end);
    life.users.shutdown().await;
    life.shard.recorder.borrow_mut().close(end);
    life.send(true, end, present);
    ticking.abort();
}

/// Users running, turns in flight and the age of the oldest.
type Present = (usize, u64, Option<Millis>);

impl Life {
    /// Starts users when they are due, until the run is stopped or all users are done.
    async fn spawn_and_serve(&mut self) {
        let mut starts = self.plan.spawn.for_shard(self.plan.number, self.plan.shards).peekable();
        let mut tick = self.plan.start + WINDOW;
        loop {
            let next = starts.peek().map(|&(_, offset)| self.plan.start + offset);
            tokio::select! {
                biased;
                () = self.plan.stop.cancelled() => return,
                () = sleep_until(tick) => {
                    let at = now();
                    self.send(false, at, self.present(at));
                    tick += WINDOW;
                }
                () = sleep_until(next.unwrap_or(tick)), if next.is_some() => {
                    let at = now();
                    while let Some((user, _)) = starts.next_if(|&(_, offset)| self.plan.start + offset <= at) {
                        let class = self.plan.classes[self.plan.mix.class_of(user)];
                        self.users.spawn_local(user_task::live(self.shard.clone(), class, user));
                    }
                }
                Some(ended) = self.users.join_next() => {
                    propagate(ended);
                    if self.users.is_empty() && next.is_none() {
                        return;
                    }
                }
            }
        }
    }

    /// Lets turns in flight finish for as long as the plan allows.
    async fn grace(&mut self) {
        let deadline = now() + self.plan.grace;
        let mut tick = self.window_start + WINDOW;
        while !self.users.is_empty() && now() < deadline {
            tokio::select! {
                () = sleep_until(deadline) => return,
                () = self.plan.abort.cancelled() => return,
                () = sleep_until(tick) => {
                    let at = now();
                    self.send(false, at, self.present(at));
                    tick += WINDOW;
                }
                Some(ended) = self.users.join_next() => propagate(ended),
            }
        }
    }

    fn present(&self, at: Instant) -> Present {
        let (in_flight, oldest) = self.shard.recorder.borrow().in_flight(at);
        (self.users.len(), in_flight, oldest)
    }

    fn send(&mut self, last: bool, at: Instant, (users, in_flight, oldest_in_flight): Present) {
        let window = at.saturating_duration_since(self.window_start);
        let cpu = thread_cpu();
        let busy = cpu.saturating_sub(self.cpu_then).as_secs_f64();
        let mut recorder = self.shard.recorder.borrow_mut();
        let snapshot = Snapshot {
            shard: self.plan.number,
            sequence: self.sequence,
            at: Seconds::from(at.saturating_duration_since(self.plan.start)),
            window: Seconds::from(window),
            users: u32::try_from(users).unwrap_or(u32::MAX),
            in_flight,
            oldest_in_flight,
            rows: recorder.take_rows(),
            generator: GeneratorSample {
                cpu: if window.is_zero() { 0.0 } else { busy / window.as_secs_f64() },
                ticker_late_p99: self.ticker.take_p99(),
                rss: own_rss(),
            },
        };
        // The run may have been dropped; then nobody wants to know.
        let _ = self.out.send(FromShard { snapshot, trace: recorder.take_trace(), last });
        self.sequence += 1;
        self.window_start = at;
        self.cpu_then = cpu;
    }
}

/// A user that panicked is a defect of Victor and must not look like a user that finished.
fn propagate(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}

/// CPU time of the calling thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Resident memory of this process, 0 where `/proc` does not tell.
fn own_rss() -> Bytes {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    Bytes(pages * rustix::param::page_size() as u64)
}
