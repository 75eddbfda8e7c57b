//! How long a target needs to be itself again after too much was asked of it.

use super::GROUP;
use crate::amount::percent;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_plan::StopRule;
use victor_stats::percentile;
use victor_types::{HistoryPoint, Millis, Outcome, RunReport, Verdict};

pub(in crate::scale) const RECOVERY: Case = Case {
    group: GROUP,
    name: "test_error_recovery",
    slow: true,
    seconds: 45,
    about: "time to recover from an overload, and success rate meanwhile",
    params: &[
        Param {
            name: "users",
            default: 20,
            help: "users before and after, each with a turn every 200 ms",
        },
        Param { name: "overload", default: 600, help: "users without wait during the overload" },
        Param {
            name: "seconds",
            default: 8,
            help: "length of the time before and of the overload, in seconds",
        },
        Param { name: "watched", default: 25, help: "how long recovery is watched, in seconds" },
        Param {
            name: "within",
            default: 10,
            help: "seconds within which the target must be itself again",
        },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Wait of the users before and after.
const WAIT: Duration = Duration::from_millis(200);
/// Seconds in a row that must be as before.
const CALM: usize = 3;
/// The median of a calm second is at most this many times that of before,
const SLOWER: f64 = 1.3;
/// and a few milliseconds, which are nothing.
const SLACK: f64 = 3.0;

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let users = context.param("users").max(1);
    let length = Duration::from_secs(context.param("seconds").max(4));
    let watched = Duration::from_secs(context.param("watched").max(6));
    let paced = |context: &Context<'_>, length| {
        let stop = StopRule { grace: Duration::from_secs(2), ..StopRule::after(length) };
        plans::paced(context, users, WAIT, stop)
    };
    let plan = paced(context, length)?;
    let before = context.run(&plan).await?;
    let right = said::turns_right(&before, said::SOME_ERRORS);
    let right = Verdict { name: "turns right before".to_owned(), ..right };
    context.result.verdicts.push(right.clone());
    if right.outcome == Outcome::Fail {
        return Ok(());
    }
    let crowd = context.param("overload").max(users);
    // What is in flight when the overload ends is dropped: a crowd that leaves.
    let plan = plans::closed(context, plans::SESSIONS, crowd, StopRule::after(length))?;
    let overload = context.run(&plan).await?;
    let plan = paced(context, watched)?;
    let after = context.run(&plan).await?;
    tell(context, [("before", &before), ("overload", &overload), ("after", &after)]);
    let verdict = judge(&before, &overload, &after, context.param("within"));
    let verdict = said::unless_invalid(verdict, &[&before, &after]);
    context.result.verdicts.push(verdict);
    Ok(())
}

fn tell(context: &mut Context<'_>, runs: [(&str, &RunReport); 3]) {
    for (name, report) in runs {
        let errors = said::ratio(report.total.failed, report.total.failed + report.total.succeeded);
        let p50 = said::percentile(report, 50.0).unwrap_or_else(|| "none right".to_owned());
        let p95 = said::percentile(report, 95.0).unwrap_or_else(|| "none right".to_owned());
        let text = format!("p50 {p50}, p95 {p95}, {} failed", percent(errors));
        context.measured(name, text);
    }
}

fn median(point: &HistoryPoint) -> Option<f64> {
    percentile(&point.latency, 0.5).map(|micros| Millis::from_micros(micros).0)
}

/// The second from which on [`CALM`] seconds in a row are as before.
fn calm_from(after: &RunReport, normal: f64) -> Option<usize> {
    let calm = |point: &HistoryPoint| {
        point.failed == 0 && median(point).is_some_and(|median| median <= normal * SLOWER + SLACK)
    };
    let points: Vec<bool> = after.history.iter().map(calm).collect();
    points.windows(CALM).position(|window| window.iter().all(|&calm| calm))
}

fn judge(before: &RunReport, overload: &RunReport, after: &RunReport, within: u64) -> Verdict {
    let limit = format!("within {within} s");
    let said = |measured: String, outcome| said::verdict("recovered", limit, measured, outcome);
    let normal =
        percentile(&before.total.latency.histogram, 0.5).map(|it| Millis::from_micros(it).0);
    let Some(normal) = normal else {
        return said("no turn was right before".to_owned(), Outcome::Fail);
    };
    let strained = percentile(&overload.total.latency.histogram, 0.5)
        .is_none_or(|median| Millis::from_micros(median).0 > SLOWER * normal + SLACK);
    if !strained && overload.total.failed == 0 {
        let open = said("it was never overloaded".to_owned(), Outcome::Inconclusive);
        return said::because(open, "raise overload: neither errors nor latency rose");
    }
    let Some(calm) = calm_from(after, normal) else {
        let seconds = after.history.len();
        let measured = format!("not within the {seconds} s that were watched");
        return said(measured, Outcome::Fail);
    };
    let (right, wrong) = after.history[..calm]
        .iter()
        .fold((0, 0), |(right, wrong), point| (right + point.succeeded, wrong + point.failed));
    let meanwhile = if right + wrong == 0 {
        String::new()
    } else {
        format!(", {} of {} turns right meanwhile", right, right + wrong)
    };
    let measured = match calm {
        0 => "at once".to_owned(),
        calm => format!("after {calm} s{meanwhile}"),
    };
    let outcome = if calm as u64 <= within { Outcome::Pass } else { Outcome::Fail };
    said(measured, outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;
    use victor_types::Histogram;

    /// A run whose seconds have these medians.
    fn run(medians: &[u64]) -> RunReport {
        let mut run = report(1000, 0);
        let template = run.history[0].clone();
        let second = |ms: &u64| {
            let latency: Histogram = [(ms * 1000, 50)].into_iter().collect();
            HistoryPoint { latency, failed: 0, succeeded: 50, ..template.clone() }
        };
        run.history = medians.iter().map(second).collect();
        run.total.latency.histogram = Histogram::default();
        let points: Vec<_> = run.history.clone();
        points.iter().for_each(|point| run.total.latency.histogram.merge(&point.latency));
        run
    }

    #[test]
    fn recovery_is_three_seconds_as_before() {
        let (before, overload) = (run(&[20; 8]), run(&[400; 8]));
        let judged = |medians: &[u64]| judge(&before, &overload, &run(medians), 4);
        assert_eq!(judged(&[20, 21, 20, 20]).outcome, Outcome::Pass);
        let late = judged(&[40, 40, 40, 40, 40, 20, 20, 20]);
        assert_eq!(late.outcome, Outcome::Fail);
        assert!(late.measured.contains("after 5 s"), "{}", late.measured);
        assert_eq!(judged(&[40; 10]).outcome, Outcome::Fail);
        assert_eq!(judged(&[20, 40, 20, 40, 20, 40]).outcome, Outcome::Fail);
        assert_eq!(
            judge(&before, &run(&[21; 8]), &run(&[20; 8]), 4).outcome,
            Outcome::Inconclusive
        );
    }
}
