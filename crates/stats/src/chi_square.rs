//! Whether counts fit the weights they were drawn with.

use crate::percentile::as_f64;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// The p-value of Pearson's chi-square test that `observed` counts were drawn with probabilities
/// proportional to `expected_weights`: small when they do not fit.
///
/// A cell of weight 0 that was observed gives 0. The approximation is good when every cell is
/// expected 5 times or more (Cochran, Biometrics 10, 1954); add rarer cells together first.
///
/// `None` when the question makes no sense: lengths differ, a weight is negative or not finite,
/// fewer than two cells have weight and nothing impossible was seen, or nothing was observed.
#[must_use]
pub fn chi_square(observed: &[u64], expected_weights: &[f64]) -> Option<f64> {
    let total: f64 = observed.iter().copied().map(as_f64).sum();
    let weight: f64 = expected_weights.iter().sum();
    let sensible = observed.len() == expected_weights.len()
        && expected_weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0)
        && weight > 0.0
        && total > 0.0;
    if !sensible {
        return None;
    }
    let mut statistic = 0.0;
    let mut cells = 0_u64;
    for (&count, &share) in observed.iter().zip(expected_weights) {
        if share > 0.0 {
            let expected = total * share / weight;
            statistic += (as_f64(count) - expected).powi(2) / expected;
            cells += 1;
        } else if count > 0 {
            return Some(0.0);
        }
    }
    let law = ChiSquared::new(as_f64(cells.checked_sub(1)?)).ok()?;
    Some(law.sf(statistic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::rng;
    use rand::RngExt;

    #[test]
    fn the_p_value_agrees_with_a_table() {
        // Statistic 3.841 at 1 degree of freedom is the 5 % point: (60-50.2)^2 / 25.1 = 3.83.
        let p = chi_square(&[60, 40], &[1.0, 1.0]).expect("two cells");
        assert!((p - 0.045_500).abs() < 1e-5);
        let p = chi_square(&[10, 20, 30], &[1.0, 1.0, 1.0]).expect("three cells");
        assert!((p - (-5.0_f64).exp()).abs() < 1e-9);
    }

    #[test]
    fn impossible_cells_and_senseless_questions() {
        assert_eq!(chi_square(&[5, 1], &[1.0, 0.0]), Some(0.0));
        assert_eq!(chi_square(&[5, 0], &[1.0, 0.0]), None);
        assert_eq!(chi_square(&[5], &[1.0, 1.0]), None);
        assert_eq!(chi_square(&[0, 0], &[1.0, 1.0]), None);
        assert_eq!(chi_square(&[5, 5], &[1.0, f64::NAN]), None);
        assert_eq!(chi_square(&[5, 5], &[1.0, -1.0]), None);
    }

    #[test]
    fn a_fair_draw_is_rejected_as_often_as_promised() {
        let weights = [3.0, 2.0, 1.0, 1.0];
        let mut rejected = 0;
        for case in 0..2000 {
            let mut rng = rng(case);
            let mut counts = [0; 4];
            for _ in 0..200 {
                let at = rng.random::<f64>() * 7.0;
                counts[if at < 3.0 {
                    0
                } else if at < 5.0 {
                    1
                } else if at < 6.0 {
                    2
                } else {
                    3
                }] += 1;
            }
            rejected += u32::from(chi_square(&counts, &weights).expect("four cells") < 0.05);
        }
        assert!((70..=135).contains(&rejected), "{rejected} of 2000");
    }
}
