//! Twice as much as the target can take: is what it could serve still served?

use super::GROUP;
use super::capacity::{climb, good_rates};
use super::cause::cause_of;
use crate::amount::{count, percent};
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_stats::{mean_interval, percentile};
use victor_types::{Millis, Outcome, RunReport, Verdict};

pub(in crate::scale) const GRACEFUL: Case = Case {
    group: GROUP,
    name: "test_graceful_degradation",
    slow: true,
    seconds: 40,
    about: "goodput kept and time to refuse at twice the measured capacity",
    params: &[
        Param { name: "start", default: 25, help: "users of the first step towards the capacity" },
        Param { name: "most", default: 800, help: "users of the last step" },
        Param { name: "step_seconds", default: 4, help: "length of a step, in seconds" },
        Param { name: "overload", default: 200, help: "load offered, in per cent of the capacity" },
        Param { name: "seconds", default: 15, help: "length of the overload, in seconds" },
        Param {
            name: "within_ms",
            default: 2000,
            help: "an answer later than this is no good, in ms",
        },
        Param {
            name: "kept",
            default: 70,
            help: "goodput that a graceful server keeps, in per cent",
        },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Goodput kept below which the server has collapsed.
const COLLAPSED: f64 = 0.3;
/// Seconds of the overload in which queues fill, which are not judged.
const FILLING: usize = 3;

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    #[expect(clippy::cast_precision_loss, reason = "settings of a person's size")]
    let [within, overload, kept] =
        ["within_ms", "overload", "kept"].map(|name| context.param(name) as f64);
    let within = Millis(within);
    let step = Duration::from_secs(context.param("step_seconds").max(2));
    let (start, most) = (context.param("start"), context.param("most"));
    let capacity = climb(context, start, most, step, within).await?;
    context.measured("capacity", format!("{:.1}/s with {} users", capacity.rate, capacity.users));
    let said = |measured: String, outcome| {
        said::verdict("goodput kept", format!(">= {kept:.0} % of the capacity"), measured, outcome)
    };
    let wrong = capacity.right.filter(|right| right.outcome == Outcome::Fail);
    if wrong.is_some() || capacity.rate <= 0.0 {
        context.result.verdicts.extend(wrong);
        let failed = said("no capacity to speak of".to_owned(), Outcome::Fail);
        context.result.verdicts.push(failed);
        return Ok(());
    }
    if capacity.generator_bound || capacity.unfinished {
        let (outcome, why) = if capacity.generator_bound {
            (Outcome::Invalid, "the load generator was held up before the target was".to_owned())
        } else {
            (
                Outcome::Inconclusive,
                format!("{most} users still brought more than fewer: raise most"),
            )
        };
        let open = said("the capacity was not found".to_owned(), outcome);
        context.result.verdicts.push(said::because(open, why));
        return Ok(());
    }
    let length = Duration::from_secs(context.param("seconds").max(6));
    let rate = capacity.rate * overload / 100.0;
    let plan = plans::open(context, rate, 10_000, plans::at_least(length, 1))?;
    let report = context.run(&plan).await?;
    context.measured("offered", format!("{rate:.1}/s for {} s", length.as_secs()));
    let rates = good_rates(&report, within, FILLING);
    let judged = judge(&report, &rates, capacity.rate, kept / 100.0);
    context.result.verdicts.push(said::unless_invalid(judged, &[&report]));
    context.result.verdicts.push(refusals(&report, within));
    Ok(())
}

fn judge(report: &RunReport, rates: &[f64], capacity: f64, kept: f64) -> Verdict {
    let limit = format!(">= {} of the capacity", percent(kept));
    let said = |measured: String, outcome| said::verdict("goodput kept", limit, measured, outcome);
    let Some(rate) = mean_interval(rates) else {
        let open = said("too short to tell".to_owned(), Outcome::Inconclusive);
        return said::because(open, "seconds=15");
    };
    let share = |rate: f64| rate.max(0.0) / capacity;
    let pattern = match share(rate.mean()) {
        share if share >= kept => "graceful",
        share if share >= COLLAPSED => "degraded",
        _ => "collapse",
    };
    let measured = format!(
        "{pattern}: {} ({} to {})",
        percent(share(rate.mean())),
        percent(share(rate.low())),
        percent(share(rate.high()))
    );
    if share(rate.low()) >= kept {
        said(measured, Outcome::Pass)
    } else if share(rate.high()) < kept {
        said::because(said(measured, Outcome::Fail), cause_of(report))
    } else {
        said::because(said(measured, Outcome::Inconclusive), "too near the limit: seconds=60")
    }
}

/// A turn that is not going to be served is told so early.
fn refusals(report: &RunReport, within: Millis) -> Verdict {
    let limit = format!("p95 < {within}");
    let said =
        |measured: String, outcome| said::verdict("time to refuse", limit, measured, outcome);
    let failed = &report.total.failed_latency;
    let of = |q| percentile(failed, q).map(Millis::from_micros);
    let (Some(middle), Some(p95)) = (of(0.5), of(0.95)) else {
        return said::because(
            said("none failed".to_owned(), Outcome::NotApplicable),
            "nothing was refused",
        );
    };
    let measured = format!("p50 {middle}, p95 {p95} of {} failures", count(failed.count()));
    let outcome = if p95 < within { Outcome::Pass } else { Outcome::Fail };
    if failed.count() < 20 {
        return said::because(said(measured, Outcome::NotApplicable), "too few were refused");
    }
    said(measured, outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;

    #[test]
    fn the_pattern_follows_from_what_is_kept() {
        let run = report(1000, 10);
        let judged = |rates: &[f64]| judge(&run, rates, 100.0, 0.7);
        let graceful = judged(&[95.0, 97.0, 96.0, 94.0]);
        assert_eq!(graceful.outcome, Outcome::Pass);
        assert!(graceful.measured.starts_with("graceful"));
        assert!(judged(&[50.0, 52.0, 51.0, 49.0]).measured.starts_with("degraded"));
        let collapse = judged(&[5.0, 2.0, 1.0, 4.0]);
        assert_eq!(collapse.outcome, Outcome::Fail);
        assert!(collapse.measured.starts_with("collapse") && collapse.reason.is_some());
        assert_eq!(judged(&[60.0, 80.0, 65.0]).outcome, Outcome::Inconclusive);
        assert_eq!(judged(&[]).outcome, Outcome::Inconclusive);
    }
}
