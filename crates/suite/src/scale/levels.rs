//! Throughput over levels of concurrency: does more load still bring more, or less?

use super::case::{Case, Context, Param, TestError};
use super::integrity::isolation;
use super::{plans, said};
use crate::amount::percent;
use std::pin::Pin;
use std::time::Duration;
use victor_stats::MeanInterval;
use victor_types::{Outcome, RunReport, Verdict};

const LEVELS: [&str; 4] = ["first", "second", "third", "fourth"];

pub(super) const DEGRADATION: Case = Case {
    group: "TestConcurrentRequests",
    name: "test_throughput_degradation",
    slow: true,
    seconds: 48,
    about: "turns/s, latency, errors, CPU, memory and session isolation at rising concurrency",
    params: &[
        Param { name: "first", default: 10, help: "users of the first level" },
        Param { name: "second", default: 50, help: "users of the second level; 0 leaves it out" },
        Param { name: "third", default: 100, help: "users of the third level; 0 leaves it out" },
        Param { name: "fourth", default: 200, help: "users of the fourth level; 0 leaves it out" },
        Param { name: "seconds", default: 10, help: "least length of each level, in seconds" },
        Param { name: "turns", default: 1000, help: "least number of turns of each level" },
        Param {
            name: "kept",
            default: 80,
            help: "least throughput at the last level, in per cent of the best level's",
        },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let length = Duration::from_secs(context.param("seconds"));
    let mut levels: Vec<u64> = LEVELS.iter().map(|name| context.param(name)).collect();
    levels.retain(|&users| users > 0);
    levels.sort_unstable();
    let mut reports = Vec::new();
    for users in levels {
        let stop = plans::at_least(length, context.param("turns"));
        let plan = plans::closed(context, plans::SESSIONS, users, stop)?;
        let report = context.run(&plan).await?;
        tell(context, &report);
        let right = said::turns_right(&report, context.targets.error_rate.unwrap_or(0.01));
        let named = Verdict { name: format!("turns right at {users} users"), ..right };
        context.result.verdicts.push(named);
        reports.push(report);
    }
    let all: Vec<&RunReport> = reports.iter().collect();
    #[expect(clippy::cast_precision_loss, reason = "a percentage")]
    let limit = context.param("kept") as f64 / 100.0;
    let kept = said::unless_invalid(kept(&all, limit), &all);
    context.result.verdicts.extend([kept, isolation::verdict(&all)]);
    Ok(())
}

fn tell(context: &mut Context<'_>, report: &RunReport) {
    let total = &report.total;
    let rate =
        said::rate(report).map_or_else(|| format!("{:.1}/s", total.throughput.0), said::rate_text);
    let errors = said::ratio(total.failed, total.failed + total.succeeded);
    let mut parts = vec![rate];
    for wanted in [50.0, 95.0, 99.0] {
        parts.extend(said::percentile(report, wanted).map(|value| format!("p{wanted} {value}")));
    }
    parts.push(format!("errors {}", percent(errors)));
    parts.extend(said::server_use(report.server.as_ref()));
    context.measured(&format!("{} users", report.run.users), parts.join("; "));
}

/// The last level against the best one.
fn kept(reports: &[&RunReport], limit: f64) -> Verdict {
    let rates: Vec<(u64, Option<MeanInterval>)> =
        reports.iter().map(|report| (report.run.users, said::rate(report))).collect();
    let found = rates.iter().filter_map(|(users, rate)| Some((*users, (*rate)?)));
    let best = found.max_by(|a, b| a.1.mean().total_cmp(&b.1.mean()));
    let last = rates.last().and_then(|(users, rate)| Some((*users, (*rate)?)));
    let limit_text = format!(">= {} of the best level's", percent(limit));
    let said = |measured, outcome| said::verdict("throughput kept", limit_text, measured, outcome);
    let (Some(best), Some(last)) = (best, last) else {
        if reports.iter().all(|report| report.total.succeeded == 0) {
            return said("nothing was answered right".to_owned(), Outcome::Fail);
        }
        let open =
            said("too short, or too uneven, to tell a rate".to_owned(), Outcome::Inconclusive);
        return said::because(open, "run longer: seconds=20");
    };
    if best.1.mean() <= 0.0 {
        return said("nothing was answered right".to_owned(), Outcome::Fail);
    }
    if best.0 == last.0 {
        let measured =
            format!("the last level is the best: {:.1}/s at {} users", last.1.mean(), last.0);
        return said(measured, Outcome::Pass);
    }
    let (low, high) = (last.1.low() / best.1.high(), last.1.high() / best.1.low().max(1e-9));
    let measured = format!(
        "{} ({} to {}): {:.1}/s at {} users, {:.1}/s at {}",
        percent(last.1.mean() / best.1.mean()),
        percent(low.max(0.0)),
        percent(high),
        last.1.mean(),
        last.0,
        best.1.mean(),
        best.0
    );
    match (low >= limit, high < limit) {
        (true, _) => said(measured, Outcome::Pass),
        (_, true) => said(measured, Outcome::Fail),
        _ => said::because(
            said(measured, Outcome::Inconclusive),
            "too near the limit to tell: run longer",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;

    fn level(users: u64, rate: u64) -> RunReport {
        let mut level = report(rate * 20, 0);
        level.run.users = users;
        for (at, point) in level.history.iter_mut().enumerate() {
            point.users = users;
            point.window = victor_types::Seconds(1.0);
            point.succeeded = rate + 10 * (at as u64 % 3);
        }
        level
    }

    #[test]
    fn the_last_level_is_held_against_the_best() {
        let judged = |rates: &[(u64, u64)]| {
            let levels: Vec<RunReport> =
                rates.iter().map(|&(users, rate)| level(users, rate)).collect();
            kept(&levels.iter().collect::<Vec<_>>(), 0.8)
        };
        assert_eq!(judged(&[(10, 100), (50, 300)]).outcome, Outcome::Pass);
        assert_eq!(judged(&[(10, 100), (50, 300), (100, 290)]).outcome, Outcome::Pass);
        assert_eq!(judged(&[(10, 100), (50, 300), (100, 150)]).outcome, Outcome::Fail);
        assert_eq!(judged(&[(10, 100), (50, 300), (100, 241)]).outcome, Outcome::Inconclusive);
    }
}
