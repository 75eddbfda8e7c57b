//! Where a series stops being a warm-up.

use crate::percentile::as_f64;

/// Neighbours averaged into one batch.
const BATCH: usize = 5;
/// Fewest batches that a judgement is made of.
const FEWEST: usize = 6;

/// The index from which a series of equally spaced values has settled: what comes before it is
/// warm-up. `None` when the series is too short (under 30 values) or has not settled in its first
/// half, as one that still rises or falls.
///
/// MSER-5 (White, Simulation 69, 1997; White, Cobb and Spratt, WSC 2000): of all truncation points,
/// the one that makes the standard error of the mean of what is left smallest, over means of five
/// values. The method assumes that the rest has one level; a truncation point in the second half
/// says that it has none, by the authors' own rule.
#[must_use]
pub fn settled_from(series: &[f64]) -> Option<usize> {
    let batches: Vec<f64> = series
        .chunks_exact(BATCH)
        .map(|five| five.iter().sum::<f64>() / as_f64(BATCH as u64))
        .collect();
    if batches.len() < FEWEST {
        return None;
    }
    let squared_error = |from: usize| {
        let rest = &batches[from..];
        let n = as_f64(rest.len() as u64);
        let mean = rest.iter().sum::<f64>() / n;
        rest.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n * n)
    };
    // The last batches alone would always win: their variance is of too few.
    let candidates = 0..batches.len() - FEWEST / 2;
    let best = candidates.min_by(|&a, &b| squared_error(a).total_cmp(&squared_error(b)))?;
    (best <= batches.len() / 2).then_some(best * BATCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    /// `level` of the index, and noise of this width.
    fn series(seconds: u32, level: impl Fn(f64) -> f64, noise: f64) -> Vec<f64> {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        (0..seconds).map(|at| level(f64::from(at)) + noise * rng.random_range(-1.0..1.0)).collect()
    }

    #[test]
    fn a_warm_up_is_cut_off_and_little_more() {
        let warming = series(120, |at| 20.0 + 80.0 * (-at / 6.0).exp(), 2.0);
        let from = settled_from(&warming).expect("settles");
        assert!((10..=35).contains(&from), "{from}");
        let jump = series(60, |at| if at < 10.0 { 5.0 } else { 50.0 }, 1.0);
        assert!(settled_from(&jump).is_some_and(|from| (10..=25).contains(&from)));
    }

    #[test]
    fn what_has_one_level_is_steady_from_early_on() {
        let flat = series(120, |_| 20.0, 2.0);
        assert!(settled_from(&flat).is_some_and(|from| from <= 30));
        assert_eq!(settled_from(&[3.0; 40]), Some(0));
    }

    #[test]
    fn what_still_moves_or_is_short_has_not_settled() {
        assert_eq!(settled_from(&series(120, |at| at, 1.0)), None);
        assert_eq!(settled_from(&series(29, |_| 1.0, 0.1)), None);
        assert_eq!(settled_from(&[]), None);
    }
}
