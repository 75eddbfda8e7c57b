//! Whether latency, throughput and errors stay what they were.

use super::host;
use crate::amount::percent;
use crate::scale::case::Context;
use crate::scale::said;
use victor_stats::{ChangePoint, Trend, change_points, percentile, trend};
use victor_types::{Histogram, HistoryPoint, Millis, Outcome, RunReport, Verdict};

/// Most blocks of a run; fewer in short ones, each of at least a second.
const BLOCKS: f64 = 40.0;
/// Share of the run that is its beginning: warm caches and code.
const BEGINNING: f64 = 0.1;
/// Probability with which a change of level is none.
const CHANCE: f64 = 0.01;
/// Largest change of the error rate over a run, as a share of turns.
const ERRORS: f64 = 0.01;

/// What one block of time says.
#[derive(Debug, Clone, Copy)]
struct Block {
    at: f64,
    p95: Option<f64>,
    rate: f64,
    errors: f64,
}

/// Verdicts on the drift of p95, throughput and error rate, with their changes of level as evidence.
pub(super) fn verdicts(context: &mut Context<'_>, report: &RunReport, limit: f64) -> Vec<Verdict> {
    let blocks = blocks(report);
    let disturbed = host::disturbed(report);
    let at: Vec<f64> = blocks.iter().map(|block| block.at).collect();
    let mut judge = |name: &str, values: Vec<f64>, worse: f64| {
        let drift = Drift::of(&at, &values, limit);
        if let Some(text) = drift.as_ref().and_then(Drift::levels) {
            context.measured(&format!("{name} changed"), text);
        }
        drift_verdict(name, drift.as_ref(), worse, limit, disturbed.as_deref())
    };
    let latencies: Option<Vec<f64>> = blocks.iter().map(|block| block.p95).collect();
    vec![
        judge("p95 over the run", latencies.unwrap_or_default(), 1.0),
        judge("throughput over the run", blocks.iter().map(|block| block.rate).collect(), -1.0),
        errors(&blocks),
    ]
}

fn blocks(report: &RunReport) -> Vec<Block> {
    let end = report.history.last().map_or(0.0, |point| point.at.0);
    let start = (BEGINNING * end).max(2.0);
    let count = ((end - start).floor()).clamp(0.0, BLOCKS);
    if count < 1.0 {
        return Vec::new();
    }
    let length = (end - start) / count;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 40")]
    let count = count as u32;
    let block = |index: u32| {
        let from = start + length * f64::from(index);
        // A window belongs to the block in which its middle lies.
        let inside = |point: &&HistoryPoint| {
            let middle = point.at.0 - point.window.0 / 2.0;
            middle >= from && middle < from + length
        };
        let points: Vec<&HistoryPoint> = report.history.iter().filter(inside).collect();
        block_of(&points)
    };
    (0..count).filter_map(block).collect()
}

fn block_of(points: &[&HistoryPoint]) -> Option<Block> {
    let mut latency = Histogram::default();
    points.iter().for_each(|point| latency.merge(&point.latency));
    let of = |count: fn(&HistoryPoint) -> u64| points.iter().map(|point| count(point)).sum::<u64>();
    let (right, wrong) = (of(|point| point.succeeded), of(|point| point.failed));
    let seconds: f64 = points.iter().map(|point| point.window.0).sum();
    #[expect(clippy::cast_precision_loss, reason = "a number of turns")]
    let rate = right as f64 / seconds;
    Some(Block {
        at: points.first()?.at.0,
        p95: percentile(&latency, 0.95).map(|micros| Millis::from_micros(micros).0),
        rate,
        errors: said::ratio(wrong, right + wrong),
    })
}

/// How a series changed, in shares of where it began.
#[derive(Debug)]
struct Drift {
    change: f64,
    low: f64,
    high: f64,
    steps: Vec<(f64, ChangePoint)>,
}

impl Drift {
    fn of(at: &[f64], values: &[f64], least: f64) -> Option<Self> {
        let line: Trend = trend(at, values)?;
        let (first, last) = (at.first()?, at.last()?);
        let began = line.intercept() + line.slope() * first;
        if began <= 0.0 {
            return None;
        }
        let share = |slope: f64| slope * (last - first) / began;
        let steps = change_points(values, CHANCE, least);
        Some(Self {
            change: share(line.slope()),
            low: share(line.low()?),
            high: share(line.high()?),
            steps: steps
                .into_iter()
                .map(|step| (at[step.index().min(at.len() - 1)], step))
                .collect(),
        })
    }

