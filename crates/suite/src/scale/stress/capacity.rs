//! How much a target serves at most, found by a quick climb.

use crate::scale::case::{Context, TestError};
use crate::scale::{plans, said};
use std::time::Duration;
use victor_types::{Millis, Outcome, RunReport, Verdict};

/// More users must bring at least this much more throughput, or the top is reached.
const RISE: f64 = 1.1;
/// Between levels.
const FACTOR: u64 = 2;

/// What the climb found.
#[derive(Debug)]
pub(super) struct Capacity {
    /// Good turns a second at the best level.
    pub(super) rate: f64,
    /// Its users.
    pub(super) users: u64,
    /// The generator was held up before the target was.
    pub(super) generator_bound: bool,
    /// Whether the turns of the first level were right.
    pub(super) right: Option<Verdict>,
    /// All levels were climbed and each brought more.
    pub(super) unfinished: bool,
}

/// Climbs from `start` users to `most` in steps of `length`, until more users bring no more turns
/// that are right and within `within`.
pub(super) async fn climb(
    context: &mut Context<'_>,
    start: u64,
    most: u64,
    length: Duration,
    within: Millis,
) -> Result<Capacity, TestError> {
    let mut best =
        Capacity { rate: 0.0, users: 0, generator_bound: false, right: None, unfinished: true };
    let mut users = start.max(1);
    while users <= most {
        let plan = plans::closed(context, plans::SESSIONS, users, plans::at_least(length, 1))?;
        let report = context.run(&plan).await?;
        let rate = good(&report, within);
        context.measured(&format!("{users} users"), format!("{rate:.1}/s right and in time"));
        let rose = rate > best.rate * RISE;
        if rate > best.rate {
            best = Capacity { rate, users, ..best };
        }
        let right = best.right.get_or_insert_with(|| said::turns_right(&report, said::SOME_ERRORS));
        if right.outcome == Outcome::Fail {
            return Ok(best);
        }
        if !said::valid(&report) {
            return Ok(Capacity { generator_bound: true, unfinished: false, ..best });
        }
        if !rose {
            return Ok(Capacity { unfinished: false, ..best });
        }
        users *= FACTOR;
    }
    Ok(best)
}

/// Successes a second within `within`, over the windows in which all users were there.
pub(super) fn good(report: &RunReport, within: Millis) -> f64 {
    let points = good_rates(report, within, 0);
    #[expect(clippy::cast_precision_loss, reason = "a number of windows")]
    let number = points.len().max(1) as f64;
    points.iter().sum::<f64>() / number
}

/// The same for each window, the first `skip` left out.
#[expect(clippy::cast_precision_loss, reason = "counts of a second")]
pub(super) fn good_rates(report: &RunReport, within: Millis, skip: usize) -> Vec<f64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a limit in ms")]
    let micros = (within.0 * 1000.0) as u64;
    let closed = report.run.arrival_rate.is_none();
    let full = report
        .history
        .iter()
        .skip(skip)
        .filter(|point| point.window.0 > 0.5 && (!closed || point.users == report.run.users));
    full.map(|point| {
        (point.succeeded - point.latency.count_above(micros).min(point.succeeded)) as f64
            / point.window.0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;

    #[test]
    fn turns_that_come_too_late_are_no_goodput() {
        let run = report(2000, 0);
        assert!((good(&run, Millis(1000.0)) - 100.0).abs() < 1.0);
        let half = good(&run, Millis(50.0));
        assert!((40.0..60.0).contains(&half), "{half}");
    }
}
