//! The statistics of a golden row, in the plainest way that is right.

use victor_types::{Distribution, Histogram, Interval, Millis, PercentileValue};

const PERCENTS: [f64; 11] = [50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.9, 99.99, 100.0];

/// The upper end of the bucket of `micros`, at most 0.1 % above it.
pub(crate) fn bucket(micros: u64) -> u64 {
    let mut unit = 1;
    while micros / unit >= 2048 {
        unit *= 2;
    }
    micros.div_ceil(unit) * unit
}

pub(crate) fn histogram(micros: impl Iterator<Item = u64>) -> Histogram {
    micros.map(|value| (bucket(value), 1)).collect()
}

pub(crate) fn distribution(histogram: Histogram, failures: u64) -> Distribution {
    let count = histogram.count();
    if count == 0 {
        return Distribution::default();
    }
    Distribution {
        count,
        mean: histogram.mean().map(|micros| Millis(micros.round() / 1e3)),
        min: histogram.value_at_rank(1).map(Millis::from_micros),
        max: histogram.value_at_rank(count).map(Millis::from_micros),
        percentiles: PERCENTS.iter().map(|&p| percentile(&histogram, p, failures)).collect(),
        histogram,
    }
}

fn percentile(histogram: &Histogram, percent: f64, failures: u64) -> PercentileValue {
    let count = histogram.count();
    let value = |rank| histogram.value_at_rank(rank).map(Millis::from_micros);
    PercentileValue {
        percent,
        value: value(rank(count, percent)).expect("a rank within the count"),
        interval: interval(histogram, percent),
        adjusted: value(rank(count + failures, percent)),
    }
}

fn rank(count: u64, percent: f64) -> u64 {
    ((count as f64 * percent / 100.0 - 1e-9).ceil() as u64).max(1)
}

/// Order statistics around the rank, widened by a design effect of 1.5 for serial correlation.
fn interval(histogram: &Histogram, percent: f64) -> Option<Interval> {
    let count = histogram.count() as f64;
    let q = percent / 100.0;
    if count * (1.0 - q) < 0.5 {
        return None;
    }
    let half = 1.96 * (1.5 * count * q * (1.0 - q)).sqrt();
    let low = (count * q - half).floor().max(1.0) as u64;
    let high = (count * q + half).ceil() as u64 + 1;
    Some(Interval {
        low: histogram.value_at_rank(low).map(Millis::from_micros)?,
        high: histogram.value_at_rank(high).map(Millis::from_micros),
    })
}
