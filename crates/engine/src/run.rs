//! A run: starts the shards, adds up what they send, decides when it is over.

use crate::alarm::Watchman;
use crate::burst::Burst;
use crate::machine::Machine;
use crate::order::Order;
use crate::shard::{self, FromShard, ShardPlan};
use crate::{EngineError, Timeline, probe};
use std::net::SocketAddr;
use std::thread::JoinHandle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;
use victor_clock::{Anchor, Duration, Instant, now, sleep_until};
use victor_dialect::Dialect;
use victor_plan::{Api, Carrier, Plan, StopRule};
use victor_types::EndReason;
use victor_users::{Class, Run as UserRun};
use victor_wire::{Client, Endpoint, Limits, RequestTemplate, Target};

/// Whether single records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// Snapshots only.
    Off,
    /// A JSON line for each turn, handed out with the updates.
    On,
}

/// What [`Run::next`] gives.
#[derive(Debug)]
pub struct Update {
    /// Trace lines of the turns that ended; empty unless a trace was asked for.
    pub trace: Vec<u8>,
}

/// A run under way.
#[derive(Debug)]
pub struct Run {
    timeline: Timeline,
    api: Api,
    inbox: UnboundedReceiver<FromShard>,
    threads: Vec<JoinHandle<()>>,
    pub(crate) orders: Vec<UnboundedSender<Order>>,
    stop: CancellationToken,
    abort: CancellationToken,
    rule: StopRule,
    alarms: Watchman,
    machine: Machine,
    users: u64,
    pub(crate) start: Instant,
    anchor: Anchor,
    addresses: Vec<SocketAddr>,
    end: Option<EndReason>,
    open: u32,
    /// The load was changed by hand.
    pub(crate) changed: bool,
}

/// A run that is over.
#[derive(Debug)]
pub struct Finished {
    /// All that was measured.
    pub timeline: Timeline,
    /// What the target was spoken to in.
    pub api: Api,
    /// Why it ended.
    pub end: EndReason,
    /// Start, RFC 3339 in UTC.
    pub started_at: String,
    /// End, RFC 3339 in UTC.
    pub ended_at: String,
    /// Users, rate or pauses were changed while it went on.
    pub changed: bool,
}

impl Run {
    /// Checks that the target accepts connections, then starts the load. `run_id` must differ from
    /// that of every other run on the same target.
    ///
    /// # Errors
    /// When the address is wrong, a class unknown, or nothing answers; nothing was sent then.
    pub async fn start(plan: &Plan, run_id: &str, trace: Trace) -> Result<Self, EngineError> {
        let endpoint = Endpoint::parse(&plan.target.host)?;
        let target = Target::new(endpoint, plan.target.transport.clone())?;
        let classes: Vec<Class> = plan
            .mix
            .classes()
            .iter()
            .map(|share| {
                let own = plan.mix.payload().map(|_| Class::Payload);
                own.or_else(|| Class::by_name(&share.name))
                    .ok_or_else(|| EngineError::UnknownClass(share.name.clone()))
            })
            .collect::<Result<_, _>>()?;
        let addresses = reach(plan, &target).await?;
        let Way { api, dialect, template, burst } = way(plan, &target, &addresses).await?;
        let anchor = Anchor::take();
        // A little later, so that all shards are up when the schedule begins.
        let start = now() + Duration::from_millis(20);
        let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
        let shard_plan = ShardPlan {
            number: 0,
            shards: plan.shards.max(1),
            start,
            trace: (trace == Trace::On).then_some(anchor),
            run: UserRun::new(run_id, plan.seed).with_wait(plan.mix.wait()),
            load: plan.load.clone(),
            mix: plan.mix.clone(),
            classes,
            turns_per_user: plan.stop.turns_per_user,
            turns: plan.stop.turns,
            habits: plan.habits,
            grace: plan.stop.grace,
            limits: limits(plan),
            template,
            burst,
            slo: plan.slo,
            dialect,
            target,
            addresses: addresses.clone(),
            stop: stop.clone(),
            abort: abort.clone(),
        };
        let (out, inbox) = unbounded_channel();
        let (mut threads, mut orders) = (Vec::new(), Vec::new());
        for number in 0..shard_plan.shards {
            let (order, obeyed) = unbounded_channel();
            orders.push(order);
            let plan = ShardPlan { number, ..shard_plan.clone() };
            threads.push(thread(plan, obeyed, out.clone())?);
        }
        Ok(Self {
            timeline: Timeline::judged_from(plan.judged_from()).with_objectives(plan.slo.as_ref()),
            api,
            inbox,
            open: shard_plan.shards,
            threads,
            orders,
            stop,
            abort,
            rule: plan.stop,
            alarms: Watchman::new(plan.stop.alarms),
            machine: Machine::watch(start),
            users: plan.load.most_users(),
            start,
            anchor,
            addresses,
            end: None,
            changed: false,
        })
    }