    /// Change of level from the first to the last, as a share of the first.
    fn step(&self) -> Option<f64> {
        let (first, last) = (self.steps.first()?.1.before(), self.steps.last()?.1.after());
        (first > 0.0).then(|| last / first - 1.0)
    }

    fn levels(&self) -> Option<String> {
        let step = |(at, step): &(f64, ChangePoint)| {
            format!("from {:.1} to {:.1} at {at:.0} s", step.before(), step.after())
        };
        let all: Vec<String> = self.steps.iter().map(step).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// `worse` is 1 where a rise is bad and -1 where a fall is.
fn drift_verdict(
    name: &str,
    drift: Option<&Drift>,
    worse: f64,
    limit: f64,
    disturbed: Option<&str>,
) -> Verdict {
    let bound =
        format!("{} at most {}", if worse > 0.0 { "rises" } else { "falls" }, percent(limit));
    let said = |measured: String, outcome| said::verdict(name, bound.clone(), measured, outcome);
    let Some(drift) = drift else {
        let open = said("too few blocks of time with answers".to_owned(), Outcome::Inconclusive);
        return said::because(open, "run longer: at least 30 s");
    };
    let share = |value: f64| 100.0 * value;
    let measured = format!(
        "{:+.1} % ({:+.1} to {:+.1})",
        share(drift.change),
        share(drift.low),
        share(drift.high)
    );
    let (a, b) = (drift.low * worse, drift.high * worse);
    let (least, most) = (a.min(b), a.max(b));
    let stepped = drift.step().is_some_and(|step| step * worse > limit);
    let drifted = least > limit;
    match (drifted || stepped, disturbed) {
        (true, Some(why)) => said::because(said(measured, Outcome::Inconclusive), why),
        (true, None) => {
            let why = if drifted { "a steady drift" } else { "a change of level that stayed" };
            said::because(said(measured, Outcome::Fail), why)
        }
        (false, _) if most < limit => said(measured, Outcome::Pass),
        (false, _) => {
            said::because(said(measured, Outcome::Inconclusive), "too uneven: run longer")
        }
    }
}

/// The error rate of the last third against the first.
fn errors(blocks: &[Block]) -> Verdict {
    let third = blocks.len() / 3;
    let limit = format!("rises at most {}", percent(ERRORS));
    let mean = |part: &[Block]| {
        #[expect(clippy::cast_precision_loss, reason = "a number of blocks")]
        let count = part.len().max(1) as f64;
        part.iter().map(|block| block.errors).sum::<f64>() / count
    };
    let name = "errors over the run";
    if third == 0 {
        return said::verdict(name, limit, "too short".to_owned(), Outcome::Inconclusive);
    }
    let (first, last) = (mean(&blocks[..third]), mean(&blocks[blocks.len() - third..]));
    let outcome = if last - first > ERRORS { Outcome::Fail } else { Outcome::Pass };
    let measured = format!("{} in the first third, {} in the last", percent(first), percent(last));
    said::verdict(name, limit, measured, outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(values: impl Fn(f64) -> f64, worse: f64, disturbed: Option<&str>) -> Outcome {
        let at: Vec<f64> = (0..40).map(f64::from).collect();
        let noise = |at: f64| (at * 12.9898).sin() * 0.5;
        let values: Vec<f64> = at.iter().map(|&at| values(at) + noise(at)).collect();
        let drift = Drift::of(&at, &values, 0.1);
        drift_verdict("x", drift.as_ref(), worse, 0.1, disturbed).outcome
    }

    #[test]
    fn drift_and_a_new_level_fail_in_the_bad_direction_alone() {
        let creep = |at: f64| 40.0 + 0.3 * at;
        let step = |at: f64| if at < 25.0 { 40.0 } else { 50.0 };
        assert_eq!(judged(creep, 1.0, None), Outcome::Fail);
        assert_eq!(judged(creep, -1.0, None), Outcome::Pass);
        assert_eq!(judged(step, 1.0, None), Outcome::Fail);
        assert_eq!(judged(|_| 40.0, 1.0, None), Outcome::Pass);
        assert_eq!(judged(creep, 1.0, Some("a neighbour")), Outcome::Inconclusive);
    }

    #[test]
    fn a_short_or_silent_run_is_no_pass() {
        assert_eq!(drift_verdict("x", None, 1.0, 0.1, None).outcome, Outcome::Inconclusive);
        assert_eq!(errors(&[]).outcome, Outcome::Inconclusive);
        let block = |errors| Block { at: 1.0, p95: None, rate: 0.0, errors };
        let run: Vec<Block> = (0..9).map(|at| block(if at < 6 { 0.0 } else { 0.2 })).collect();
        assert_eq!(errors(&run).outcome, Outcome::Fail);
    }
}
