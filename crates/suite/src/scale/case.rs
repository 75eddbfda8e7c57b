//! A test, what it may use and what it says.

use crate::{MeasureOptions, Progress, measure};
use std::future::Future;
use std::pin::Pin;
use tokio::task::LocalSet;
use victor_engine::{EngineError, Trace};
use victor_plan::{Plan, PlanError, TargetAddress, Targets, TimeLimits};
use victor_types::{
    EndReason, FailureRow, Outcome, RunReport, Seconds, Severity, TraceRecord, Verdict, Warning,
};

/// A number of a test that `--set TEST.param=value` changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Its value unless set.
    pub default: u64,
    /// What it is, with its unit.
    pub help: &'static str,
}

/// The work of a test.
pub(super) type Work =
    for<'a> fn(&'a mut Context<'_>) -> Pin<Box<dyn Future<Output = Result<(), TestError>> + 'a>>;

/// A test of the suite.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Its group: `TestConcurrentRequests`.
    pub group: &'static str,
    /// Its name: `test_10_concurrent_requests`.
    pub name: &'static str,
    /// Whether it takes more than about a minute.
    pub slow: bool,
    /// About how long it takes with its defaults, in seconds, on a target that answers in time.
    pub seconds: u64,
    /// What it measures, in one line.
    pub about: &'static str,
    /// Its numbers.
    pub params: &'static [Param],
    pub(super) work: Work,
}

/// A test that could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// The run could not be started or carried on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A parameter makes no run.
    #[error("{0}")]
    Plan(#[from] PlanError),
    /// The target could not be reached.
    #[error(
        "nothing answers at {host} ({why}): start the server (`victor serve`), or name another with --host or VICTOR_API_HOST"
    )]
    Unreachable {
        /// The address as given.
        host: String,
        /// What the attempt said.
        why: String,
    },
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// What a test found.
#[derive(Debug, Clone, Default)]
pub struct TestResult {
    /// What was measured, as name and value.
    pub measured: Vec<(String, String)>,
    /// The verdicts on it.
    pub verdicts: Vec<Verdict>,
    /// Failed turns, as evidence.
    pub failures: Vec<FailureRow>,
    /// The run reports behind it.
    pub reports: Vec<RunReport>,
    /// How long it took.
    pub duration: Seconds,
}

impl TestResult {
    /// The test's answer: the gravest of its verdicts; open when there is none, and not applicable
    /// when none of them is.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let any = |outcome| self.verdicts.iter().any(|verdict| verdict.outcome == outcome);
        [Outcome::Fail, Outcome::Invalid, Outcome::Inconclusive, Outcome::Pass]
            .into_iter()
            .find(|&outcome| any(outcome))
            .unwrap_or(if self.verdicts.is_empty() {
                Outcome::Inconclusive
            } else {
                Outcome::NotApplicable
            })
    }
}

/// What a test may use.
pub struct Context<'a> {
    /// Where to.
    pub target: TargetAddress,
    /// What counts as good enough.
    pub targets: Targets,
    /// How long to wait for what.
    pub limits: TimeLimits,
    /// Seed of every random choice.
    pub seed: u64,
    /// Process to sample; `None` finds it by port.
    pub target_pid: Option<u32>,
    /// Makes an id for each run.
    pub run_id: &'a dyn Fn() -> String,
    /// Values of `--set` for this test.
    pub set: Vec<(String, u64)>,
    /// Told about the progress of each run.
    pub progress: &'a mut dyn FnMut(&Progress<'_>),
    /// Rises above 0 once the user wants the run to end.
    pub stop: tokio::sync::watch::Receiver<u32>,
    /// What the test has found so far.
    pub result: TestResult,
    pub(super) case: Case,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("case", &self.case.id()).finish_non_exhaustive()
    }
}

impl Context<'_> {
    /// A parameter's value.
    pub(super) fn param(&self, name: &str) -> u64 {
        let set = self.set.iter().find(|(set, _)| set == name).map(|(_, value)| *value);
        let default = self.case.params.iter().find(|param| param.name == name);
        set.or(default.map(|param| param.default)).unwrap_or(0)
    }

    /// Runs a plan; keeps its report with the result and hands a copy over for judging.
    pub(super) async fn run(&mut self, plan: &Plan) -> Result<RunReport, TestError> {
        self.measure(plan, None).await
    }

    /// The same, with `each` told of every turn that ended.
    pub(super) async fn run_traced(
        &mut self,
        plan: &Plan,
        each: &mut dyn FnMut(&TraceRecord),
    ) -> Result<RunReport, TestError> {
        self.measure(plan, Some(each)).await
    }

    async fn measure(
        &mut self,
        plan: &Plan,
        mut each: Option<&mut dyn FnMut(&TraceRecord)>,
    ) -> Result<RunReport, TestError> {
        self.go_on()?;
        let trace = if each.is_some() { Trace::On } else { Trace::Off };
        let options = MeasureOptions {
            run_id: (self.run_id)(),
            trace,
            target_pid: self.target_pid,
            observer: None,
            target_metrics: None,
        };
        let stop = self.stop.clone();
        let told = |progress: &Progress<'_>| {
            if let Some(each) = &mut each {
                let lines = progress.trace.split(|&byte| byte == b'\n');
                lines
                    .filter_map(|line| serde_json::from_slice(line).ok())
                    .for_each(|turn| each(&turn));
            }
            (self.progress)(progress);
        };
        let report = measure(plan, options, stop, told).await?;
        self.result.failures.extend(report.failures.iter().cloned());
        let grave = |warning: &&Warning| warning.severity() == Severity::Invalidating;
        for doubt in report.validity.warnings.iter().filter(grave) {
            self.measured("doubt", doubt.to_string());
        }
        self.result.reports.push(report.clone());
        if report.run.end == EndReason::Interrupted {
            Err(TestError::Interrupted)
        } else {
            Ok(report)
        }
    }

    /// Fails once the user wants the test to end.
    pub(super) fn go_on(&self) -> Result<(), TestError> {
        if *self.stop.borrow() > 0 { Err(TestError::Interrupted) } else { Ok(()) }
    }

    pub(super) fn measured(&mut self, name: &str, value: String) {
        self.result.measured.push((name.to_owned(), value));
    }
}

impl Case {
    /// `Group::name`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}::{}", self.group, self.name)
    }

    /// Whether `name` means it: its group, its name, both joined, or nothing at all (everything).
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        name.is_empty() || name == self.group || name == self.name || name == self.id()
    }

    /// Carries the test out. What it found is in the context also when it fails.
    ///
    /// # Errors
    /// When the target is down or the user interrupts; the caller reports the first as a failure,
    /// never as a skip.
    pub async fn run(&self, context: &mut Context<'_>) -> Result<(), TestError> {
        context.case = *self;
        let start = victor_clock::now();
        // Probes share a client that stays on its thread.
        let done = LocalSet::new().run_until((self.work)(context)).await;
        context.result.duration = Seconds::from(victor_clock::now() - start);
        done
    }

    /// A context for it with nothing found yet.
    pub fn context<'a>(
        &self,
        target: TargetAddress,
        run_id: &'a dyn Fn() -> String,
        progress: &'a mut dyn FnMut(&Progress<'_>),
        stop: tokio::sync::watch::Receiver<u32>,
    ) -> Context<'a> {
        Context {
            target,
            targets: Targets::default(),
            limits: TimeLimits::default(),
            seed: 1,
            target_pid: None,
            run_id,
            set: Vec::new(),
            progress,
            stop,
            result: TestResult::default(),
            case: *self,
        }
    }
}
