//! The uncertainty of a difference at two levels: the values of a block differ, and blocks differ.

use crate::distribution::normal_cdf;
use crate::percentile::as_f64;

/// Points of the grid on which the spread between blocks is integrated.
const GRID: u32 = 60;

/// A normal estimate whose variance is known only as a distribution.
#[derive(Debug, Clone)]
pub(super) struct Uncertain {
    pub(super) estimate: f64,
    /// Variances with their weights, which add up to 1.
    variances: Vec<(f64, f64)>,
}

impl Uncertain {
    /// The mean of what each block (or pair of blocks) contributes. The variance of one contribution
    /// is at least that of the values `within` the blocks, known beforehand for the mean;
    /// what it exceeds that by is how blocks differ. That `spread` is integrated over with a half-Cauchy
    /// prior of the given scale, so that much more is no surprise (Gelman, Bayesian Analysis 1, 2006).
    ///
    /// A t test would take the variance from the contributions alone, and be wrong where ten blocks
    /// by luck agree more than their values allow.
    pub(super) fn mean(contributions: &[f64], within: f64, spread: f64) -> Self {
        let k = as_f64(contributions.len() as u64);
        let estimate = contributions.iter().sum::<f64>() / k;
        let squares: f64 = contributions.iter().map(|value| (value - estimate).powi(2)).sum();
        let least = (within * k).max(1e-12);
        let most = least.max(squares / (k - 1.0)).sqrt() * 6.0;
        let step = most / f64::from(GRID);
        let logs: Vec<(f64, f64)> = (0..=GRID)
            .map(|i| {
                let between = step * f64::from(i);
                let variance = least + between * between;
                let prior = -(between / spread).powi(2).ln_1p();
                let likelihood = -0.5 * (k - 1.0) * variance.ln() - 0.5 * squares / variance;
                (variance / k, prior + likelihood)
            })
            .collect();
        let best = logs.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = logs.iter().map(|(_, log)| (log - best).exp()).sum();
        let variances = logs
            .into_iter()
            .map(|(variance, log)| (variance, (log - best).exp() / total))
            .collect();
        Self { estimate, variances }
    }

    /// This minus an independent other one.
    pub(super) fn minus(&self, other: &Self) -> Self {
        let mut variances = Vec::with_capacity(self.variances.len() * other.variances.len());
        for (first, weight) in &self.variances {
            variances
                .extend(other.variances.iter().map(|(second, w)| (first + second, weight * w)));
        }
        variances.retain(|(_, weight)| *weight > 1e-9);
        Self { estimate: self.estimate - other.estimate, variances }
    }

    /// The same uncertainty about another estimate.
    pub(super) fn about(self, estimate: f64) -> Self {
        Self { estimate, ..self }
    }

    /// The probability that the truth is at most `x`.
    pub(super) fn at_most(&self, x: f64) -> f64 {
        let total: f64 = self.variances.iter().map(|(_, weight)| weight).sum();
        let below: f64 = self
            .variances
            .iter()
            .map(|(variance, weight)| weight * normal_cdf((x - self.estimate) / variance.sqrt()))
            .sum();
        below / total
    }

    /// The `p` quantile of the truth.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let widest = self.variances.iter().map(|v| v.0).fold(0.0, f64::max).sqrt();
        let (mut low, mut high) = (self.estimate - 12.0 * widest, self.estimate + 12.0 * widest);
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if self.at_most(middle) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_agree_by_luck_do_not_make_it_sure() {
        let agreeing = Uncertain::mean(&[1.0; 10], 0.01, 0.05);
        assert!((agreeing.quantile(0.025) - (1.0 - 0.196)).abs() < 0.02);
        assert!((agreeing.quantile(0.975) - (1.0 + 0.196)).abs() < 0.02);
    }

    #[test]
    fn blocks_that_differ_widen_it_as_a_t_test_would() {
        let values: Vec<f64> = (0..10).map(|i| f64::from(i) - 4.5).collect();
        let wide = Uncertain::mean(&values, 1e-9, 10.0);
        // Standard error 0.957, t with 9 degrees of freedom 2.262.
        assert!((wide.quantile(0.975) - 2.17).abs() < 0.15, "{}", wide.quantile(0.975));
        let twice = wide.minus(&wide);
        assert!((twice.estimate).abs() < 1e-12 && twice.quantile(0.9) > wide.quantile(0.9));
    }
}
