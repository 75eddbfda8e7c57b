//! What several tests say alike about their runs.

use super::case::Context;
use crate::amount::{count, percent, with_interval};
use crate::targets::full_rates;
use crate::{Offer, judge};
use victor_plan::{Plan, Targets};
use victor_stats::{MeanInterval, clopper_pearson, lower_bound, mean_interval, upper_bound};
use victor_types::{FailureKind, Outcome, RunReport, ServerResources, Verdict};

/// Confidence of a pass and of a failure, each.
pub(super) const CONFIDENCE: f64 = 0.95;

/// Share of failed turns from which what is measured of the others means little.
pub(super) const SOME_ERRORS: f64 = 0.05;

/// A verdict without a reason.
pub(super) fn verdict(name: &str, limit: String, measured: String, outcome: Outcome) -> Verdict {
    Verdict { name: name.to_owned(), limit, measured, outcome, reason: None }
}

/// A verdict with its reason.
pub(super) fn because(verdict: Verdict, reason: impl Into<String>) -> Verdict {
    Verdict { reason: Some(reason.into()), ..verdict }
}

/// Whether the turns of a run were right: fewer than `limit` failed, and some succeeded. No test
/// passes without this: a target that is not there, or only apologises, is fast and forgets
/// nothing.
pub(super) fn turns_right(report: &RunReport, limit: f64) -> Verdict {
    let targets = Targets { error_rate: Some(limit), ..NOTHING };
    // The offer matters to throughput alone.
    let judged = judge(report, &targets, Offer::AsMuchAsTaken).pop();
    let none = || verdict("", String::new(), String::new(), Outcome::Inconclusive);
    let judged = Verdict { name: "turns right".to_owned(), ..judged.unwrap_or_else(none) };
    if report.total.succeeded == 0 {
        return because(Verdict { outcome: Outcome::Fail, ..judged }, "no turn was right");
    }
    judged
}

const NOTHING: Targets = Targets {
    p50: None,
    p95: None,
    p99: None,
    throughput: None,
    error_rate: None,
    cpu: None,
    memory: None,
};

/// A share that must be below `limit`, judged by counting: `found` of `judged` cases.
pub(super) fn share_below(name: &str, found: u64, judged: u64, limit: f64) -> Verdict {
    let share = clopper_pearson(found, judged, CONFIDENCE);
    let interval = share.map_or_else(String::new, |share| {
        format!(
            " ({}; {} to {})",
            percent(ratio(found, judged)),
            percent(share.low()),
            percent(share.high())
        )
    });
    let measured = format!("{} of {}{interval}", count(found), count(judged));
    let low = lower_bound(found, judged, CONFIDENCE).unwrap_or(0.0);
    let high = upper_bound(found, judged, CONFIDENCE).unwrap_or(1.0);
    let (outcome, reason) = if judged == 0 {
        (Outcome::Fail, Some("nothing could be judged".to_owned()))
    } else if low > limit {
        (Outcome::Fail, None)
    } else if high < limit {
        (Outcome::Pass, None)
    } else {
        let enough = (1.0 - CONFIDENCE).ln() / (1.0 - limit).ln();
        let why = format!("at least {enough:.0} without a single one would decide");
        (Outcome::Inconclusive, Some(why))
    };
    let limit = format!("< {}", percent(limit));
    Verdict { name: name.to_owned(), limit, measured, outcome, reason }
}

/// `part` of `whole`; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share to 15 digits is enough")]
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How many turns of all runs failed so.
pub(super) fn failures(reports: &[&RunReport], kind: FailureKind) -> u64 {
    let all = reports.iter().flat_map(|report| &report.failures);
    all.filter(|row| row.kind == kind).map(|row| row.count).sum()
}

/// A percentile of the successes with its interval.
pub(super) fn percentile(report: &RunReport, wanted: f64) -> Option<String> {
    let found = report.total.latency.percentiles.iter().find(|value| value.percent == wanted)?;
    Some(with_interval(found.value, found.interval))
}

