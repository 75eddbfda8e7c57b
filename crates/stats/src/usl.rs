//! How throughput grows with concurrency: the Universal Scalability Law.

mod doubt;
mod solve;

pub use doubt::UslDoubt;

use crate::distribution::t_quantile;
use crate::estimate::Estimate;
use crate::percentile::as_f64;
use solve::solve;

/// What a fit makes as small as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UslLoss {
    /// The squares of relative errors: throughput is known to so many per cent at every level. The default.
    #[default]
    Relative,
    /// The squares of errors, as most published coefficients were made. High levels weigh most.
    Absolute,
}

/// Why a law cannot be fitted.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UslError {
    /// Fewer levels than the law has coefficients, and one more.
    #[error("{found} levels of concurrency are too few: measure at least {FEWEST_LEVELS}")]
    TooFewLevels {
        /// How many different ones there are.
        found: usize,
    },
    /// A level that is not a positive number.
    #[error(
        "level {level} (from 1) has concurrency {concurrency} and throughput {throughput}: both must be above 0"
    )]
    NotPositive {
        /// The number of the level, from 1.
        level: usize,
        /// Its concurrency.
        concurrency: f64,
        /// Its throughput.
        throughput: f64,
    },
    /// No coefficients fit better than all others.
    #[error("no law fits these levels: measure more and more different ones")]
    NoFit,
}

/// Fewest different levels that are fitted at all.
pub const FEWEST_LEVELS: usize = 4;

/// A fitted law `X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1))`; see [`usl`].
#[derive(Debug, Clone, PartialEq)]
pub struct UslFit {
    gamma: Estimate,
    alpha: Estimate,
    beta: Estimate,
    loss: UslLoss,
    residuals: Vec<f64>,
    highest: f64,
    peak: Option<UslPeak>,
    doubts: Vec<UslDoubt>,
}

/// Where throughput is highest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UslPeak {
    /// Concurrency at the peak, with its 95 % interval.
    pub concurrency: Estimate,
    /// Throughput there.
    pub throughput: f64,
}

impl UslFit {
    /// Throughput of one user without contention, in the unit of the measured throughput.
    #[must_use]
    pub fn gamma(&self) -> Estimate {
        self.gamma
    }

    /// Contention: the share of work that is serial.
    #[must_use]
    pub fn alpha(&self) -> Estimate {
        self.alpha
    }

    /// Coherency: what each pair of users costs the others.
    #[must_use]
    pub fn beta(&self) -> Estimate {
        self.beta
    }

    /// The loss that was made small.
    #[must_use]
    pub fn loss(&self) -> UslLoss {
        self.loss
    }

    /// Fitted over measured throughput, less one, for each level in the order given.
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// The peak; `None` when `beta` is 0 and throughput never falls.
    #[must_use]
    pub fn peak(&self) -> Option<UslPeak> {
        self.peak
    }

    /// The limit of throughput for ever more users when `beta` is 0; `None` otherwise or when it is
    /// infinite.
    #[must_use]
    pub fn asymptote(&self) -> Option<f64> {
        let (alpha, beta) = (self.alpha.value, self.beta.value);
        (beta <= 0.0 && alpha > 0.0).then(|| self.gamma.value / alpha)
    }

    /// Throughput at a concurrency; `None` beyond twice the highest level measured, where the law
    /// has been wrong by half on published data.
    #[must_use]
    pub fn throughput(&self, concurrency: f64) -> Option<f64> {
        let trusted = concurrency > 0.0 && concurrency <= 2.0 * self.highest;
        let coefficients = [self.gamma.value, self.alpha.value, self.beta.value];
        trusted.then(|| law(coefficients, concurrency))
    }

    /// Reasons not to trust it; none when there are none.
    #[must_use]
    pub fn doubts(&self) -> &[UslDoubt] {
        &self.doubts
    }
}

/// Fits the law to levels of `(concurrency, throughput)`; several of the same concurrency are repeats.
///
/// Method: least squares of the chosen loss by Gauss and Newton's iteration, `alpha` and `beta` not
/// below 0 (Gunther, Guerrilla Capacity Planning, 2007). Intervals from the curvature with t quantiles
/// of as many degrees of freedom as levels exceed coefficients; that of the peak on the logarithmic scale.
/// Concurrency must be what was in flight: a closed loop's users without wait, or throughput times
/// response time.
///
/// # Errors
/// When a number is not positive, there are fewer than [`FEWEST_LEVELS`] levels, or nothing fits.
pub fn usl(levels: &[(f64, f64)], loss: UslLoss) -> Result<UslFit, UslError> {
    for (i, &(concurrency, throughput)) in levels.iter().enumerate() {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        if !positive(concurrency) || !positive(throughput) {
            return Err(UslError::NotPositive { level: i + 1, concurrency, throughput });
        }
    }
    let mut different: Vec<f64> = levels.iter().map(|level| level.0).collect();
    different.sort_unstable_by(f64::total_cmp);
    different.dedup();
    let found = different.len();
    if found < FEWEST_LEVELS {
        return Err(UslError::TooFewLevels { found });
    }
    let solution = solve(levels, loss).ok_or(UslError::NoFit)?;
    let [gamma, alpha, beta] = solution.coefficients;
    let freedom = as_f64((found - solution.free.len()).max(1) as u64);
    let t = t_quantile(0.975, freedom);
    let estimate = |index: usize, value: f64, least: f64| {
        let half = t * solution.error(index, freedom);
        Estimate { value, low: (value - half).max(least), high: value + half }
    };
    let mut fit = UslFit {
        gamma: estimate(0, gamma, 0.0),
        alpha: estimate(1, alpha, 0.0),
        beta: estimate(2, beta, 0.0),
        loss,
        residuals: levels.iter().map(|(n, x)| law(solution.coefficients, *n) / x - 1.0).collect(),
        highest: different[found - 1],
        peak: None,
        doubts: Vec::new(),
    };
    fit.peak = peak(&fit, t * solution.peak_error(freedom));
    fit.doubts = doubt::doubts(levels, &fit, found);
    Ok(fit)
}

fn peak(fit: &UslFit, half: f64) -> Option<UslPeak> {
    let (alpha, beta) = (fit.alpha.value, fit.beta.value);
    if beta <= 0.0 || alpha >= 1.0 {
        return None;
    }
    let at = ((1.0 - alpha) / beta).sqrt();
    let coefficients = [fit.gamma.value, alpha, beta];
    let (low, high) = (at * (-half).exp(), at * half.exp());
    let concurrency = Estimate { value: at, low, high };
    Some(UslPeak { concurrency, throughput: law(coefficients, at) })
}

/// Throughput at concurrency `n`.
fn law([gamma, alpha, beta]: [f64; 3], n: f64) -> f64 {
    gamma * n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0))
}

#[cfg(test)]
mod tests;
