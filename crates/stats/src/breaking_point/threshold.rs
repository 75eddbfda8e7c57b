//! How probable each limit is after some good and bad steps.

use super::step::StepResult;
use crate::distribution::normal_cdf;

/// Logarithmic widths of the transition from good to bad.
const WIDTHS: [f64; 4] = [0.01, 0.02, 0.04, 0.08];
/// Shares of steps that are bad for a reason of their own.
const GLITCHES: [f64; 3] = [0.01, 0.05, 0.15];
/// The share of steps that pass by luck.
const LUCK: f64 = 0.01;
/// Points of the grid of limits.
const GRID: u32 = 240;
/// What a step of limited length cannot see: queues that grow slowly. It flatters by 0 to 3 %, measured
/// on queues of 1 to 16 servers.
const BLIND: f64 = 0.015;

/// The limit of load between good and bad, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    estimate: f64,
    low: f64,
    high: f64,
}

impl Threshold {
    /// The limit as a level: less 1.5 % for what short steps cannot see.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// The lower end of its interval, with 4.5 % for what short steps cannot see.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The upper end of its interval, with 1.5 % more.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.high
    }

    /// The limit between levels that were good and bad, from at least one of each; `None` otherwise, or when they
    /// say nothing of each other.
    pub(super) fn of(steps: &[StepResult], bad: impl Fn(&StepResult) -> bool) -> Option<Self> {
        let levels = |want: bool| {
            steps.iter().filter(|step| bad(step) == want).map(StepResult::level).collect::<Vec<_>>()
        };
        let good = levels(false).into_iter().max_by(f64::total_cmp)?;
        let worst = levels(true).into_iter().max_by(f64::total_cmp)?;
        let low = good.min(levels(true).into_iter().min_by(f64::total_cmp)?);
        let belief = Belief::of(steps, (low, worst.max(good)), &bad);
        (belief.half_width() < 0.5).then(|| belief.threshold())
    }
}

/// The probability of each limit on a logarithmic grid.
#[derive(Debug)]
pub(super) struct Belief {
    grid: Vec<f64>,
    weights: Vec<f64>,
}

impl Belief {
    pub(super) fn of(
        steps: &[StepResult],
        (good, bad): (f64, f64),
        is_bad: impl Fn(&StepResult) -> bool,
    ) -> Self {
        let (low, high) = (good.ln() - 0.3, bad.ln() + 0.3);
        let grid: Vec<f64> =
            (0..=GRID).map(|i| low + (high - low) * f64::from(i) / f64::from(GRID)).collect();
        let steps: Vec<(f64, bool)> =
            steps.iter().map(|step| (step.level().ln(), is_bad(step))).collect();
        let mut weights: Vec<f64> = grid.iter().map(|limit| likelihood(*limit, &steps)).collect();
        let total: f64 = weights.iter().sum();
        for weight in &mut weights {
            *weight /= total;
        }
        Self { grid, weights }
    }

    fn quantile(&self, p: f64) -> f64 {
        let mut below = 0.0;
        for (limit, weight) in self.grid.iter().zip(&self.weights) {
            below += weight;
            if below >= p {
                return *limit;
            }
        }
        self.grid.last().copied().unwrap_or(0.0)
    }

    /// Half the width of the 95 % interval, on the logarithmic scale.
    pub(super) fn half_width(&self) -> f64 {
        (self.quantile(0.975) - self.quantile(0.025)) / 2.0
    }

    /// The level that halves the probability.
    pub(super) fn middle(&self) -> f64 {
        self.quantile(0.5).exp()
    }

    pub(super) fn threshold(&self) -> Threshold {
        Threshold {
            estimate: self.middle() * (-BLIND).exp(),
            low: (self.quantile(0.025) - 3.0 * BLIND).exp(),
            high: (self.quantile(0.975) + BLIND).exp(),
        }
    }
}

/// Of the steps, given the limit: whether a step is bad depends on how far it is beyond.
fn likelihood(limit: f64, steps: &[(f64, bool)]) -> f64 {
    let mut sum = 0.0;
    for width in WIDTHS {
        for glitch in GLITCHES {
            let product: f64 = steps
                .iter()
                .map(|(level, bad)| {
                    let beyond = normal_cdf((level - limit) / width);
                    let chance = glitch + (1.0 - glitch - LUCK) * beyond;
                    if *bad { chance } else { 1.0 - chance }
                })
                .product();
            sum += product;
        }
    }
    sum
}