/// Mean CPU of the server in cores, with the cores there are.
#[expect(clippy::cast_precision_loss, reason = "a number of samples")]
pub(super) fn server_cpu(server: Option<&ServerResources>) -> Option<(f64, f64)> {
    let server = server?;
    let samples = &server.samples;
    if samples.is_empty() {
        return None;
    }
    let mean = samples.iter().map(|sample| sample.cpu_cores).sum::<f64>() / samples.len() as f64;
    Some((mean, f64::from(server.cores.max(1))))
}

/// What a run says of the server's CPU and memory.
pub(super) fn server_use(server: Option<&ServerResources>) -> Option<String> {
    let (mean, cores) = server_cpu(server)?;
    let rss = server?.samples.iter().map(|sample| sample.rss).max()?;
    Some(format!("{mean:.2} of {cores:.0} cores, {rss} resident"))
}

/// Turns, rate, percentiles and the server's use of the machine.
pub(super) fn describe(context: &mut Context<'_>, report: &RunReport) {
    let total = &report.total;
    let turns = format!("{} in {:.1} s", count(total.succeeded), report.run.duration.0);
    context.measured("turns", turns);
    context.measured("throughput", format!("{:.1} successes/s", total.throughput.0));
    for percent in [50.0, 95.0, 99.0] {
        if let Some(value) = percentile(report, percent) {
            context.measured(&format!("latency p{percent}"), value);
        }
    }
    if let Some(used) = server_use(report.server.as_ref()) {
        context.measured("server", used);
    }
}

/// Successes a second with all users there, when enough seconds agree well enough to speak of a
/// rate.
pub(super) fn rate(report: &RunReport) -> Option<MeanInterval> {
    let rates = full_rates(report);
    let rate = mean_interval(&rates)?;
    let agree = rate.high() - rate.low() < 0.5 * rate.mean();
    (rates.len() >= FEWEST_SECONDS && agree).then_some(rate)
}

/// Seconds from which a mean rate can be told.
const FEWEST_SECONDS: usize = 3;

/// A rate with its interval.
pub(super) fn rate_text(rate: MeanInterval) -> String {
    format!("{:.1}/s ({:.1} to {:.1})", rate.mean(), rate.low().max(0.0), rate.high())
}

/// True when the load was made as it was planned.
pub(super) fn valid(report: &RunReport) -> bool {
    report.validity.is_valid()
}

/// Makes a verdict invalid when one of its runs is.
pub(super) fn unless_invalid(judged: Verdict, reports: &[&RunReport]) -> Verdict {
    if judged.outcome == Outcome::NotApplicable || reports.iter().all(|report| valid(report)) {
        return judged;
    }
    let reason = "the load generator was held up: give it a core of its own, or fewer users";
    because(Verdict { outcome: Outcome::Invalid, ..judged }, reason)
}

/// What users of `load` could have offered at most; for verdicts on targets.
pub(super) fn offer(plan: &Plan, report: &RunReport) -> Offer {
    Offer::of(&plan.load, &plan.mix, report.run.duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;

    #[test]
    fn a_share_needs_enough_cases_to_pass() {
        let judged = |found, cases| share_below("x", found, cases, 0.01).outcome;
        assert_eq!(judged(0, 0), Outcome::Fail);
        assert_eq!(judged(0, 100), Outcome::Inconclusive);
        assert_eq!(judged(0, 400), Outcome::Pass);
        assert_eq!(judged(40, 400), Outcome::Fail);
    }

    #[test]
    fn a_run_without_a_right_turn_fails() {
        assert_eq!(turns_right(&report(0, 0), 0.01).outcome, Outcome::Fail);
        assert_eq!(turns_right(&report(0, 500), 0.01).outcome, Outcome::Fail);
        assert_eq!(turns_right(&report(4000, 0), 0.01).outcome, Outcome::Pass);
    }
}
