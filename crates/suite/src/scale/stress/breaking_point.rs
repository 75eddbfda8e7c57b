//! How many users are too many.

use super::GROUP;
use super::cause::{cause_of, littles_law};
use crate::amount::percent;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_clock::now;
use victor_stats::{
    BreakingPoint, BreakingPointFinding, Criteria, MeanInterval, NextStep, StepResult, Threshold,
    UslLoss, usl,
};
use victor_types::{Millis, Outcome, RunReport, Verdict};

pub(in crate::scale) const BREAKING_POINT: Case = Case {
    group: GROUP,
    name: "test_breaking_point",
    slow: true,
    seconds: 200,
    about: "knee, limit and collapse in users and in turns/s, with cause, and users per instance",
    params: &[
        Param { name: "start", default: 10, help: "users of the first step" },
        Param { name: "most", default: 2000, help: "users of no step are more" },
        Param { name: "least", default: 100, help: "users that must be served within the limits" },
        Param {
            name: "step_seconds",
            default: 5,
            help: "length of a step, in seconds; three times as long near the limit",
        },
        Param { name: "steps", default: 20, help: "most steps" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Share of the limit that is recommended for everyday use.
const HEADROOM: f64 = 0.7;
/// Users of the runs that show that a target is itself again.
const FEW: u64 = 2;
/// Longest wait for that.
const PATIENCE: Duration = Duration::from_secs(30);
/// By how much Little's law may be off in a step that was good.
const LITTLE: f64 = 0.2;

/// What the search has seen so far.
#[derive(Default)]
struct Seen {
    /// Users and turns a second of each step.
    levels: Vec<(f64, f64)>,
    /// The report of the lowest bad step.
    worst: Option<(f64, RunReport)>,
    /// Largest gap of Little's law in a good step.
    little: f64,
    /// Times to recover after bad steps.
    recoveries: Vec<Duration>,
    /// The median of few users, in ms.
    calm: Option<f64>,
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let criteria = Criteria::default().with_slo(context.targets.p95.unwrap_or(Millis(300.0)));
    #[expect(clippy::cast_precision_loss, reason = "a number of users")]
    let (start, most) = (context.param("start").max(1) as f64, context.param("most") as f64);
    let steps = usize::try_from(context.param("steps")).unwrap_or(usize::MAX);
    let search = BreakingPoint::try_new(start, criteria).and_then(|search| search.with_factor(2.0));
    let Ok(search) = search else {
        return Ok(());
    };
    let mut search = search.with_most_steps(steps);
    let mut seen = Seen { calm: calm(context).await?, ..Seen::default() };
    let mut bound = false;
    while let NextStep::Run { level, recover, long } = search.next() {
        if recover {
            recovered(context, &mut seen).await?;
        }
        if level < 1.0 || level > most {
            break;
        }
        let (result, report) = step(context, level, long).await?;
        if !said::valid(&report) {
            bound = true;
            break;
        }
        seen.take(&result, report, criteria.is_bad(&result));
        search.record(result);
    }
    let finding = search.finding();
    tell(context, &search, &finding, &seen);
    let least = context.param("least");
    let verdict = judge(&finding, &seen, least, bound);
    context.result.verdicts.extend([verdict, little(&seen)]);
    Ok(())
}

/// One level: so many users without wait.
async fn step(
    context: &mut Context<'_>,
    level: f64,
    long: bool,
) -> Result<(StepResult, RunReport), TestError> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1 user")]
    let users = level.round() as u64;
    let seconds = context.param("step_seconds").max(3) * if long { 3 } else { 1 };
    let stop = plans::at_least(Duration::from_secs(seconds), 1);
    let plan = plans::closed(context, plans::SESSIONS, users, stop)?;
    let report = context.run(&plan).await?;
    let total = &report.total;
    // What was in flight when the step ended, and the grace after it, was not answered.
    let errors = said::ratio(total.failed + total.incomplete, total.sent.max(1));
    let rate = said::rate(&report).map_or(total.throughput.0, MeanInterval::mean);
    #[expect(clippy::cast_precision_loss, reason = "a number of users")]
    let mut result = StepResult::new(users as f64, rate).with_errors(errors);
    if let Some(p95) = total.latency.percentiles.iter().find(|value| value.percent == 95.0) {
        result = result.with_p95(p95.value);
    }
    Ok((result, report))
}

/// The median latency of few users.
async fn calm(context: &mut Context<'_>) -> Result<Option<f64>, TestError> {
    let stop = plans::at_least(Duration::from_secs(2), 1);
    let plan = plans::closed(context, plans::SESSIONS, FEW, stop)?;
    let report = context.run(&plan).await?;
    let found = report.total.latency.percentiles.iter().find(|value| value.percent == 50.0);
    Ok(found.filter(|_| report.total.failed == 0).map(|value| value.value.0))
}

/// Waits until few users are served as in the beginning.
async fn recovered(context: &mut Context<'_>, seen: &mut Seen) -> Result<(), TestError> {
    let start = now();
    let Some(normal) = seen.calm else { return Ok(()) };
    while now() - start < PATIENCE {
        if calm(context).await?.is_some_and(|median| median < 1.5 * normal + 3.0) {
            break;
        }
    }
    seen.recoveries.push(now() - start);
    Ok(())
}

impl Seen {
    fn take(&mut self, step: &StepResult, report: RunReport, bad: bool) {
        if step.throughput() > 0.0 {
            self.levels.push((step.level(), step.throughput()));
        }
        if bad {
            if self.worst.as_ref().is_none_or(|(level, _)| step.level() <= *level) {
                self.worst = Some((step.level(), report));
            }
        } else if let Some(reckoned) = littles_law(&report) {
            self.little = self.little.max((reckoned / step.level() - 1.0).abs());
        }
    }

    /// Turns a second at so many users, from the nearest step.
    fn rate_at(&self, users: f64) -> Option<f64> {
        let distance = |level: f64| (level / users).ln().abs();
        let nearest = self.levels.iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)))?;
        Some(nearest.1)
    }
}

