//! How much load a server can take: a search that is told step results and says the next level.

mod finding;
mod step;
mod threshold;

pub use finding::{BreakingPointFinding, Cause, Knee};
pub use step::{Criteria, StepResult};
pub use threshold::Threshold;

use threshold::Belief;

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NextStep {
    /// Offer this load for one step and [`BreakingPoint::record`] what came of it.
    Run {
        /// Turns a second, or users.
        level: f64,
        /// Wait first until nothing is in flight and latency is as it was without load: the step
        /// before was an overload, which would leak into this one.
        recover: bool,
        /// The level is near the limit: take three times as long, because a queue that grows slowly looks
        /// harmless at first.
        long: bool,
    },
    /// The limit is known well enough, or the steps are used up.
    Done,
}

/// Why a search cannot start.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BreakingPointError {
    /// The first level is not a positive number.
    #[error("the first level is {start}: it must be above 0")]
    Start {
        /// The level.
        start: f64,
    },
    /// The factor between levels of the ramp is not above 1.
    #[error("the factor between levels is {factor}: it must be above 1, such as 1.5")]
    Factor {
        /// The factor.
        factor: f64,
    },
}

/// The search: a geometric ramp until two steps in a row at one level are bad, then steps where they tell most.
///
/// Every step is believed only so far: one in twenty or more may be bad for a reason of its own, and
/// near the limit it is open which way a step goes. From all steps together follows how probable each
/// limit is; the next one is placed in the middle of that (Watson and Pelli's QUEST, Perception & Psychophysics
/// 33, 1983, with guesses, lapses and the width of the transition integrated over). Why not plain bisection: a
/// single false step sends it to the wrong half for good.
///
/// ```
/// use victor_stats::{BreakingPoint, Criteria, NextStep, StepResult};
/// use victor_types::Millis;
///
/// let mut search = BreakingPoint::try_new(10.0, Criteria::default().with_slo(Millis(300.0)))?;
/// while let NextStep::Run { level, .. } = search.next() {
///     // A server that can do 130 a second.
///     let p95 = if level < 130.0 { 40.0 } else { 4000.0 };
///     search.record(StepResult::new(level, level.min(130.0)).with_p95(Millis(p95)));
/// }
/// let limit = search.finding().limit().expect("it was found");
/// assert!((limit.estimate() / 130.0 - 1.0).abs() < 0.1 && search.steps() <= 25);
/// # Ok::<(), victor_stats::BreakingPointError>(())
/// ```
#[derive(Debug, Clone)]
pub struct BreakingPoint {
    start: f64,
    factor: f64,
    most_steps: usize,
    criteria: Criteria,
    results: Vec<StepResult>,
}

/// Half the width, on the logarithmic scale, at which the limit is known well enough.
const ENOUGH: f64 = 0.05;
/// Steps at most, unless asked otherwise.
const MOST_STEPS: usize = 25;
/// Fewest steps near the limit.
const FEWEST_NEAR: usize = 5;

impl BreakingPoint {
    /// A search from `start`, a load that is surely harmless: a tenth of what is hoped for, say.
    ///
    /// # Errors
    /// When `start` is not above 0.
    pub fn try_new(start: f64, criteria: Criteria) -> Result<Self, BreakingPointError> {
        if !(start.is_finite() && start > 0.0) {
            return Err(BreakingPointError::Start { start });
        }
        Ok(Self { start, factor: 1.5, most_steps: MOST_STEPS, criteria, results: Vec::new() })
    }

    /// With another factor between the levels of the ramp than 1.5.
    ///
    /// # Errors
    /// When it is not above 1.
    pub fn with_factor(self, factor: f64) -> Result<Self, BreakingPointError> {
        if factor.is_finite() && factor > 1.0 {
            Ok(Self { factor, ..self })
        } else {
            Err(BreakingPointError::Factor { factor })
        }
    }

    /// With another number of steps at most than 25.
    #[must_use]
    pub fn with_most_steps(self, most_steps: usize) -> Self {
        Self { most_steps, ..self }
    }

    /// What to do next. Asking twice changes nothing.
    #[must_use]
    pub fn next(&self) -> NextStep {
        if self.results.len() >= self.most_steps {
            return NextStep::Done;
        }
        let recover = self.results.last().is_some_and(|step| self.criteria.is_bad(step));
        let Some((good, bad)) = self.bracket() else {
            return NextStep::Run { level: self.ramp(), recover, long: false };
        };
        let belief = Belief::of(&self.results, (good, bad), |step| self.criteria.is_bad(step));
        let near = self.results.iter().filter(|step| step.level() >= good / 1.01).count();
        if near >= FEWEST_NEAR && belief.half_width() <= ENOUGH {
            return NextStep::Done;
        }
        let long = belief.half_width() < 4.0 * ENOUGH;
        NextStep::Run { level: belief.middle(), recover, long }
    }

    /// Records what came of a step, at whatever level it was really run.
    pub fn record(&mut self, result: StepResult) {
        self.results.push(result);
    }

    /// How many steps were recorded.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.results.len()
    }

    /// The results so far, in order.
    #[must_use]
    pub fn results(&self) -> &[StepResult] {
        &self.results
    }

    /// What is known so far.
    #[must_use]
    pub fn finding(&self) -> BreakingPointFinding {
        BreakingPointFinding::of(&self.results, &self.criteria)
    }

    /// The next level of the ramp: a bad one is repeated once before it is believed.
    fn ramp(&self) -> f64 {
        let Some(last) = self.results.last() else { return self.start };
        if !self.criteria.is_bad(last) {
            return last.level() * self.factor;
        }
        if self.confirmed_bad().is_some() {
            // Not even the first level is good: look for one that is.
            return last.level() / (self.factor * self.factor);
        }
        last.level()
    }

    /// The lowest level that was bad twice in a row.
    fn confirmed_bad(&self) -> Option<f64> {
        self.results
            .windows(2)
            .filter(|pair| pair.iter().all(|step| self.criteria.is_bad(step)))
            .filter(|pair| (pair[0].level() / pair[1].level()).ln().abs() < 0.02)
            .map(|pair| pair[0].level())
            .min_by(f64::total_cmp)
    }

    /// The highest good level below the lowest that is surely bad.
    fn bracket(&self) -> Option<(f64, f64)> {
        let bad = self.confirmed_bad()?;
        let good = self
            .results
            .iter()
            .filter(|step| step.level() < bad && !self.criteria.is_bad(step))
            .map(StepResult::level)
            .max_by(f64::total_cmp)?;
        // The first bracket is kept: later steps move the belief and not its range.
        Some((good, bad))
    }
}

#[cfg(test)]
mod tests;
