//! Bounds of a share: errors of turns, slow turns of turns.

use crate::distribution::{beta_quantile, normal_quantile};
use crate::percentile::as_f64;

/// A confidence interval of a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareInterval {
    low: f64,
    high: f64,
}

impl ShareInterval {
    /// The lower end, 0 to 1.
    #[must_use]
    pub fn low(self) -> f64 {
        self.low
    }

    /// The upper end, 0 to 1.
    #[must_use]
    pub fn high(self) -> f64 {
        self.high
    }
}

/// The exact two-sided interval of Clopper and Pearson (Biometrika 26, 1934) for the share behind
/// `hits` of `turns` independent turns. It covers the truth with at least `confidence`, for any
/// share and number.
///
/// `None` without turns, with more hits than turns, or with a confidence outside 0 to 1.
#[must_use]
pub fn clopper_pearson(hits: u64, turns: u64, confidence: f64) -> Option<ShareInterval> {
    let (hits, turns) = valid(hits, turns, confidence)?;
    Some(exact(hits, turns, confidence))
}

/// The one-sided upper bound of Clopper and Pearson: with `confidence`, the share is at most this.
///
/// `None` as in [`clopper_pearson`].
#[must_use]
pub fn upper_bound(hits: u64, turns: u64, confidence: f64) -> Option<f64> {
    let (hits, turns) = valid(hits, turns, confidence)?;
    Some(exact_upper(hits, turns, confidence))
}

/// The one-sided lower bound of Clopper and Pearson: with `confidence`, the share is at least this.
///
/// `None` as in [`clopper_pearson`].
#[must_use]
pub fn lower_bound(hits: u64, turns: u64, confidence: f64) -> Option<f64> {
    let (hits, turns) = valid(hits, turns, confidence)?;
    Some(exact_lower(hits, turns, confidence))
}

/// The two-sided score interval of Wilson (JASA 22, 1927): narrower than [`clopper_pearson`] and
/// right on average over shares, for printing; not a bound to decide by.
///
/// `None` as in [`clopper_pearson`].
#[must_use]
pub fn wilson(hits: u64, turns: u64, confidence: f64) -> Option<ShareInterval> {
    let (hits, turns) = valid(hits, turns, confidence)?;
    let z = normal_quantile(f64::midpoint(1.0, confidence));
    let share = hits / turns;
    let weight = z * z / turns;
    let middle = (share + weight / 2.0) / (1.0 + weight);
    let half = (share * (1.0 - share) * weight + weight * weight / 4.0).sqrt() / (1.0 + weight);
    let low = if hits <= 0.0 { 0.0 } else { middle - half };
    let high = if hits >= turns { 1.0 } else { middle + half };
    Some(ShareInterval { low: low.max(0.0), high: high.min(1.0) })
}

fn valid(hits: u64, turns: u64, confidence: f64) -> Option<(f64, f64)> {
    (turns > 0 && hits <= turns && confidence > 0.0 && confidence < 1.0)
        .then(|| (as_f64(hits), as_f64(turns)))
}

/// Two-sided, for counts that need not be whole.
pub(crate) fn exact(hits: f64, turns: f64, confidence: f64) -> ShareInterval {
    let one_sided = f64::midpoint(1.0, confidence);
    ShareInterval {
        low: exact_lower(hits, turns, one_sided),
        high: exact_upper(hits, turns, one_sided),
    }
}

fn exact_upper(hits: f64, turns: f64, confidence: f64) -> f64 {
    if hits >= turns { 1.0 } else { beta_quantile(confidence, hits + 1.0, turns - hits) }
}

fn exact_lower(hits: f64, turns: f64, confidence: f64) -> f64 {
    if hits <= 0.0 { 0.0 } else { beta_quantile(1.0 - confidence, hits, turns - hits + 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn exact_bounds_agree_with_summed_binomials() {
        // Reference values: bisection on sums of binomial probabilities.
        for (hits, turns, low, high, one_sided) in [
            (1, 20, 0.001_265_089_498, 0.248_732_762_772, 0.216_106_164_207),
            (5, 100, 0.016_431_879_182, 0.112_834_911_105, 0.102_253_377_633),
            (12, 400, 0.015_595_553_000, 0.051_817_215_431, 0.048_153_921_022),
            (1000, 20_000, 0.047_020_090_464, 0.053_111_567_941, 0.052_608_731_247),
        ] {
            let interval = clopper_pearson(hits, turns, 0.95).expect("valid");
            assert!(close(interval.low(), low) && close(interval.high(), high), "{hits}/{turns}");
            assert!(close(upper_bound(hits, turns, 0.95).expect("valid"), one_sided));
        }
    }

    #[test]
    fn the_ends_are_closed_where_nothing_or_everything_was_hit() {
        let none = clopper_pearson(0, 59, 0.9).expect("valid");
        assert!(close(none.low(), 0.0) && close(none.high(), 1.0 - 0.05_f64.powf(1.0 / 59.0)));
        let all = wilson(10, 10, 0.95).expect("valid");
        assert!(close(all.high(), 1.0) && all.low() > 0.7);
        assert!(close(lower_bound(59, 59, 0.95).expect("valid"), 0.05_f64.powf(1.0 / 59.0)));
        assert_eq!(clopper_pearson(0, 0, 0.95), None);
        assert_eq!(clopper_pearson(2, 1, 0.95), None);
        assert_eq!(upper_bound(1, 2, 1.0), None);
    }

    #[test]
    fn wilson_agrees_with_the_textbook() {
        // Brown, Cai and DasGupta, Statistical Science 16 (2001): 15 of 50.
        let interval = wilson(15, 50, 0.95).expect("valid");
        assert!(
            (interval.low() - 0.191_0).abs() < 5e-4 && (interval.high() - 0.437_5).abs() < 5e-4
        );
    }

    proptest! {
        #[test]
        fn the_exact_interval_holds_the_observed_share(turns in 1_u64..100_000, part in 0.0_f64..=1.0) {
            let hits = crate::percentile::as_count(as_f64(turns) * part);
            let interval = clopper_pearson(hits, turns, 0.95).expect("valid");
            let share = as_f64(hits) / as_f64(turns);
            prop_assert!(interval.low() <= share && share <= interval.high());
            prop_assert!(interval.low() >= 0.0 && interval.high() <= 1.0);
        }
    }
}
