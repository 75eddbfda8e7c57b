//! A run with a watch on the server beside it, handed over as a judged report.

use crate::findings::diagnose;
use crate::steady;
use crate::steering::{Helm, Steering, next_of};
use crate::watched::of_generator;
use crate::{Offer, judge};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use victor_clock::Duration;
use victor_engine::{EngineError, Finished, Part, Run, Timeline, Trace};
use victor_observe::{Observation, RemoteObserver, Series, Status, Target, TargetMetrics, Watch};
use victor_plan::{Load, Plan};
use victor_types::{
    Before, EndReason, GeneratorHealth, JudgedPart, PerSecond, REPORT_VERSION, RequestRow, RunInfo,
    RunReport, Seconds, Tool, Validity, Warning,
};

/// What does not change the load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureOptions {
    /// Id of the run; must differ from that of every other run on the same target.
    pub run_id: String,
    /// Whether single records are handed out.
    pub trace: Trace,
    /// The server's process; `None` finds it by the port, when it is on this machine.
    pub target_pid: Option<u32>,
    /// An observer beside the server; `None` samples from here.
    pub observer: Option<RemoteObserver>,
    /// Where the server shows metrics of its own; `None` looks for them at the host.
    pub target_metrics: Option<TargetMetrics>,
}

/// The run so far; see [`measure`].
#[derive(Debug)]
pub struct Progress<'a> {
    /// All that was measured.
    pub timeline: &'a Timeline,
    /// Since the start of the run.
    pub elapsed: Seconds,
    /// Until its planned end; `None` when there is none.
    pub remaining: Option<Seconds>,
    /// Trace lines that are new.
    pub trace: &'a [u8],
    /// Start of the run, RFC 3339 in UTC.
    pub started_at: &'a str,
}

