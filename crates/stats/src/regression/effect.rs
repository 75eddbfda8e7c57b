//! One metric of a comparison: the test that it changed, and by how much.

use super::comparison::{Comparison, Design};
use super::metric::Metric;
use super::variance::Uncertain;
use crate::percentile::as_f64;

/// How much blocks are thought to differ before anything is measured, on the logarithmic scale: 5 %.
const BLOCK_SPREAD: f64 = 0.05;

/// The test and the size of the change of one metric.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    /// Of the difference of mean scores: above 0 when the candidate is slower.
    pub(super) scores: Uncertain,
    /// Of the logarithm of candidate over baseline.
    pub(super) log_ratio: Uncertain,
}

impl Effect {
    pub(super) fn of(comparison: &Comparison, metric: Metric) -> Self {
        let (a, b) = (comparison.baseline(), comparison.candidate());
        let paired = *comparison.design() == Design::Interleaved;
        Self { scores: scores(a, b, metric, paired), log_ratio: log_ratio(a, b, metric, paired) }
    }
}

fn scores(a: &[Vec<f64>], b: &[Vec<f64>], metric: Metric, paired: bool) -> Uncertain {
    let both = sorted(a.iter().chain(b));
    let scores = metric.scores(&both);
    let variance = scores.variance();
    let within = |side: &[Vec<f64>]| variance / count(side);
    // What a spread of 5 % between blocks is in scores.
    let scale =
        (variance / as_f64(both.len() as u64) / metric.log_variance(&both).max(1e-12)).sqrt();
    let spread = BLOCK_SPREAD * scale;
    let contributions = |side: &[Vec<f64>]| -> Vec<f64> {
        let share = as_f64(side.len() as u64) / count(side);
        let sum = |block: &Vec<f64>| block.iter().map(|value| scores.of(*value)).sum::<f64>();
        side.iter().map(|block| sum(block) * share).collect()
    };
    let (before, after) = (contributions(a), contributions(b));
    if paired {
        let differences: Vec<f64> = before.iter().zip(&after).map(|(a, b)| b - a).collect();
        Uncertain::mean(&differences, within(a) + within(b), spread * std::f64::consts::SQRT_2)
    } else {
        let before = Uncertain::mean(&before, within(a), spread);
        Uncertain::mean(&after, within(b), spread).minus(&before)
    }
}

fn log_ratio(a: &[Vec<f64>], b: &[Vec<f64>], metric: Metric, paired: bool) -> Uncertain {
    let value = |side: &[Vec<f64>], left_out: Option<usize>| {
        let kept = side.iter().enumerate().filter(|(i, _)| Some(*i) != left_out);
        metric.log_value(&sorted(kept.map(|(_, block)| block)))
    };
    let within = |side: &[Vec<f64>]| metric.log_variance(&sorted(side));
    if paired {
        let ratio = |left_out| value(b, left_out) - value(a, left_out);
        let contributions = pseudo_values(a.len(), ratio);
        let spread = BLOCK_SPREAD * std::f64::consts::SQRT_2;
        Uncertain::mean(&contributions, within(a) + within(b), spread).about(ratio(None))
    } else {
        let side = |blocks: &[Vec<f64>]| {
            let contributions = pseudo_values(blocks.len(), |left_out| value(blocks, left_out));
            Uncertain::mean(&contributions, within(blocks), BLOCK_SPREAD).about(value(blocks, None))
        };
        side(b).minus(&side(a))
    }
}

/// What each block contributes: `k` times the whole minus `k - 1` times what is left without it
/// (Tukey's jackknife; leaving out whole blocks is what makes it right when they differ).
fn pseudo_values(blocks: usize, statistic: impl Fn(Option<usize>) -> f64) -> Vec<f64> {
    let k = as_f64(blocks as u64);
    let whole = statistic(None);
    (0..blocks).map(|block| k * whole - (k - 1.0) * statistic(Some(block))).collect()
}

fn sorted<'a>(blocks: impl IntoIterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    let mut values: Vec<f64> = blocks.into_iter().flatten().copied().collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn count(side: &[Vec<f64>]) -> f64 {
    as_f64(side.iter().map(Vec::len).sum::<usize>() as u64)
}