fn users_text(found: Threshold) -> String {
    format!("{:.0} users ({:.0} to {:.0})", found.estimate(), found.low(), found.high())
}

fn tell(
    context: &mut Context<'_>,
    search: &BreakingPoint,
    finding: &BreakingPointFinding,
    seen: &Seen,
) {
    for step in search.results() {
        let p95 = step.p95().map_or_else(|| "none right".to_owned(), |p95| format!("p95 {p95}"));
        let text = format!("{:.1}/s, {p95}", step.throughput());
        context.measured(&format!("{:.0} users", step.level()), text);
    }
    if let Some(knee) = finding.knee() {
        context.measured("knee", format!("between {:.0} and {:.0} users", knee.before, knee.at));
    }
    if let Some(limit) = finding.latency_limit() {
        context.measured("latency misses its limit beyond", users_text(limit));
    }
    if let Some(collapse) = finding.collapse() {
        context.measured("turns fail beyond", users_text(collapse));
    }
    if let Some(longest) = seen.recoveries.iter().max() {
        let text = format!("within {:.0} s after each overload", longest.as_secs_f64());
        context.measured("itself again", text);
    }
    match usl(&seen.levels, UslLoss::Relative) {
        Ok(fit) => {
            let peak = fit.peak().map_or_else(
                || "no peak".to_owned(),
                |peak| {
                    let users = peak.concurrency;
                    format!(
                        "peak at {:.0} users ({:.0} to {:.0})",
                        users.value, users.low, users.high
                    )
                },
            );
            let doubts: String =
                fit.doubts().iter().map(|doubt| format!("; doubt: {doubt}")).collect();
            let text = format!(
                "alpha {:.2e}, beta {:.2e}, {peak}{doubts}",
                fit.alpha().value,
                fit.beta().value
            );
            context.measured("scalability law", text);
        }
        Err(error) => context.measured("scalability law", format!("not fitted: {error}")),
    }
    let safe = finding.limit().map(|limit| limit.low()).or(finding.highest_good());
    if let Some(safe) = safe {
        let text = format!("{:.0} users an instance", (safe * HEADROOM).floor());
        context.measured("recommended at most", text);
    }
}