/// Runs `plan` and judges what came of it. `each` is told about every second of every shard.
/// `steering` is how it is stopped and changed.
///
/// # Errors
/// When the run cannot be started: nothing was sent then. Once it has started there is always a
/// report.
pub async fn measure(
    plan: &Plan,
    options: MeasureOptions,
    steering: impl Into<Steering>,
    mut each: impl FnMut(&Progress<'_>),
) -> Result<RunReport, EngineError> {
    let mut run = Run::start(plan, &options.run_id, options.trace).await?;
    let started_at = run.started_at();
    let mut observer = Observer::start(&run, &options, &plan.target.host);
    let Steering { mut stop, mut changes } = steering.into();
    let mut helm = Helm::of(plan);
    let mut lost = false;
    let mut listening = true;
    loop {
        let update = tokio::select! {
            update = run.next() => update,
            changed = stop.changed(), if listening => {
                listening = changed.is_ok();
                match *stop.borrow_and_update() {
                    0 => {}
                    1 => run.stop(EndReason::Interrupted),
                    _ => {
                        run.stop(EndReason::Interrupted);
                        run.abort();
                    }
                }
                continue;
            }
            Some(change) = next_of(&mut changes) => {
                helm.steer(&mut run, change);
                continue;
            }
        };
        observer.take();
        match update {
            Ok(Some(update)) => {
                let elapsed = run.timeline().duration();
                let planned = plan.stop.run_time.map(Seconds::from);
                each(&Progress {
                    timeline: run.timeline(),
                    elapsed,
                    remaining: planned.map(|planned| Seconds(planned.0 - elapsed.0)),
                    trace: &update.trace,
                    started_at: &started_at,
                });
            }
            Ok(None) => break,
            Err(_) => {
                lost = true;
                break;
            }
        }
    }
    let seen = observer.finish().await;
    Ok(report(plan, options.run_id, &run.finish(), &seen, lost))
}

/// The watch on the server's process.
struct Observer {
    task: JoinHandle<()>,
    inbox: mpsc::Receiver<Observation>,
    seen: Seen,
}

/// What was seen of the server, and how.
struct Seen {
    series: Series,
    status: watch::Receiver<Status>,
}

impl Observer {
    fn start(run: &Run, options: &MeasureOptions, host: &str) -> Self {
        let start = run.start_instant();
        let port = run.addresses().first().copied();
        let target = options.target_pid.map(Target::Pid).or(port.map(Target::Port));
        let watch = match (options.observer.clone(), target) {
            (Some(observer), _) => Watch::remote(observer, start),
            // A run has an address; without one there is nothing to be found.
            (None, target) => Watch::local(target.unwrap_or(Target::Pid(0)), start),
        };
        let metrics = options.target_metrics.clone();
        let watch = watch.with_metrics(metrics.unwrap_or_else(|| TargetMetrics::probe(host)));
        let (out, inbox) = mpsc::channel(64);
        let seen = Seen { series: Series::new(), status: watch.status() };
        Self { task: tokio::spawn(watch.run(out)), inbox, seen }
    }

    /// Takes in what was seen so far.
    fn take(&mut self) {
        while let Ok(observation) = self.inbox.try_recv() {
            self.seen.series.observe(observation);
        }
    }

    async fn finish(mut self) -> Seen {
        self.task.abort();
        let _ = (&mut self.task).await;
        self.take();
        self.seen
    }
}

fn report(plan: &Plan, run_id: String, finished: &Finished, seen: &Seen, lost: bool) -> RunReport {
    let timeline = &finished.timeline;
    let judged = judged(plan, timeline);
    let leaves_out = matches!(&judged, Some(part) if part.before == Before::WarmUp);
    let (rows, total) = timeline.rows(if leaves_out { Part::Judged } else { Part::Whole });
    let generator = timeline.generator();
    let mut warnings = doubts(plan, finished, &generator, &total);
    if judged.is_none() && plan.warm_up.is_some_and(|span| !span.is_zero()) {
        warnings.push(Warning::NothingJudged { from: Seconds::from(plan.judged_from()) });
    }
    warnings.extend(seen.series.warnings());
    if lost {
        warnings.push(Warning::GeneratorFailed);
    }
    let most_seen = timeline.history().map(|point| point.users).max().unwrap_or(0);
    let (users, spawn_rate, arrival_rate) = match &plan.load {
        Load::Closed(spawn) => (spawn.users(), spawn.rate().map(PerSecond), None),
        Load::Open { arrivals, .. } => {
            let length = Duration::from_secs_f64(timeline.duration().0.max(1e-3));
            let mean = arrivals.expected(length) / length.as_secs_f64();
            (most_seen, None, Some(PerSecond(arrivals.rate().unwrap_or(mean))))
        }
    };
    let history = timeline.closed_history();
    let mut report = RunReport {
        version: REPORT_VERSION,
        tool: Tool { name: "victor".into(), version: env!("CARGO_PKG_VERSION").into() },
        run: RunInfo {
            id: run_id,
            host: plan.target.host.clone(),
            api: Some(finished.api.name().to_owned()),
            classes: plan.mix.counts(users),
            users,
            spawn_rate,
            arrival_rate,
            run_time: plan.stop.run_time.map(Seconds::from),
            seed: plan.seed,
            started_at: finished.started_at.clone(),
            ended_at: finished.ended_at.clone(),
            duration: timeline.duration(),
            end: finished.end,
        },
        total,
        rows,
        failures: timeline.failures(),
        steady_from: steady::found(&history),
        history,
        judged,
        server: seen.series.resources(&seen.status.borrow()),
        generator,
        validity: Validity::new(warnings),
        verdicts: Vec::new(),
        findings: Vec::new(),
    };
    let offer = if finished.changed {
        Offer::Unknown
    } else {
        Offer::of(&plan.load, &plan.mix, report.run.duration)
    };
    report.verdicts = judge(&report, &plan.targets, offer);
    report.findings = diagnose(&report);
    report
}

/// The part that verdicts are about, where it is not all of the run.
fn judged(plan: &Plan, timeline: &Timeline) -> Option<JudgedPart> {
    let from = Seconds::from(plan.judged_from());
    if from.0 <= 0.0 {
        return None;
    }
    let before = if plan.warm_up.is_some() { Before::WarmUp } else { Before::Ramp };
    let (_, total) = timeline.rows(Part::Judged);
    (total.succeeded + total.failed > 0).then_some(JudgedPart { from, before, total })
}

/// What speaks against the numbers of a run.
fn doubts(
    plan: &Plan,
    finished: &Finished,
    generator: &GeneratorHealth,
    total: &RequestRow,
) -> Vec<Warning> {
    let mut doubts = of_generator(generator, total.sent);
    if finished.changed {
        doubts.push(Warning::ChangedByHand);
    }
    match &plan.load {
        Load::Closed(spawn) => {
            let started = finished.timeline.history().map(|point| point.users).max().unwrap_or(0);
            let ramp = Seconds::from(spawn.ramp().unwrap_or_default());
            let cut_short = finished.timeline.duration().0 < ramp.0;
            let ends_early = plan.stop.turns_per_user.is_some() || plan.stop.turns.is_some();
            if !ends_early && !finished.changed && cut_short {
                doubts.push(Warning::RampIncomplete { started, wanted: spawn.users() });
            }
        }
        Load::Open { most_users, .. } => {
            let (waited, unsent) = finished.timeline.queued();
            if waited + unsent > 0 {
                let most_users = *most_users;
                doubts.push(Warning::UsersExhausted { waited, unsent, most_users });
            }
        }
    }
    if total.incomplete > 0 {
        #[expect(clippy::cast_precision_loss, reason = "a share to 15 digits is enough")]
        let share = total.incomplete as f64 / total.sent.max(1) as f64;
        doubts.push(Warning::Incomplete { count: total.incomplete, share });
    }
    if total.succeeded == 0 {
        doubts.push(Warning::NoSuccess);
    }
    doubts
}
