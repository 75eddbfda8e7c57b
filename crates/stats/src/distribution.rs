//! Quantiles of the reference distributions, in a form that always ends.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::beta::checked_beta_reg;

/// The `p` quantile of Student's t with `freedom` degrees of freedom (real, at least 1).
///
/// Freedom is capped at 1000, where t and normal agree to 0.2 %: the iteration behind it does not
/// end for very large values.
pub(crate) fn t_quantile(p: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom.clamp(1.0, 1000.0))
        .map_or(f64::INFINITY, |t| t.inverse_cdf(p.clamp(0.0, 1.0)))
}

/// The probability that Student's t with `freedom` degrees of freedom is at most `x`.
pub(crate) fn t_cdf(x: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom.clamp(1.0, 1000.0)).map_or(f64::NAN, |t| t.cdf(x))
}

/// The probability that a standard normal variable is at most `x`.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    Normal::standard().cdf(x)
}

/// The `p` quantile of the standard normal distribution.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p.clamp(0.0, 1.0))
}

/// The regularised incomplete beta function: the probability that a Beta(`a`, `b`) value is at
/// most `x`. A shape of zero or less puts all of its mass at the end it degenerates to.
pub(crate) fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if a <= 0.0 {
        return 1.0;
    }
    if b <= 0.0 {
        return if x >= 1.0 { 1.0 } else { 0.0 };
    }
    checked_beta_reg(a, b, x.clamp(0.0, 1.0)).unwrap_or(f64::NAN)
}

/// The `p` quantile of Beta(`a`, `b`).
///
/// By bisection of [`beta_cdf`] and not by Newton's method as in most libraries: halving an
/// interval of floating-point numbers ends after about 60 steps whatever the shapes are.
pub(crate) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high || high - low < 1e-13 * high {
            return middle;
        }
        if beta_cdf(a, b, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_published_tables() {
        for (freedom, expected) in [(1.0, 12.706_20), (2.0, 4.302_65), (10.0, 2.228_14)] {
            assert!((t_quantile(0.975, freedom) - expected).abs() < 1e-4);
        }
        assert!((normal_quantile(0.975) - 1.959_964).abs() < 1e-6);
        assert!((t_quantile(0.975, 1e12) - 1.962).abs() < 1e-3);
    }

    #[test]
    fn the_beta_quantile_inverts_its_distribution_for_any_shape() {
        for (a, b) in [(1.0, 59.0), (0.7, 3.2), (50_001.0, 950_000.0), (1.0, 1e7), (0.3, 2.0)] {
            for p in [0.025, 0.5, 0.975] {
                let x = beta_quantile(p, a, b);
                assert!((beta_cdf(a, b, x) - p).abs() < 1e-6, "a {a} b {b} p {p} x {x}");
            }
        }
        let exact = 1.0 - 0.05_f64.powf(1.0 / 59.0);
        assert!((beta_quantile(0.95, 1.0, 59.0) - exact).abs() < 1e-12);
    }
}
