//! A shard: a thread with its own runtime, users and recorder.

use crate::crowd::{self, Arrival, Crowd};
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
use victor_clock::{Anchor, Duration, FineTimer, Instant, now, sleep_until};
use victor_dialect::Dialect;
use victor_plan::{Load, Mix, Slo, TransportOptions};
use victor_types::{Bytes, GeneratorSample, Millis, Seconds, Snapshot};
use victor_users::{Class, Run as UserRun};
use victor_wire::{Client, Limits, RequestTemplate, Target};

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
    pub(crate) load: Load,
    pub(crate) mix: Mix,
    pub(crate) classes: Vec<Class>,
    pub(crate) turns_per_user: Option<u64>,
    pub(crate) grace: Duration,
    pub(crate) limits: Limits,
    pub(crate) dialect: Dialect,
    pub(crate) slo: Option<Slo>,
    pub(crate) template: RequestTemplate,
    pub(crate) target: Target,
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
    pub(crate) client: Client,
    pub(crate) transport: TransportOptions,
    pub(crate) stop: CancellationToken,
    pub(crate) recorder: RefCell<Recorder>,
}

/// The shard's own life, beside its users.
struct Life {
    plan: ShardPlan,
    shard: Rc<Shard>,
    users: JoinSet<()>,
    /// The users of an open load.
    crowd: Option<Rc<RefCell<Crowd>>>,
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
        transport: plan.target.options().clone(),
        client: Client::new(plan.target.clone(), plan.addresses.clone()),
        stop: plan.stop.clone(),
        recorder: RefCell::new(Recorder::new(plan.start, plan.trace).with_slo(plan.slo)),
    });
    let ticker = Ticker::new();
    let ticking = tokio::task::spawn_local(ticker.clone().tick());
    let crowd = match plan.load {
        Load::Closed(_) => None,
        Load::Open { most_users, .. } => {
            let most = most_users.div_ceil(u64::from(plan.shards));
            let crowd = Crowd::new(plan.classes.clone(), most, plan.number, plan.shards);
            Some(Rc::new(RefCell::new(crowd)))
        }
    };
    let mut life = Life {
        crowd,
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
    /// Starts what is due when it is due, until the run is stopped or all users are done.
    async fn spawn_and_serve(&mut self) {
        let mut schedule = schedule(&self.plan).peekable();
        let timer = FineTimer::new().ok();
        let mut tick = self.plan.start + WINDOW;
        loop {
            let next = schedule.peek().map(|&(offset, _)| self.plan.start + offset);
            tokio::select! {
                biased;
                () = self.plan.stop.cancelled() => return,
                () = sleep_until(tick) => {
                    let at = now();
                    self.send(false, at, self.present(at));
                    tick += WINDOW;
                }
                () = due(timer.as_ref(), next.unwrap_or(tick)), if next.is_some() => {
                    let at = now();
                    while let Some((offset, start)) =
                        schedule.next_if(|&(offset, _)| self.plan.start + offset <= at)
                    {
                        self.begin(start, self.plan.start + offset);
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

    fn begin(&mut self, start: Start, planned: Instant) {
        match (start, &self.crowd) {
            (Start::User(user), _) => {
                let class = self.plan.classes[self.plan.mix.class_of(user)];
                self.users.spawn_local(user_task::live(self.shard.clone(), class, user));
            }
            (Start::Turn(number), Some(crowd)) => {
                let arrival = Arrival { class: self.plan.mix.class_of(number), planned };
                crowd::dispatch(&self.shard, crowd, &mut self.users, arrival);
            }
            (Start::Turn(_), None) => unreachable!("turns are due in open loads only"),
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
        let users = match &self.crowd {
            None => self.users.len(),
            Some(crowd) => usize::try_from(crowd.borrow().users()).unwrap_or(usize::MAX),
        };
        (users, in_flight, oldest)
    }

    fn send(&mut self, last: bool, at: Instant, (users, in_flight, oldest_in_flight): Present) {
        let window = at.saturating_duration_since(self.window_start);
        let cpu = thread_cpu();
        let busy = cpu.saturating_sub(self.cpu_then).as_secs_f64();
        let crowd = self.crowd.as_ref().map(|crowd| crowd.borrow_mut().count()).unwrap_or_default();
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
                ticker_late: self.ticker.take(),
                rss: own_rss(),
                slip: crowd.slip,
                waited: crowd.waited,
                unsent: crowd.unsent,
            },
        };
        // The run may have been dropped; then nobody wants to know.
        let _ = self.out.send(FromShard { snapshot, trace: recorder.take_trace(), last });
        self.sequence += 1;
        self.window_start = at;
        self.cpu_then = cpu;
    }
}

/// What a schedule starts.
#[derive(Debug, Clone, Copy)]
enum Start {
    /// A user of a closed load, by number.
    User(u64),
    /// A turn of an open load, by number.
    Turn(u64),
}

/// What is due on a shard and when, in order.
fn schedule(plan: &ShardPlan) -> Box<dyn Iterator<Item = (Duration, Start)>> {
    let (shard, shards) = (plan.number, plan.shards);
    match plan.load {
        Load::Closed(spawn) => {
            Box::new(spawn.for_shard(shard, shards).map(|(user, at)| (at, Start::User(user))))
        }
        Load::Open { arrivals, .. } => {
            let turns = arrivals.for_shard(plan.run.seed(), shard, shards);
            Box::new(turns.map(|(number, at)| (at, Start::Turn(number))))
        }
    }
}

/// Waits until `deadline` as precisely as this process can.
async fn due(timer: Option<&FineTimer>, deadline: Instant) {
    match timer {
        Some(timer) if timer.sleep_until(deadline).await.is_ok() => {}
        _ => sleep_until(deadline).await,
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