fn judge(finding: &BreakingPointFinding, seen: &Seen, least: u64, bound: bool) -> Verdict {
    let said = |measured: String, outcome| {
        said::verdict("breaking point", format!(">= {least} users"), measured, outcome)
    };
    #[expect(clippy::cast_precision_loss, reason = "a number of users")]
    let wanted = least as f64;
    let cause = seen.worst.as_ref().map(|(_, report)| cause_of(report)).unwrap_or_default();
    if let Some(limit) = finding.limit() {
        let rate = seen.rate_at(limit.estimate()).unwrap_or(0.0);
        let measured = format!("{}, about {rate:.1}/s", users_text(limit));
        let outcome = match (limit.low() >= wanted, limit.high() < wanted) {
            (true, _) => Outcome::Pass,
            (_, true) => Outcome::Fail,
            _ => Outcome::Inconclusive,
        };
        return said::because(said(measured, outcome), cause);
    }
    let Some(good) = finding.highest_good() else {
        if bound {
            let invalid = said("not found".to_owned(), Outcome::Invalid);
            return said::because(invalid, "the load generator was the bottleneck from the start");
        }
        return said::because(
            said("not even the first level is good".to_owned(), Outcome::Fail),
            cause,
        );
    };
    let measured = format!("not up to {good:.0} users");
    if good >= wanted {
        let why = if bound {
            "beyond that the load generator is the bottleneck"
        } else {
            "more were not tried: most"
        };
        return said::because(said(measured, Outcome::Pass), why);
    }
    if bound {
        let why = "the load generator is the bottleneck beyond that: give it a core of its own";
        return said::because(said(measured, Outcome::Invalid), why);
    }
    said::because(
        said(measured, Outcome::Inconclusive),
        "the steps were used up: raise steps, or most",
    )
}

/// In good steps N users are N turns in flight, as throughput and latency say.
fn little(seen: &Seen) -> Verdict {
    let limit = format!("off by < {}", percent(LITTLE));
    let said = |measured: String, outcome| said::verdict("Little's law", limit, measured, outcome);
    if seen.levels.is_empty() {
        return said("no step".to_owned(), Outcome::NotApplicable);
    }
    let measured = format!("off by at most {} in good steps", percent(seen.little));
    if seen.little < LITTLE {
        return said(measured, Outcome::Pass);
    }
    let why =
        "throughput, latency and turns in flight do not agree: run it longer, on a calmer machine";
    said::because(said(measured, Outcome::Invalid), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(limit: f64, most: f64) -> BreakingPointFinding {
        let criteria = Criteria::default().with_slo(Millis(300.0));
        let mut search = BreakingPoint::try_new(10.0, criteria).expect("a start");
        while let NextStep::Run { level, .. } = search.next() {
            if level > most {
                break;
            }
            let p95 = if level < limit { 30.0 } else { 900.0 };
            search.record(StepResult::new(level, level.min(limit)).with_p95(Millis(p95)));
        }
        search.finding()
    }

    #[test]
    fn the_limit_is_held_against_the_users_that_are_wanted() {
        let seen = Seen { levels: vec![(100.0, 50.0)], ..Seen::default() };
        let judged = |limit, most, bound| judge(&search(limit, most), &seen, 100, bound).outcome;
        assert_eq!(judged(400.0, 2000.0, false), Outcome::Pass);
        assert_eq!(judged(40.0, 2000.0, false), Outcome::Fail);
        assert_eq!(judged(4000.0, 500.0, false), Outcome::Pass, "not broken by 500");
        assert_eq!(judged(4000.0, 50.0, false), Outcome::Inconclusive);
        assert_eq!(judged(4000.0, 50.0, true), Outcome::Invalid);
        assert_eq!(judged(4000.0, 5.0, true), Outcome::Invalid, "nothing was measured");
        assert_eq!(judged(4000.0, 5.0, false), Outcome::Fail);
    }
}
