//! Whether the machine changed while two sides were measured one after the other.

use crate::distribution::t_cdf;
use crate::percentile::as_f64;
use crate::trend::median_of_sorted;

/// A drift is taken for real from this two-sided p-value on.
const DRIFT: f64 = 0.1;
/// A shift between the sides by less than this, on the logarithmic scale, is harmless.
const SHIFT: f64 = 0.025;

/// The logarithmic shift between the two sides that a common slope within them would make, where it is
/// seen and matters.
pub(super) fn drift(a: &[Vec<f64>], at: &[f64], b: &[Vec<f64>], bt: &[f64]) -> Option<f64> {
    let (mean_a, mean_b) = (mean(at), mean(bt));
    let x: Vec<f64> = at.iter().map(|t| t - mean_a).chain(bt.iter().map(|t| t - mean_b)).collect();
    let (levels_a, levels_b) = (levels(a), levels(b));
    let y: Vec<f64> = levels_a.into_iter().chain(levels_b).collect();
    let square: f64 = x.iter().map(|x| x * x).sum();
    let freedom = as_f64(x.len() as u64) - 3.0;
    if square <= 0.0 || freedom < 1.0 {
        return None;
    }
    let slope = x.iter().zip(&y).map(|(x, y)| x * y).sum::<f64>() / square;
    let rest: f64 = x.iter().zip(&y).map(|(x, y)| (y - slope * x).powi(2)).sum();
    let error = (rest / freedom / square).sqrt();
    let p = 2.0 * (1.0 - t_cdf((slope / error).abs(), freedom));
    let shift = slope * (mean_b - mean_a);
    (p < DRIFT && shift.abs() > SHIFT).then_some(shift)
}

/// Logarithms of the medians of blocks, centred.
fn levels(blocks: &[Vec<f64>]) -> Vec<f64> {
    let logs: Vec<f64> = blocks
        .iter()
        .map(|block| {
            let mut sorted = block.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            median_of_sorted(&sorted).ln()
        })
        .collect();
    let mean = mean(&logs);
    logs.into_iter().map(|log| log - mean).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / as_f64(values.len() as u64)
}
