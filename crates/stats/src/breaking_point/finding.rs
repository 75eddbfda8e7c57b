//! What a search found: knee, limit of latency and collapse kept apart.

use super::step::{Criteria, StepResult};
use super::threshold::Threshold;

/// Why the steps just beyond the limit were bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Latency missed its limit; turns were still served.
    Latency,
    /// Turns failed.
    Errors,
    /// More was offered than served.
    Overflow,
}

/// Where more load begins to cost: throughput rises by less than half of what the level does, or the
/// 95th percentile is over twice that of the lowest level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knee {
    /// The highest level before.
    pub before: f64,
    /// The first level at which it is so.
    pub at: f64,
}

/// What a search knows.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakingPointFinding {
    limit: Option<Threshold>,
    cause: Option<Cause>,
    knee: Option<Knee>,
    latency: Option<Threshold>,
    collapse: Option<Threshold>,
    highest_good: Option<f64>,
}

impl BreakingPointFinding {
    pub(super) fn of(results: &[StepResult], criteria: &Criteria) -> Self {
        let limit = Threshold::of(results, |step| criteria.is_bad(step));
        let good = results.iter().filter(|step| !criteria.is_bad(step)).map(StepResult::level);
        Self {
            limit,
            cause: limit.and_then(|limit| cause(results, criteria, limit)),
            knee: knee(results),
            latency: Threshold::of(results, |step| criteria.misses_slo(step)),
            collapse: Threshold::of(results, |step| criteria.breaks(step)),
            highest_good: good.max_by(f64::total_cmp),
        }
    }

    /// The highest load that is neither too slow nor broken; `None` until a good and a bad level
    /// were seen.
    #[must_use]
    pub fn limit(&self) -> Option<Threshold> {
        self.limit
    }

    /// What most of the bad steps up to 1.5 times the limit suffered from.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.cause
    }

    /// Where more load begins to cost, in the order of levels; `None` when it never does.
    #[must_use]
    pub fn knee(&self) -> Option<Knee> {
        self.knee
    }

    /// The load beyond which latency misses its limit; `None` when it never did or always.
    #[must_use]
    pub fn latency_limit(&self) -> Option<Threshold> {
        self.latency
    }

    /// The load beyond which turns fail or pile up; `None` when they never did or always.
    #[must_use]
    pub fn collapse(&self) -> Option<Threshold> {
        self.collapse
    }

    /// The highest level with a good step, whether or not a limit was found.
    #[must_use]
    pub fn highest_good(&self) -> Option<f64> {
        self.highest_good
    }
}

fn cause(results: &[StepResult], criteria: &Criteria, limit: Threshold) -> Option<Cause> {
    let near = |step: &&StepResult| {
        criteria.is_bad(step) && step.level() >= limit.low() && step.level() <= 1.5 * limit.high()
    };
    let of = |step: &StepResult| {
        if criteria.fails(step) {
            Cause::Errors
        } else if criteria.overflows(step) {
            Cause::Overflow
        } else {
            Cause::Latency
        }
    };
    let causes: Vec<Cause> = results.iter().filter(near).map(of).collect();
    let count = |cause: &Cause| causes.iter().filter(|other| *other == cause).count();
    [Cause::Overflow, Cause::Errors, Cause::Latency]
        .into_iter()
        .filter(|cause| count(cause) > 0)
        .max_by_key(|cause| count(cause))
}

fn knee(results: &[StepResult]) -> Option<Knee> {
    let levels = medians(results);
    let (_, _, unloaded) = *levels.first()?;
    levels.windows(2).find_map(|pair| {
        let ((before, served, _), (at, more, p95)) = (pair[0], pair[1]);
        // Steps closer than 5 % differ by noise alone.
        let flat = at / before > 1.05 && (more / served - 1.0) < 0.5 * (at / before - 1.0);
        let slow = unloaded.zip(p95).is_some_and(|(unloaded, p95)| p95 > 2.0 * unloaded);
        (flat || slow).then_some(Knee { before, at })
    })
}

/// Level, throughput and 95th percentile of each level, the median where it was run repeatedly.
fn medians(results: &[StepResult]) -> Vec<(f64, f64, Option<f64>)> {
    let mut sorted = results.to_vec();
    sorted.sort_by(|a, b| a.level().total_cmp(&b.level()));
    let middle = |mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    sorted
        .chunk_by(|a, b| (b.level() / a.level()).ln() < 0.02)
        .filter_map(|steps| {
            let level = middle(steps.iter().map(StepResult::level).collect())?;
            let served = middle(steps.iter().map(StepResult::throughput).collect())?;
            let p95 = middle(steps.iter().filter_map(StepResult::p95).map(|p95| p95.0).collect());
            Some((level, served, p95))
        })
        .collect()
}
