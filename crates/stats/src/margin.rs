//! A limit so far away that no count is needed to see it.

use crate::distribution::t_quantile;
use crate::percentile::{adjusted_percentile, as_f64};
use victor_types::Histogram;

/// Fewest and most batches whose quantiles are looked at.
const FEWEST: usize = 5;
const MOST: usize = 20;
/// Values above the quantile that a batch should have.
const ABOVE: f64 = 5.0;
/// How many times the predicted quantile the limit must be.
const FACTOR: f64 = 2.0;

/// Whether the error-adjusted `q` quantile is clearly below `limit` microseconds: the run is cut
/// into batches, and the quantile of one more batch, predicted from theirs with 97.5 % on the
/// logarithmic scale (Hahn and Meeker, Statistical Intervals, chapter 4), is less than half of it.
///
/// Counting says little about many turns that rise and fall together: a busy second of 50 000 turns
/// is one observation. How far its slowest turns stayed from the limit is worth more.
pub(crate) fn is_clear(blocks: &[(&Histogram, u64)], limit: u64, q: f64) -> bool {
    let turns: u64 = blocks.iter().map(|(latency, failed)| latency.count() + failed).sum();
    let batch = (as_f64(turns) / as_f64(MOST as u64)).max(ABOVE / (1.0 - q));
    let Some(quantiles) = quantiles(blocks, batch, q) else { return false };
    let number = as_f64(quantiles.len() as u64);
    if quantiles.len() < FEWEST {
        return false;
    }
    let mean = quantiles.iter().sum::<f64>() / number;
    let square = quantiles.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (number - 1.0);
    let spread = (square * (1.0 + 1.0 / number)).sqrt();
    let predicted = mean + t_quantile(0.975, number - 1.0) * spread;
    predicted.exp() * FACTOR < as_f64(limit)
}

/// Logarithms of the quantiles of batches of adjacent blocks with at least `size` turns each; what
/// is left over joins the last. `None` when one falls among failures.
fn quantiles(blocks: &[(&Histogram, u64)], size: f64, q: f64) -> Option<Vec<f64>> {
    let mut batches: Vec<(Histogram, u64)> = Vec::new();
    let mut open = (Histogram::default(), 0);
    for (latency, failed) in blocks {
        open.0.merge(latency);
        open.1 += failed;
        if as_f64(open.0.count() + open.1) >= size {
            batches.push(std::mem::take(&mut open));
        }
    }
    if let Some(last) = batches.last_mut() {
        last.0.merge(&open.0);
        last.1 += open.1;
    }
    let quantile = |(latency, failed): &(Histogram, u64)| adjusted_percentile(latency, *failed, q);
    batches.iter().map(|batch| Some(as_f64(quantile(batch)?.max(1)).ln())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of 50 000 turns whose times all rise and fall together.
    fn seconds() -> Vec<Histogram> {
        (0..8_u64)
            .map(|s| {
                [(1500 + 400 * (s % 3), 47_000), (3000 + 900 * (s % 4), 3000)].into_iter().collect()
            })
            .collect()
    }

    #[test]
    fn a_far_limit_is_clear_and_a_near_one_is_not() {
        let seconds = seconds();
        let blocks: Vec<(&Histogram, u64)> = seconds.iter().map(|second| (second, 0)).collect();
        assert!(is_clear(&blocks, 300_000, 0.95));
        assert!(is_clear(&blocks, 500_000, 0.99));
        assert!(!is_clear(&blocks, 7_000, 0.95));
    }

    #[test]
    fn failures_and_short_runs_are_never_clear() {
        let seconds = seconds();
        let failing: Vec<(&Histogram, u64)> = seconds.iter().map(|second| (second, 5000)).collect();
        assert!(!is_clear(&failing, 300_000, 0.95));
        let short: Vec<(&Histogram, u64)> =
            seconds.iter().take(4).map(|second| (second, 0)).collect();
        assert!(!is_clear(&short, 300_000, 0.95));
        assert!(!is_clear(&[], 300_000, 0.95));
    }
}
