//! The coefficients with the least loss.

use super::{UslLoss, law};
use crate::linear::{LinearFit, fit};

/// Most steps of the iteration; it needs about ten.
const STEPS: u32 = 200;

/// Coefficients and the curvature at them.
#[derive(Debug)]
pub(super) struct Solution {
    /// `gamma`, `alpha`, `beta`.
    pub(super) coefficients: [f64; 3],
    /// Which of them are not held at 0.
    pub(super) free: Vec<usize>,
    squares: f64,
    /// Inverse of the curvature, by place in `free`.
    covariance: Vec<Vec<f64>>,
}

impl Solution {
    /// The standard error of a coefficient; 0 when it is held.
    pub(super) fn error(&self, index: usize, freedom: f64) -> f64 {
        let place = self.free.iter().position(|free| *free == index);
        place.map_or(0.0, |i| (self.covariance[i][i] * self.squares / freedom).sqrt())
    }

    /// The standard error of the logarithm of the peak's concurrency, `ln((1 - alpha) / beta) / 2`.
    pub(super) fn peak_error(&self, freedom: f64) -> f64 {
        let [_, alpha, beta] = self.coefficients;
        let slope = |index: usize| match index {
            1 => -0.5 / (1.0 - alpha),
            2 => -0.5 / beta,
            _ => 0.0,
        };
        let mut variance = 0.0;
        for (i, first) in self.free.iter().enumerate() {
            for (j, second) in self.free.iter().enumerate() {
                variance += slope(*first) * slope(*second) * self.covariance[i][j];
            }
        }
        (variance * self.squares / freedom).max(0.0).sqrt()
    }
}

/// Tries all coefficients free, then each one and both of `alpha` and `beta` held at 0, and takes the
/// best of those that are not negative.
pub(super) fn solve(levels: &[(f64, f64)], loss: UslLoss) -> Option<Solution> {
    [vec![0, 1, 2], vec![0, 1], vec![0, 2], vec![0]]
        .into_iter()
        .filter_map(|free| descend(levels, loss, free))
        .filter(|solution| solution.coefficients.iter().all(|value| *value >= 0.0))
        .min_by(|a, b| a.squares.total_cmp(&b.squares))
}

/// Gauss and Newton's iteration with halved steps where a whole one is worse.
fn descend(levels: &[(f64, f64)], loss: UslLoss, free: Vec<usize>) -> Option<Solution> {
    let mut at = start(levels, &free)?;
    let mut squares = errors(levels, loss, at)?.iter().map(|e| e * e).sum::<f64>();
    for _ in 0..STEPS {
        let Some(step) = newton(levels, loss, at, &free) else { break };
        let mut length = 1.0_f64;
        let better = loop {
            let mut next = at;
            for (index, weight) in free.iter().zip(&step.weights) {
                next[*index] += length * weight;
            }
            let tried = errors(levels, loss, next).map(|e| e.iter().map(|e| e * e).sum::<f64>());
            match tried {
                Some(tried) if tried < squares => break Some((next, tried)),
                _ if length < 1e-6 => break None,
                _ => length /= 2.0,
            }
        };
        let Some((next, tried)) = better else { break };
        let gain = (squares - tried) / squares.max(f64::MIN_POSITIVE);
        (at, squares) = (next, tried);
        if gain < 1e-14 {
            break;
        }
    }
    let columns = gradient(levels, loss, at, &free);
    let covariance = inverse(&columns)?;
    Some(Solution { coefficients: at, free, squares, covariance })
}

/// `N / X` is linear in `1 / gamma`, `alpha / gamma` and `beta / gamma`: a first guess.
fn start(levels: &[(f64, f64)], free: &[usize]) -> Option<[f64; 3]> {
    let y = vec![1.0; levels.len()];
    let terms: [fn(f64) -> f64; 3] = [|_| 1.0, |n| n - 1.0, |n| n * (n - 1.0)];
    let columns: Vec<Vec<f64>> = free
        .iter()
        .map(|&index| levels.iter().map(|&(n, x)| terms[index](n) * x / n).collect())
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let weights = fit(&columns, &y)?.weights;
    let whole = weights.first().copied().filter(|whole| *whole > 0.0)?;
    let mut at = [1.0 / whole, 0.0, 0.0];
    for (index, weight) in free.iter().zip(&weights).skip(1) {
        at[*index] = (weight / whole).max(1e-9);
    }
    Some(at)
}

/// Measured less fitted, in units of the loss; `None` where the law has no meaning.
fn errors(levels: &[(f64, f64)], loss: UslLoss, at: [f64; 3]) -> Option<Vec<f64>> {
    let sane = levels.iter().all(|&(n, _)| law([1.0, at[1], at[2]], n) > 0.0);
    (sane && at[0] > 0.0)
        .then(|| levels.iter().map(|&(n, x)| (x - law(at, n)) / unit(loss, x)).collect())
}

fn unit(loss: UslLoss, throughput: f64) -> f64 {
    match loss {
        UslLoss::Relative => throughput,
        UslLoss::Absolute => 1.0,
    }
}

fn gradient(levels: &[(f64, f64)], loss: UslLoss, at: [f64; 3], free: &[usize]) -> Vec<Vec<f64>> {
    let slope = |index: usize, n: f64| {
        let value = law(at, n);
        let whole = at[0] * n / value;
        match index {
            0 => value / at[0],
            1 => -value * (n - 1.0) / whole,
            _ => -value * n * (n - 1.0) / whole,
        }
    };
    free.iter()
        .map(|&index| levels.iter().map(|&(n, x)| slope(index, n) / unit(loss, x)).collect())
        .collect()
}

fn newton(levels: &[(f64, f64)], loss: UslLoss, at: [f64; 3], free: &[usize]) -> Option<LinearFit> {
    let columns = gradient(levels, loss, at, free);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    fit(&columns, &errors(levels, loss, at)?)
}

/// The inverse of the Gram matrix, from the variances of single weights and of sums of two.
fn inverse(columns: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let k = columns.len();
    let scales: Vec<f64> =
        columns.iter().map(|c| c.iter().map(|x| x * x).sum::<f64>().sqrt()).collect();
    let scaled: Vec<Vec<f64>> = columns
        .iter()
        .zip(&scales)
        .map(|(column, scale)| column.iter().map(|x| x / scale).collect())
        .collect();
    let y = vec![0.0; columns.first()?.len()];
    let single = fit(&scaled.iter().map(Vec::as_slice).collect::<Vec<_>>(), &y)?.leverage;
    let mut inverse = vec![vec![0.0; k]; k];
    for i in 0..k {
        inverse[i][i] = single[i] / (scales[i] * scales[i]);
        for j in 0..i {
            // With column j replaced by (j - i), the weight of i becomes the sum of both weights.
            let mut changed = scaled.clone();
            changed[j] = scaled[j].iter().zip(&scaled[i]).map(|(b, a)| b - a).collect();
            let sum = fit(&changed.iter().map(Vec::as_slice).collect::<Vec<_>>(), &y)?.leverage[i];
            let covariance = (sum - single[i] - single[j]) / 2.0 / (scales[i] * scales[j]);
            inverse[i][j] = covariance;
            inverse[j][i] = covariance;
        }
    }
    Some(inverse)
}
