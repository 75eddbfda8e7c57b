//! A shard: a thread with its own runtime, users and recorder.

use crate::burst::Burst;
use crate::crowd::{self, Arrival, Crowd};
use crate::gate::{self, Gate};
use crate::order::{Agenda, Due, Order};
use crate::own_thread::{OwnThread, own_rss};
use crate::recorder::Recorder;
use crate::roster::{Doing, Roster};
use crate::ticker::Ticker;
use crate::user_task;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use victor_clock::{Anchor, Duration, FineTimer, Instant, now, sleep_until};
use victor_dialect::Dialect;
use victor_plan::{Habits, Load, Mix, Move, Slo, TransportOptions};
use victor_types::{GeneratorSample, Millis, Seconds, Snapshot};
use victor_users::{Class, Run as UserRun};
use victor_wire::{Client, Limits, RequestTemplate, Target, WireError};

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
    /// Turns of all shards together.
    pub(crate) turns: Option<u64>,
    pub(crate) habits: Habits,
    pub(crate) grace: Duration,
    pub(crate) limits: Limits,
    pub(crate) dialect: Dialect,
    pub(crate) slo: Option<Slo>,
    pub(crate) template: RequestTemplate,
    /// The request of a plain burst, made in place of turns.
    pub(crate) burst: Option<Burst>,
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
    pub(crate) habits: Habits,
    pub(crate) gate: Gate,
    pub(crate) shortage: Shortage,
    pub(crate) limits: Limits,
    pub(crate) dialect: Dialect,
    pub(crate) template: RequestTemplate,
    /// The request of a plain burst, made in place of turns.
    pub(crate) burst: Option<Burst>,
    pub(crate) client: Client,
    pub(crate) transport: TransportOptions,
    pub(crate) stop: CancellationToken,
    pub(crate) recorder: RefCell<Recorder>,
}

/// How often this machine had nothing left to open a connection with.
#[derive(Debug, Default)]
pub(crate) struct Shortage {
    pub(crate) ports: Cell<u64>,
    pub(crate) files: Cell<u64>,
}

impl Shortage {
    /// Counts an error of opening a connection, if it is one of this machine.
    pub(crate) fn count(&self, error: &WireError) {
        if let WireError::Exhausted(error) = error {
            // EADDRNOTAVAIL on Linux; what else there is are files and buffers.
            let of = if error.raw_os_error() == Some(99) { &self.ports } else { &self.files };
            of.set(of.get() + 1);
        }
    }
}

/// The shard's own life, beside its users.
struct Life {
    plan: ShardPlan,
    shard: Rc<Shard>,
    users: JoinSet<()>,
    /// The users of an open load.
    crowd: Option<Rc<RefCell<Crowd>>>,
    /// The users of a closed load.
    roster: Roster,
    agenda: Agenda,
    orders: UnboundedReceiver<Order>,
    /// The load was changed while running, so that the end of its schedule is not the run's.
    redirected: bool,
    /// Turns left out because of a pause.
    skipped: u64,
    ticker: Ticker,
    own: OwnThread,
    out: UnboundedSender<FromShard>,
    sequence: u64,
    window_start: Instant,
}

