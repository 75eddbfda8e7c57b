//! From a histogram to the numbers of a report.

use std::ops::RangeInclusive;
use victor_stats::{adjusted_percentile, interval_with_design_effect, percentile};
use victor_types::{Distribution, Histogram, Millis, PercentileValue};

/// The percentiles of Locust's files.
pub(crate) const PERCENTS: [f64; 11] =
    [50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.9, 99.99, 100.0];

/// Percentiles worth an interval; the largest value has none.
const WITH_INTERVAL: RangeInclusive<f64> = 50.0..=99.9;

/// How much serial correlation widens the interval of each percentile; 1 is not at all.
pub(crate) type DesignEffects = [f64; PERCENTS.len()];

/// Describes `histogram`. `failures` count as infinitely slow in the adjusted percentiles.
/// Intervals are given when `effects` are.
pub(crate) fn describe(
    histogram: Histogram,
    failures: u64,
    effects: Option<&DesignEffects>,
) -> Distribution {
    let values = PERCENTS.iter().enumerate().filter_map(|(at, &percent)| {
        let q = percent / 100.0;
        let interval = effects
            .filter(|_| WITH_INTERVAL.contains(&percent))
            .and_then(|effects| interval_with_design_effect(&histogram, q, effects[at]));
        Some(PercentileValue {
            percent,
            value: Millis::from_micros(percentile(&histogram, q)?),
            interval,
            adjusted: adjusted_percentile(&histogram, failures, q).map(Millis::from_micros),
        })
    });
    let percentiles = values.collect();
    let end = |bucket: Option<&(u64, u64)>| bucket.map(|&(value, _)| Millis::from_micros(value));
    Distribution {
        count: histogram.count(),
        mean: histogram.mean().map(|micros| Millis(micros / 1e3)),
        min: end(histogram.buckets().first()),
        max: end(histogram.buckets().last()),
        percentiles,
        histogram,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_move_the_adjusted_percentiles_only() {
        let histogram: Histogram = (1..=90).map(|ms| (ms * 1000, 1)).collect();
        let described = describe(histogram, 10, None);
        let at = |percent: f64| {
            described.percentiles.iter().find(|value| value.percent == percent).expect("listed")
        };
        assert_eq!((at(50.0).value, at(50.0).adjusted), (Millis(45.0), Some(Millis(50.0))));
        assert_eq!((at(90.0).value, at(90.0).adjusted), (Millis(81.0), Some(Millis(90.0))));
        assert_eq!((at(95.0).value, at(95.0).adjusted), (Millis(86.0), None));
        assert_eq!(described.max, Some(Millis(90.0)));
        assert_eq!(describe(Histogram::default(), 3, None).percentiles, []);
    }
}
