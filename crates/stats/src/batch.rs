//! How much less a sequence of turns says than as many independent ones would.

use crate::percentile::{as_f64, nearest_rank};
use victor_types::Histogram;

/// Batches that batch means work well with; see Schmeiser, Operations Research 30 (1982).
pub(crate) const MOST_BATCHES: usize = 40;

/// What one stretch of time saw: how many of its turns had the property, of how many.
pub(crate) type Count = (u64, u64);

/// Adds adjacent blocks together until at most [`MOST_BATCHES`] are left (20 or more when there
/// were as many blocks). All but the last hold equally many blocks; a remainder of less than half
/// of that joins the batch before it.
pub(crate) fn merge(blocks: &[Count]) -> Vec<Count> {
    let size = blocks.len().div_ceil(MOST_BATCHES).max(1);
    let mut batches: Vec<Count> = Vec::with_capacity(MOST_BATCHES);
    for chunk in blocks.chunks(size) {
        let sum = chunk.iter().fold((0, 0), |sum, block| (sum.0 + block.0, sum.1 + block.1));
        match batches.last_mut() {
            Some(last) if 2 * chunk.len() < size => *last = (last.0 + sum.0, last.1 + sum.1),
            _ => batches.push(sum),
        }
    }
    batches
}

/// The design effect of a share: by how much its variance over a sequence of equally long blocks
/// of `(turns with the property, turns)` exceeds that of as many independent turns.
///
/// At least 1. A value of 4 says that 4000 turns weigh as much as 1000 independent ones, because
/// slow turns come in bunches. It is 1 when nothing can be learned: fewer than two blocks with
/// turns, or none or all of the turns with the property.
///
/// Method: batch means over 20 to 40 batches of adjacent blocks with the ratio estimator for
/// batches of unequal size (Cochran, Sampling Techniques, 3rd ed., chapter 6), divided by the
/// binomial variance (Kish, Survey Sampling, chapter 8). Where batches are too short to be
/// independent themselves, the factor `(1 + r) / (1 - r)` of a first-order autoregression of batches
/// is added; without it 95 % intervals of a queue at 90 % utilisation covered only 80 %.
#[must_use]
pub fn binomial_deff(blocks: &[(u64, u64)]) -> f64 {
    deff_of(&merge(blocks))
}

/// The design effect of the turns above the error-adjusted `q` quantile of all turns, from blocks of
/// the latencies of successes and the number of failures; 1 when that falls among the failures.
pub(crate) fn histogram_deff(blocks: &[(&Histogram, u64)], q: f64) -> f64 {
    let mut pooled = Histogram::default();
    for (latency, _) in blocks {
        pooled.merge(latency);
    }
    let failed: u64 = blocks.iter().map(|block| block.1).sum();
    let value =
        nearest_rank(pooled.count() + failed, q).and_then(|rank| pooled.value_at_rank(rank));
    let Some(value) = value else { return 1.0 };
    let counts: Vec<Count> = blocks
        .iter()
        .map(|(latency, failed)| (latency.count_above(value) + failed, latency.count() + failed))
        .collect();
    binomial_deff(&counts)
}

/// The design effect of batches that need no more merging.
pub(crate) fn deff_of(batches: &[Count]) -> f64 {
    let batches: Vec<(f64, f64)> = batches
        .iter()
        .filter(|batch| batch.1 > 0)
        .map(|batch| (as_f64(batch.0), as_f64(batch.1)))
        .collect();
    let hits: f64 = batches.iter().map(|batch| batch.0).sum();
    let turns: f64 = batches.iter().map(|batch| batch.1).sum();
    let number = as_f64(batches.len() as u64);
    let binomial = hits * (1.0 - hits / turns);
    if number < 2.0 || !binomial.is_finite() || binomial <= 0.0 {
        return 1.0;
    }
    let share = hits / turns;
    let residuals: Vec<f64> = batches.iter().map(|batch| batch.0 - share * batch.1).collect();
    let squares: f64 = residuals.iter().map(|r| r * r).sum();
    let batch_means = number / (number - 1.0) * squares / binomial;
    (batch_means * carry_over(&residuals, squares)).max(1.0)
}

/// By how much the variance of a sum of `residuals` exceeds the sum of their variances `squares`
/// when a bad batch makes the next one bad too: `(1 + r) / (1 - r)` of a first-order autoregression
/// with their lag-1 correlation `r` (corrected by `1 / n`, at most 0.8). A correlation below one
/// standard error counts as none, so that independent turns lose little.
fn carry_over(residuals: &[f64], squares: f64) -> f64 {
    let number = as_f64(residuals.len() as u64);
    let products: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let correlation = (products / squares + 1.0 / number).min(0.8);
    if correlation > 1.0 / number.sqrt() { (1.0 + correlation) / (1.0 - correlation) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_keeps_every_turn_and_20_to_40_batches() {
        for blocks in [1_u64, 2, 19, 20, 40, 41, 99, 100, 121, 3600] {
            let counts: Vec<Count> = (0..blocks).map(|i| (i % 3, 10 + i % 7)).collect();
            let batches = merge(&counts);
            let sum = |of: &[Count]| of.iter().fold((0, 0), |s, c| (s.0 + c.0, s.1 + c.1));
            assert_eq!(sum(&batches), sum(&counts));
            assert!(batches.len() <= MOST_BATCHES, "{blocks} blocks: {}", batches.len());
            assert!(batches.len() >= usize::try_from(blocks.min(20)).expect("small"));
        }
    }

    #[test]
    fn evenly_spread_hits_have_no_design_effect_and_bunched_ones_do() {
        assert!((binomial_deff(&[(5, 100); 30]) - 1.0).abs() < 1e-12);
        let mut bunched = vec![(0, 100); 30];
        bunched[7] = (100, 100);
        bunched[20] = (50, 100);
        assert!(binomial_deff(&bunched) > 50.0);
        let apart = binomial_deff(&bunched);
        bunched.swap(8, 20);
        assert!(binomial_deff(&bunched) > 1.5 * apart, "adjacent bad batches weigh more");
    }

    #[test]
    fn without_variation_to_learn_from_it_is_one() {
        for blocks in
            [&[][..], &[(3, 10)], &[(0, 10), (0, 20)], &[(10, 10), (20, 20)], &[(0, 0); 5]]
        {
            assert!((binomial_deff(blocks) - 1.0).abs() < f64::EPSILON);
        }
    }
}