    /// Waits until a shard has sent its second. `None` means that the run is over.
    ///
    /// # Errors
    /// [`EngineError::ShardLost`] when a thread died, which is a defect; [`Run::finish`] still gives
    /// what it had sent.
    pub async fn next(&mut self) -> Result<Option<Update>, EngineError> {
        while self.open > 0 {
            let deadline = self.rule.run_time.map(|length| self.start + length);
            let received = tokio::select! {
                received = self.inbox.recv() => received,
                () = sleep_until(deadline.unwrap_or(self.start)), if self.waits_for(deadline) => {
                    self.end_if_over();
                    continue;
                }
            };
            let Some(FromShard { snapshot, trace, last }) = received else {
                self.open = 0;
                return Err(EngineError::ShardLost);
            };
            self.timeline.add(&snapshot);
            if snapshot.shard == 0 {
                self.machine.look();
                self.timeline.set_machine(self.machine.health());
            }
            self.open -= u32::from(last);
            self.end_if_over();
            return Ok(Some(Update { trace }));
        }
        Ok(None)
    }

    /// True while the deadline is still ahead and would end the run.
    fn waits_for(&self, deadline: Option<Instant>) -> bool {
        self.end.is_none() && deadline.is_some_and(|deadline| now() < deadline)
    }

    fn end_if_over(&mut self) {
        let elapsed = now().saturating_duration_since(self.start);
        if self.end.is_some() {
            return;
        }
        if self.rule.is_over(elapsed, self.timeline.finished()) {
            self.stop(EndReason::RunTime);
        } else if self.timeline.is_futile(self.users.min(5)) {
            self.stop(EndReason::Futile);
        } else if let Some(why) = self.alarms.look(&self.timeline) {
            self.stop(why);
        }
    }

    /// Ends the run; [`Run::next`] still gives what comes in until the shards have stopped.
    pub fn stop(&mut self, why: EndReason) {
        self.end.get_or_insert(why);
        self.stop.cancel();
    }

    /// Gives turns in flight no more time to finish; they are incomplete. For a run that was stopped.
    pub fn abort(&mut self) {
        self.abort.cancel();
    }

    /// What was measured so far.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The instant at which the run began.
    #[must_use]
    pub fn start_instant(&self) -> Instant {
        self.start
    }

    /// Start of the run, RFC 3339 in UTC.
    #[must_use]
    pub fn started_at(&self) -> String {
        self.anchor.rfc3339(self.start)
    }

    /// The target's socket addresses.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Waits for the threads and closes the books.
    #[must_use]
    pub fn finish(mut self) -> Finished {
        self.stop.cancel();
        while let Ok(FromShard { snapshot, .. }) = self.inbox.try_recv() {
            self.timeline.add(&snapshot);
        }
        for thread in self.threads.drain(..) {
            // A panic was already reported on the thread, and by `next` as a lost shard.
            let _ = thread.join();
        }
        let ended = self.start + Duration::from_secs_f64(self.timeline.duration().0);
        Finished {
            end: self.end.unwrap_or(EndReason::Done),
            changed: self.changed,
            started_at: self.started_at(),
            ended_at: self.anchor.rfc3339(ended),
            timeline: self.timeline,
            api: self.api,
        }
    }
}

/// What is spoken with a target.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) api: Api,
    pub(crate) dialect: Dialect,
    /// The unchanging part of a request for a turn.
    pub(crate) template: RequestTemplate,
    pub(crate) burst: Option<Burst>,
}

/// Settles what is spoken with the target. For a burst nothing is to be found out.
pub(crate) async fn way(
    plan: &Plan,
    target: &Target,
    addresses: &[SocketAddr],
) -> Result<Way, EngineError> {
    let burst = Burst::of(plan, target);
    let (api, model) = match &burst {
        Some(_) => (Api::Victor, None),
        None => probe::settle(plan, target, addresses).await?,
    };
    let dialect = Dialect::new(api)
        .with_model(plan.target.provider.clone(), model)
        .with_stream(plan.target.stream);
    let path = match target.options().carrier {
        Carrier::Http => dialect.chat_path(),
        Carrier::WebSocket => dialect.socket_path(),
    };
    let template = probe::template(plan, target, &dialect, path);
    Ok(Way { api, dialect, template, burst })
}

pub(crate) fn limits(plan: &Plan) -> Limits {
    let limits = plan.limits;
    Limits {
        connect: limits.connect,
        first_byte: limits.first_byte,
        stall: limits.stall,
        total: limits.total,
    }
}

/// Looks the target up and opens one connection to it, which is closed again.
pub(crate) async fn reach(plan: &Plan, target: &Target) -> Result<Vec<SocketAddr>, EngineError> {
    let host = &plan.target.host;
    let addresses =
        target.resolve().await.map_err(|error| EngineError::unresolved(host, &error))?;
    match Client::new(target.clone(), addresses.clone()).reach(&limits(plan)).await {
        Ok(()) => Ok(addresses),
        Err(error) => Err(EngineError::unreached(host, &addresses, &error)),
    }
}

fn thread(
    plan: ShardPlan,
    orders: UnboundedReceiver<Order>,
    out: UnboundedSender<FromShard>,
) -> Result<JoinHandle<()>, EngineError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(EngineError::Thread)?;
    std::thread::Builder::new()
        .name(format!("shard-{}", plan.number))
        .spawn(move || LocalSet::new().block_on(&runtime, shard::run(plan, orders, out)))
        .map_err(EngineError::Thread)
}
