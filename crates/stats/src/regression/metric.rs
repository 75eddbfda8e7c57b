//! What is compared of two sides.

use crate::distribution::normal_quantile;
use crate::percentile::{as_count, as_f64};

/// One number of a side's latencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The middle: the geometric mean of what lies between the 10th percentile and the 90th. It moves with
    /// the median and is known from half as many values.
    Typical,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
}

impl Metric {
    /// All of them; each is tested.
    pub const ALL: [Self; 3] = [Self::Typical, Self::P95, Self::P99];

    /// The ratio under which a difference is harmless: 1.05, 1.10 and 1.15.
    #[must_use]
    pub fn margin(self) -> f64 {
        match self {
            Self::Typical => 1.05,
            Self::P95 => 1.10,
            Self::P99 => 1.15,
        }
    }

    fn quantile(self) -> f64 {
        match self {
            Self::Typical => 0.5,
            Self::P95 => 0.95,
            Self::P99 => 0.99,
        }
    }

    /// The logarithm of the metric of sorted positive values.
    pub(super) fn log_value(self, sorted: &[f64]) -> f64 {
        match self {
            Self::Typical => {
                let cut = sorted.len() / 10;
                let middle = &sorted[cut..sorted.len() - cut];
                middle.iter().map(|value| value.ln()).sum::<f64>() / as_f64(middle.len() as u64)
            }
            Self::P95 | Self::P99 => interpolated(sorted, self.quantile()).ln(),
        }
    }

    /// The variance of [`Self::log_value`] if all values were independent.
    pub(super) fn log_variance(self, sorted: &[f64]) -> f64 {
        let n = as_f64(sorted.len() as u64);
        match self {
            Self::Typical => {
                let (low, high) = (interpolated(sorted, 0.1), interpolated(sorted, 0.9));
                let clipped: Vec<f64> =
                    sorted.iter().map(|value| value.clamp(low, high).ln()).collect();
                // The Winsorised variance over the share that is kept (Tukey and McLaughlin, 1963).
                variance(&clipped) / (0.64 * n)
            }
            Self::P95 | Self::P99 => {
                // From the ends of its binomial interval (McKean and Schrader, 1984).
                let q = self.quantile();
                let z = normal_quantile(0.95);
                let half = z * (q * (1.0 - q) / n).sqrt();
                let low = interpolated(sorted, (q - half).max(0.0));
                let high = interpolated(sorted, (q + half).min(1.0));
                ((high / low).ln() / (2.0 * z)).powi(2)
            }
        }
    }

    /// The scores of sorted values by rank, whose means on the two sides are tested. They do not depend on
    /// how far values lie apart, so that a gap between two modes cannot look like a change.
    pub(super) fn scores(self, sorted: &[f64]) -> Scores {
        let limit = interpolated(sorted, self.quantile());
        Scores { metric: self, limit, sorted: sorted.to_vec() }
    }
}

/// Scores of values by their rank among both sides.
#[derive(Debug)]
pub(super) struct Scores {
    metric: Metric,
    limit: f64,
    sorted: Vec<f64>,
}

impl Scores {
    /// The middle rank, clipped to the 10th and 90th percentile; above or not above the percentile.
    pub(super) fn of(&self, value: f64) -> f64 {
        match self.metric {
            Metric::Typical => {
                let below = self.sorted.partition_point(|other| *other < value);
                let up_to = self.sorted.partition_point(|other| *other <= value);
                let middle = as_f64((below + up_to) as u64) / 2.0;
                (middle / as_f64(self.sorted.len() as u64)).clamp(0.1, 0.9)
            }
            Metric::P95 | Metric::P99 => f64::from(u8::from(value > self.limit)),
        }
    }

    /// The variance of one score.
    pub(super) fn variance(&self) -> f64 {
        let scores: Vec<f64> = self.sorted.iter().map(|value| self.of(*value)).collect();
        variance(&scores)
    }
}

fn variance(values: &[f64]) -> f64 {
    let n = as_f64(values.len() as u64);
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n
}

/// The `q` quantile between order statistics (Hyndman and Fan's definition 7): smooth enough for
/// the jackknife, which nearest rank is not. The values are not empty.
fn interpolated(sorted: &[f64], q: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = q * as_f64(last as u64);
    let below = usize::try_from(as_count(place)).map_or(last, |below| below.min(last));
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (place - as_f64(below as u64))
}
