//! When not to trust a fitted law.

use super::UslFit;
use crate::percentile::as_f64;
use std::fmt;

/// A reason not to trust a law.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum UslDoubt {
    /// Fewer than 6 different levels.
    FewLevels {
        /// How many there are.
        found: usize,
    },
    /// Nothing shows that throughput ever falls: the interval of `beta` includes 0.
    NoPeak {
        /// The highest concurrency measured.
        highest: f64,
    },
    /// The ends of the peak's interval are more than a factor of 2 apart.
    WidePeak {
        /// The factor.
        factor: f64,
    },
    /// The peak lies beyond twice the highest level.
    FarPeak {
        /// Concurrency at the peak.
        peak: f64,
        /// The highest concurrency measured.
        highest: f64,
    },
    /// Residuals stay on one side over several levels: the curve has another shape.
    Runs {
        /// Runs of one sign.
        runs: usize,
        /// As many are expected at least, with 95 %.
        expected: usize,
    },
    /// A straight line up to a ceiling fits better: slots, a batch limit, a rate limiter.
    Ceiling {
        /// Throughput at the ceiling.
        throughput: f64,
    },
    /// A level is more than 5 % faster than without any contention.
    Superlinear {
        /// The concurrency of that level.
        concurrency: f64,
    },
    /// A level is off by more than 10 %.
    FarOff {
        /// The concurrency of that level.
        concurrency: f64,
        /// Fitted over measured, less one.
        error: f64,
    },
}

impl fmt::Display for UslDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewLevels { found } => write!(f, "{found} levels are few: measure 6 or more"),
            Self::NoPeak { highest } => {
                write!(
                    f,
                    "no peak is shown: throughput rises at least up to {highest}; measure higher levels"
                )
            }
            Self::WidePeak { factor } => {
                write!(f, "the peak is known to a factor of {factor:.1} only; measure beyond it")
            }
            Self::FarPeak { peak, highest } => {
                write!(
                    f,
                    "the peak at {peak:.0} is an extrapolation from {highest}; measure higher levels"
                )
            }
            Self::Runs { runs, expected } => {
                write!(
                    f,
                    "residuals change sign in {runs} runs where at least {expected} are expected: another shape"
                )
            }
            Self::Ceiling { throughput } => {
                write!(
                    f,
                    "a line up to a ceiling of {throughput:.4} fits better: a limit, not contention"
                )
            }
            Self::Superlinear { concurrency } => {
                write!(
                    f,
                    "level {concurrency} is faster than {concurrency} times one user: check the low levels"
                )
            }
            Self::FarOff { concurrency, error } => {
                write!(f, "level {concurrency} is off by {:.0} %", 100.0 * error)
            }
        }
    }
}

pub(super) fn doubts(levels: &[(f64, f64)], fit: &UslFit, found: usize) -> Vec<UslDoubt> {
    let mut doubts = Vec::new();
    if found < 6 {
        doubts.push(UslDoubt::FewLevels { found });
    }
    match fit.peak {
        Some(peak) if fit.beta.low > 0.0 => {
            let at = peak.concurrency;
            if at.high / at.low > 2.0 {
                doubts.push(UslDoubt::WidePeak { factor: at.high / at.low });
            }
            if at.value > 2.0 * fit.highest {
                doubts.push(UslDoubt::FarPeak { peak: at.value, highest: fit.highest });
            }
        }
        _ => doubts.push(UslDoubt::NoPeak { highest: fit.highest }),
    }
    doubts.extend(runs(levels, fit));
    doubts.extend(ceiling(levels, fit));
    let fastest = levels
        .iter()
        .map(|&(n, x)| (n, x / (fit.gamma.value * n)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((concurrency, efficiency)) = fastest
        && efficiency > 1.05
    {
        doubts.push(UslDoubt::Superlinear { concurrency });
    }
    let worst = levels.iter().zip(&fit.residuals).max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    if let Some((&(concurrency, _), &error)) = worst
        && error.abs() > 0.1
    {
        doubts.push(UslDoubt::FarOff { concurrency, error });
    }
    doubts
}

/// Too few runs of one sign, by the normal approximation of Wald and Wolfowitz (1940).
fn runs(levels: &[(f64, f64)], fit: &UslFit) -> Option<UslDoubt> {
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by(|&a, &b| levels[a].0.total_cmp(&levels[b].0));
    let signs: Vec<bool> = order.iter().map(|&i| fit.residuals[i] > 0.0).collect();
    let above = as_f64(signs.iter().filter(|sign| **sign).count() as u64);
    let below = as_f64(signs.len() as u64) - above;
    let both = above + below;
    if above < 2.0 || below < 2.0 || both < 8.0 {
        return None;
    }
    let runs = 1 + signs.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let mean = 1.0 + 2.0 * above * below / both;
    let variance = (mean - 1.0) * (mean - 2.0) / (both - 1.0);
    let expected = (mean - 1.645 * variance.sqrt() - 0.5).ceil().max(1.0);
    let expected = usize::try_from(crate::percentile::as_count(expected)).ok()?;
    (runs < expected).then_some(UslDoubt::Runs { runs, expected })
}

/// Whether `min(slope N, ceiling)`, with one coefficient less, has the smaller sum of squared
/// relative errors.
fn ceiling(levels: &[(f64, f64)], fit: &UslFit) -> Option<UslDoubt> {
    let own: f64 = fit.residuals.iter().map(|r| r * r).sum();
    let mut sorted = levels.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Relative least squares: of the slope from x / n, of the ceiling from x.
    let least = |values: Vec<f64>| {
        let (inverse, square) =
            values.iter().fold((0.0, 0.0), |sum, v| (sum.0 + 1.0 / v, sum.1 + 1.0 / (v * v)));
        inverse / square
    };
    let cut = |at: usize| {
        let slope = least(sorted[..at].iter().map(|(n, x)| x / n).collect());
        let top = least(sorted[at..].iter().map(|level| level.1).collect());
        let squares: f64 =
            sorted.iter().map(|(n, x)| ((slope * n).min(top) / x - 1.0).powi(2)).sum();
        (squares, top)
    };
    let (squares, throughput) =
        (2..sorted.len() - 1).map(cut).min_by(|a, b| a.0.total_cmp(&b.0))?;
    (squares < own).then_some(UslDoubt::Ceiling { throughput })
}
