//! A choice by weight.

use crate::{PlanError, UserRng};
use rand::RngExt;

/// Weights of a list of things; picks an index with probability weight / sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// Running sums, rising.
    cumulative: Vec<u64>,
}

impl Weights {
    /// Takes one weight for each thing; 0 means never.
    ///
    /// # Errors
    /// When the sum is 0: there is nothing to pick.
    pub fn try_new(weights: &[u32]) -> Result<Self, PlanError> {
        let mut sum = 0;
        let cumulative: Vec<u64> = weights
            .iter()
            .map(|&weight| {
                sum += u64::from(weight);
                sum
            })
            .collect();
        if sum == 0 { Err(PlanError::NoClass) } else { Ok(Self { cumulative }) }
    }

    /// Draws an index, as Locust's random choice among tasks does.
    pub fn pick(&self, rng: &mut UserRng) -> usize {
        let sum = self.cumulative.last().copied().unwrap_or(1);
        let ticket = rng.random_range(0..sum);
        self.cumulative.partition_point(|&upper| upper <= ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_rng;

    #[test]
    fn picks_follow_the_weights() {
        let shares = [3.0, 2.0, 1.0, 1.0];
        let weights = Weights::try_new(&[3, 2, 0, 1, 1]).expect("weights");
        let mut counts = [0_u64; 5];
        let mut rng = user_rng(2026, 0);
        for _ in 0..100_000 {
            counts[weights.pick(&mut rng)] += 1;
        }
        assert_eq!(counts[2], 0, "a weight of 0 is never picked");
        let seen = [counts[0], counts[1], counts[3], counts[4]];
        let total: f64 = shares.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "counts of a test")]
        let chi: f64 = seen
            .iter()
            .zip(shares)
            .map(|(&count, share)| {
                let expected = 100_000.0 * share / total;
                (count as f64 - expected).powi(2) / expected
            })
            .sum();
        // 16.27 is the 0.999 quantile of chi-square with 3 degrees of freedom.
        assert!(chi < 16.27, "chi-square {chi} for {counts:?}");
        assert_eq!(Weights::try_new(&[0, 0]), Err(PlanError::NoClass));
    }
}
