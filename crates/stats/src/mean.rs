//! The interval of a mean over a run, such as turns a second.

use crate::batch::MOST_BATCHES;
use crate::distribution::t_quantile;
use crate::percentile::as_f64;

/// A mean with its 95 % confidence interval; see [`mean_interval`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanInterval {
    mean: f64,
    half_width: f64,
}

impl MeanInterval {
    /// The mean of all values.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.mean
    }

    /// The lower end of its 95 % interval.
    #[must_use]
    pub fn low(self) -> f64 {
        self.mean - self.half_width
    }

    /// The upper end of its 95 % interval.
    #[must_use]
    pub fn high(self) -> f64 {
        self.mean + self.half_width
    }
}

/// The 95 % t interval of the mean of values from equally long stretches of time, in order, such as
/// the throughput of each second.
///
/// `None` for fewer than two values or when one is not finite.
///
/// Method: batch means (Schmeiser, Operations Research 30, 1982). More than 40 values are averaged
/// in adjacent groups of equal size to 20 to 40 first, so that what one second owes to the one before
/// does not count as evidence. A remainder that fills no group enters the mean but not its variance.
#[must_use]
pub fn mean_interval(batches: &[f64]) -> Option<MeanInterval> {
    if batches.len() < 2 || batches.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mean = mean_of(batches);
    let size = batches.len().div_ceil(MOST_BATCHES);
    let groups: Vec<f64> = batches.chunks_exact(size).map(mean_of).collect();
    let centre = mean_of(&groups);
    let freedom = as_f64(groups.len() as u64) - 1.0;
    let variance = groups.iter().map(|group| (group - centre).powi(2)).sum::<f64>() / freedom;
    let half_width = t_quantile(0.975, freedom) * (variance / (freedom + 1.0)).sqrt();
    Some(MeanInterval { mean, half_width })
}

fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / as_f64(values.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::rng;
    use rand_distr::{Distribution, Normal};

    #[test]
    fn few_values_give_the_textbook_interval() {
        let interval = mean_interval(&[9.0, 10.0, 11.0, 14.0]).expect("four values");
        // Mean 11, standard deviation 2.1602, t(3) = 3.1824.
        assert!((interval.mean() - 11.0).abs() < 1e-12);
        assert!((interval.high() - 14.4374).abs() < 1e-3);
        assert!((interval.low() - 7.5626).abs() < 1e-3);
        assert_eq!(mean_interval(&[1.0]), None);
        assert_eq!(mean_interval(&[1.0, f64::NAN]), None);
    }

    /// Of 1000 series of 600 seconds with a correlation of 0.6 from one second to the next, about
    /// 95 % cover their true mean (measured: 93.2 %; without batches 65.3 %).
    #[test]
    fn correlated_seconds_are_covered_as_promised() {
        let noise = Normal::new(0.0, 1.0).expect("a law");
        let mut covered = 0;
        for case in 0..1000 {
            let mut rng = rng(case);
            let mut state: f64 = noise.sample(&mut rng) / 0.8;
            let series: Vec<f64> = (0..600)
                .map(|_| {
                    state = 0.6 * state + noise.sample(&mut rng);
                    100.0 + state
                })
                .collect();
            let interval = mean_interval(&series).expect("600 values");
            covered += u32::from(interval.low() <= 100.0 && 100.0 <= interval.high());
        }
        assert!((915..=975).contains(&covered), "{covered} of 1000");
    }
}
