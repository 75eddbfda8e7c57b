//! N concurrent: N closed-loop users without wait for at least 20 s and 1,000 turns, then one burst
//! of N at once.

use super::case::{Case, Context, Param, TestError};
use crate::amount::{count, with_interval};
use crate::targets::judge;
use crate::{Offer, scale::isolation};
use std::pin::Pin;
use std::time::Duration;
use victor_plan::{ClassShare, Habits, Load, Mix, Plan, SpawnSchedule, StopRule};
use victor_types::{Millis, Outcome, RunReport, Verdict};

const GROUP: &str = "TestConcurrentRequests";

/// The burst's slowest answer must come within this; the original suite's limit for ten.
const BURST_LIMIT: Millis = Millis(5000.0);

macro_rules! params {
    ($users:expr) => {
        &[
            Param {
                name: "users",
                default: $users,
                help: "users in the closed loop and in the burst",
            },
            Param {
                name: "seconds",
                default: 20,
                help: "least length of the closed loop, in seconds",
            },
            Param {
                name: "turns",
                default: 1000,
                help: "least number of turns in the closed loop",
            },
        ]
    };
}

pub(super) const TEN: Case = case("test_10_concurrent_requests", false, params!(10));
pub(super) const HUNDRED: Case = case("test_100_concurrent_requests", false, params!(100));
pub(super) const FIVE_HUNDRED: Case = case("test_500_concurrent_requests", true, params!(500));

const fn case(name: &'static str, slow: bool, params: &'static [Param]) -> Case {
    let about = "latency, throughput, errors and session isolation in a closed loop and in a burst";
    Case {
        group: GROUP,
        name,
        slow,
        about,
        params,
        work: |context| Pin::from(Box::new(work(context))),
    }
}

/// Users who recall their code words, without wait, all started within a second.
pub(super) fn plan(
    context: &Context<'_>,
    users: u64,
    spawn_rate: f64,
    stop: StopRule,
) -> Result<Plan, TestError> {
    let share = ClassShare::weighted("SessionUser", 1);
    Ok(Plan {
        slo: None,
        target: context.target.clone(),
        mix: Mix::try_new(vec![share])?,
        load: Load::Closed(SpawnSchedule::try_new(users, spawn_rate)?),
        stop,
        warm_up: None,
        habits: Habits::default(),
        limits: context.limits,
        seed: context.seed,
        shards: 1,
        targets: context.targets,
    })
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let users = context.param("users");
    let length = Duration::from_secs(context.param("seconds"));
    let stop = StopRule {
        min_turns: context.param("turns"),
        longest: Some(length * 6),
        grace: Duration::from_secs(10),
        ..StopRule::after(length)
    };
    #[expect(clippy::cast_precision_loss, reason = "a number of users")]
    let in_a_second = users as f64;
    let looped = plan(context, users, in_a_second, stop)?;
    let report = context.run(&looped).await?;
    describe(context, &report);
    let verdicts =
        judge(&report, &context.targets, Offer::of(&looped.load, &looped.mix, report.run.duration));
    context.result.verdicts.extend(verdicts);

    let stop = StopRule { longest: Some(Duration::from_secs(60)), ..StopRule::turns(1) };
    let burst = plan(context, users, 1e6, stop)?;
    let burst = context.run(&burst).await?;
    context.result.verdicts.push(burst_verdict(&burst));
    let reports = [&report, &burst];
    context.result.verdicts.push(isolation::verdict(&reports));
    Ok(())
}

fn describe(context: &mut Context<'_>, report: &RunReport) {
    let total = &report.total;
    context
        .measured("turns", format!("{} in {:.1} s", count(total.succeeded), report.run.duration.0));
    context.measured("throughput", format!("{:.1} successes/s", total.throughput.0));
    for percent in [50.0, 95.0, 99.0] {
        if let Some(value) = total.latency.percentiles.iter().find(|value| value.percent == percent)
        {
            context.measured(
                &format!("latency p{percent}"),
                with_interval(value.value, value.interval),
            );
        }
    }
    if let Some(server) = &report.server
        && let Some(rss) = server.samples.iter().map(|sample| sample.rss).max()
    {
        let cpu: Vec<f64> = server.samples.iter().map(|sample| sample.cpu_cores).collect();
        #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
        let mean = cpu.iter().sum::<f64>() / cpu.len().max(1) as f64;
        context.measured("server", format!("{mean:.2} of {} cores, {rss} resident", server.cores));
    }
}

fn burst_verdict(burst: &RunReport) -> Verdict {
    let total = &burst.total;
    let slowest = total.latency.max.unwrap_or_default();
    let answered = total.sent > 0 && total.succeeded == total.sent;
    let outcome = if !burst.validity.is_valid() {
        Outcome::Invalid
    } else if answered && slowest.0 < BURST_LIMIT.0 {
        Outcome::Pass
    } else {
        Outcome::Fail
    };
    Verdict {
        name: "burst at once".into(),
        limit: format!("all answered, the slowest in < {BURST_LIMIT}"),
        measured: format!(
            "{} of {} answered, the slowest in {slowest}",
            total.succeeded, total.sent
        ),
        outcome,
        reason: None,
    }
}
