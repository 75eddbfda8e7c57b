//! Whether a candidate is slower than its baseline.

mod comparison;
mod drift;
mod effect;
mod metric;
mod variance;

pub use comparison::{Comparison, ComparisonError, Design, FEWEST_BLOCKS, FEWEST_VALUES};
pub use metric::Metric;

use crate::estimate::Estimate;
use drift::drift;
use effect::Effect;

/// What a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegressionVerdict {
    /// At least one metric is worse, beyond chance and by 5 % or more.
    Regression,
    /// At least one metric is better likewise, and none is worse.
    Improved,
    /// No metric is worse by more than its margin.
    Pass,
    /// Neither could be shown: measure more blocks.
    Inconclusive,
}

/// One metric of one comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricFinding {
    name: String,
    metric: Metric,
    ratio: Estimate,
    bound: f64,
    worse: f64,
    better: f64,
}

impl MetricFinding {
    /// The name of the comparison.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The metric.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Candidate over baseline, with its 95 % interval. Half its width is about the smallest change
    /// that could have been seen.
    #[must_use]
    pub fn ratio(&self) -> Estimate {
        self.ratio
    }

    /// The p-value of being no worse, corrected for the number of metrics (Holm, 1979).
    #[must_use]
    pub fn p_worse(&self) -> f64 {
        self.worse
    }

    /// The p-value of being no better, corrected likewise.
    #[must_use]
    pub fn p_better(&self) -> f64 {
        self.better
    }
}

/// A regression verdict and what it stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct RegressionFinding {
    verdict: RegressionVerdict,
    metrics: Vec<MetricFinding>,
    drift: Option<f64>,
}

impl RegressionFinding {
    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> RegressionVerdict {
        self.verdict
    }

    /// Every metric of every comparison.
    #[must_use]
    pub fn metrics(&self) -> &[MetricFinding] {
        &self.metrics
    }

    /// The metrics that are worse.
    pub fn worse(&self) -> impl Iterator<Item = &MetricFinding> {
        self.metrics.iter().filter(|metric| metric.is_worse())
    }

    /// The ratio between the sides that a drifting machine alone would make; with one, sides
    /// measured one after the other have no verdict.
    #[must_use]
    pub fn drift(&self) -> Option<f64> {
        self.drift
    }
}

/// Chance of one false alarm or more, all metrics together.
const SIGNIFICANCE: f64 = 0.005;
/// The smallest change that is called one.
const LEAST: f64 = 1.05;
/// Confidence of the bound that has to be under the margin for a pass.
const BOUND: f64 = 0.98;

impl MetricFinding {
    fn is_worse(&self) -> bool {
        self.worse < SIGNIFICANCE && self.ratio.value >= LEAST
    }

    fn is_better(&self) -> bool {
        self.better < SIGNIFICANCE && self.ratio.value <= 1.0 / LEAST
    }
}

/// Whether candidates are slower than their baselines, all comparisons judged together: a gate over
/// many endpoints must not fail because one of them was unlucky.
///
/// Method: for each metric the values of both sides are scored by rank (above the percentile or not;
/// the rank itself, clipped, for the middle). The difference of mean scores is tested at two levels:
/// values within blocks differ as they do, and blocks differ by a spread that is integrated over,
/// measured and with a prior of 5 %. P-values are corrected by Holm's method. A metric is worse when its
/// corrected p-value is below 0.005 and its ratio at least 1.05; a verdict is a pass when every ratio
/// is under its margin ([`Metric::margin`]) with 98 %. The ratio's interval is the jackknife of whole
/// blocks with the same two levels. Sides measured one after the other have no verdict when the
/// machine drifted. What was measured of it stands in `docs/design/regression-decision.md`.
///
/// No comparison at all is inconclusive.
#[must_use]
pub fn regression_verdict(comparisons: &[Comparison]) -> RegressionFinding {
    let mut metrics: Vec<MetricFinding> = comparisons.iter().flat_map(findings).collect();
    correct(&mut metrics, |metric| &mut metric.worse);
    correct(&mut metrics, |metric| &mut metric.better);
    let drift = comparisons.iter().find_map(drifted).map(f64::exp);
    let verdict = if drift.is_some() || metrics.is_empty() {
        RegressionVerdict::Inconclusive
    } else if metrics.iter().any(MetricFinding::is_worse) {
        RegressionVerdict::Regression
    } else if metrics.iter().any(MetricFinding::is_better) {
        RegressionVerdict::Improved
    } else if metrics.iter().all(|metric| metric.bound < metric.metric.margin()) {
        RegressionVerdict::Pass
    } else {
        RegressionVerdict::Inconclusive
    };
    RegressionFinding { verdict, metrics, drift }
}

fn findings(comparison: &Comparison) -> [MetricFinding; 3] {
    Metric::ALL.map(|metric| {
        let effect = Effect::of(comparison, metric);
        let ratio = |p: f64| effect.log_ratio.quantile(p).exp();
        let slower = effect.scores.at_most(0.0);
        MetricFinding {
            name: comparison.name().to_owned(),
            metric,
            ratio: Estimate {
                value: effect.log_ratio.estimate.exp(),
                low: ratio(0.025),
                high: ratio(0.975),
            },
            bound: ratio(BOUND),
            worse: slower,
            better: 1.0 - slower,
        }
    })
}

/// Holm's step-down correction.
fn correct(metrics: &mut [MetricFinding], p: impl Fn(&mut MetricFinding) -> &mut f64) {
    let mut order: Vec<usize> = (0..metrics.len()).collect();
    let values: Vec<f64> = metrics.iter_mut().map(|metric| *p(metric)).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut highest = 0.0_f64;
    for (rank, &at) in order.iter().enumerate() {
        let left = crate::percentile::as_f64((values.len() - rank) as u64);
        highest = highest.max(left * values[at]).min(1.0);
        *p(&mut metrics[at]) = highest;
    }
}

fn drifted(comparison: &Comparison) -> Option<f64> {
    match comparison.design() {
        Design::Interleaved => None,
        Design::Sequential { baseline, candidate } => {
            drift(comparison.baseline(), baseline, comparison.candidate(), candidate)
        }
    }
}

#[cfg(test)]
mod tests;