/// Runs a shard to its end. Must be called within a `LocalSet`.
pub(crate) async fn run(
    plan: ShardPlan,
    orders: UnboundedReceiver<Order>,
    out: UnboundedSender<FromShard>,
) {
    let turns = plan.turns.map(|turns| gate::part(turns, plan.number, plan.shards));
    let shard = Rc::new(Shard {
        start: plan.start,
        run: plan.run.clone(),
        turns_per_user: plan.turns_per_user,
        habits: plan.habits,
        gate: Gate::new(turns),
        shortage: Shortage::default(),
        limits: plan.limits,
        dialect: plan.dialect.clone(),
        template: plan.template.clone(),
        burst: plan.burst.clone(),
        transport: plan.target.options().clone(),
        client: Client::new(plan.target.clone(), plan.addresses.clone()),
        stop: plan.stop.clone(),
        recorder: RefCell::new(
            Recorder::new(plan.start, plan.trace)
                .with_slo(plan.slo)
                .with_method(plan.burst.as_ref().map_or("POST", |burst| burst.method)),
        ),
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
        roster: Roster::default(),
        agenda: Agenda::of(&plan),
        orders,
        redirected: false,
        skipped: 0,
        window_start: plan.start,
        own: OwnThread::new(),
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
    /// Starts what is due when it is due, until the run is stopped or there is nothing left to do.
    async fn spawn_and_serve(&mut self) {
        let timer = FineTimer::new().ok();
        let mut tick = self.plan.start + WINDOW;
        while !self.is_done() {
            let next = self.agenda.due().map(|offset| self.plan.start + offset);
            let leaves = self.roster.deadline();
            tokio::select! {
                biased;
                () = self.plan.stop.cancelled() => return,
                Some(order) = self.orders.recv() => self.obey(order),
                () = sleep_until(tick) => {
                    let at = now();
                    self.send(false, at, self.present(at));
                    tick += WINDOW;
                }
                () = due(timer.as_ref(), next.unwrap_or(tick)), if next.is_some() => {
                    let offset = now().saturating_duration_since(self.plan.start);
                    while let Some(due) = self.agenda.next_if_due(offset) {
                        self.begin(due);
                    }
                }
                () = sleep_until(leaves.unwrap_or(tick)), if leaves.is_some() => {
                    self.roster.expire(now());
                }
                Some(ended) = self.users.join_next() => propagate(ended),
            }
        }
    }

    /// True when no turn is in flight and none will begin, whatever happens.
    fn is_done(&self) -> bool {
        if !self.users.is_empty() {
            return false;
        }
        let ends = match &self.plan.load {
            Load::Closed(_) => self.plan.turns_per_user.is_some(),
            Load::Open { arrivals, .. } => arrivals.length().is_some(),
        };
        self.shard.gate.is_spent() || ends && !self.redirected && self.agenda.due().is_none()
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Pause => self.shard.gate.set_paused(true),
            Order::Resume => self.shard.gate.set_paused(false),
            Order::Users { .. } | Order::Rate { .. } => {
                self.agenda.redirect(order);
                self.redirected = true;
            }
        }
    }

    fn begin(&mut self, due: Due) {
        match (due, &self.crowd) {
            (Due::Move(Move { place, comes: Some(number), .. }), _) => {
                let class = self.plan.classes[self.plan.mix.class_of(place)];
                let presence = Rc::new(Cell::new(Doing::Waiting));
                let life = user_task::live(self.shard.clone(), class, number, presence.clone());
                self.roster.join(presence, self.users.spawn_local(life));
            }
            (Due::Move(_), _) => self.roster.leave(now(), self.plan.grace),
            (Due::Turn(..), _) if self.shard.gate.is_paused() => self.skipped += 1,
            (Due::Turn(number, offset), Some(crowd)) => {
                if self.shard.gate.take_one() {
                    let planned = self.plan.start + offset;
                    let arrival = Arrival { class: self.plan.mix.class_of(number), planned };
                    crowd::dispatch(&self.shard, crowd, &mut self.users, arrival);
                }
            }
            (Due::Turn(..), None) => unreachable!("turns are due in open loads only"),
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
        let (busy, queued) = self.own.take();
        let share = |span: Duration| {
            if window.is_zero() { 0.0 } else { span.as_secs_f64() / window.as_secs_f64() }
        };
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
                cpu: share(busy),
                run_queue: share(queued),
                ticker_late: self.ticker.take(),
                rss: own_rss(),
                slip: crowd.slip,
                waited: crowd.waited,
                unsent: crowd.unsent,
                skipped: std::mem::take(&mut self.skipped),
                no_port: self.shard.shortage.ports.take(),
                no_file: self.shard.shortage.files.take(),
            },
        };
        // The run may have been dropped; then nobody wants to know.
        let _ = self.out.send(FromShard { snapshot, trace: recorder.take_trace(), last });
        self.sequence += 1;
        self.window_start = at;
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
