//! Intervals for percentiles of turns that are not independent of each other.

use crate::batch::{Count, deff_of, histogram_deff, merge};
use crate::distribution::t_quantile;
use crate::percentile::{as_count, as_f64, nearest_rank};
use victor_types::{Histogram, Interval, Millis};

/// A percentile with its 95 % confidence interval; see [`percentile_interval`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PercentileInterval {
    value: Millis,
    interval: Interval,
    design_effect: f64,
    effective_count: f64,
}

impl PercentileInterval {
    /// The percentile over all blocks together, by nearest rank.
    #[must_use]
    pub fn value(&self) -> Millis {
        self.value
    }

    /// Its 95 % interval. The lower end is 0 and the upper end `None` where there are too few
    /// values to bound that side.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// By how much serial correlation widens the variance: at least 1.
    #[must_use]
    pub fn design_effect(&self) -> f64 {
        self.design_effect
    }

    /// As many independent values would give this interval.
    #[must_use]
    pub fn effective_count(&self) -> f64 {
        self.effective_count
    }
}

/// The `q` quantile (0 to 1, both excluded) of all values in `blocks`, with a 95 % interval that
/// allows for serial correlation. Each block holds the values of one of a sequence of equally long
/// stretches of time, in order; empty ones belong in it.
///
/// `None` when there are fewer than two values or `q` is out of range.
///
/// Method: the values above the pooled quantile are counted by block, adjacent blocks are merged to
/// 20 to 40 batches, and their design effect ([`crate::binomial_deff`], or that of the values above
/// the median if it is larger) turns the number of values into an effective one. The interval is
/// the order statistics at `q ± t sqrt(q (1 - q) / n_eff)`, t with `min(batches - 1, n_eff (1 - q))` but at least 2 degrees
/// of freedom. There is no upper end when its rank passes the last value or when
/// `n_eff < ln 0.025 / ln q`, the number of independent values of which the largest is above the
/// quantile with 97.5 % (Hahn and Meeker, Statistical Intervals, chapter 5); nor a lower end but
/// 0 by the mirrored rule. For indicators of a quantile in correlated series see Heidelberger and
/// Lewis, Operations Research 32 (1984).
///
/// Coverage measured in 400 simulated runs each, p50 / p95 / p99 in per cent: 1000 independent turns
/// 98 / 98 / 99; 4000 turns of an M/M/1 queue at 50 % utilisation 96 / 95 / 95, at 70 %
/// 96 / 93 / 99, at 90 % 93 / 98 / 98 (there nearly always without an upper end).
#[must_use]
pub fn percentile_interval(blocks: &[Histogram], q: f64) -> Option<PercentileInterval> {
    let mut pooled = Histogram::default();
    for block in blocks {
        pooled.merge(block);
    }
    let count = pooled.count();
    if count < 2 || !(q > 0.0 && q < 1.0) {
        return None;
    }
    let value = pooled.value_at_rank(nearest_rank(count, q)?)?;
    let counts: Vec<Count> =
        blocks.iter().map(|block| (block.count_above(value), block.count())).collect();
    let batches = merge(&counts);
    let successes: Vec<(&Histogram, u64)> = blocks.iter().map(|block| (block, 0)).collect();
    let deff = deff_of(&batches).max(histogram_deff(&successes, 0.5));
    let filled = as_f64(batches.iter().filter(|batch| batch.1 > 0).count() as u64);
    Some(PercentileInterval {
        value: Millis::from_micros(value),
        interval: order_statistics(&pooled, q, deff, filled - 1.0)?,
        design_effect: deff,
        effective_count: as_f64(count) / deff,
    })
}

/// The 95 % interval of the `q` quantile of `values`, whose design effect is known from elsewhere:
/// a part of a run is given the effect of the whole. Otherwise as [`percentile_interval`].
///
/// `None` when there are fewer than two values or `q` is out of range.
#[must_use]
pub fn interval_with_design_effect(values: &Histogram, q: f64, deff: f64) -> Option<Interval> {
    order_statistics(values, q, deff.max(1.0), f64::INFINITY)
}

/// `freedom` is the most degrees of freedom that the design effect's own estimate allows.
fn order_statistics(values: &Histogram, q: f64, deff: f64, freedom: f64) -> Option<Interval> {
    let count = values.count();
    if count < 2 || !(q > 0.0 && q < 1.0) {
        return None;
    }
    let n = as_f64(count);
    let effective = n / deff;
    let freedom = freedom.min(effective * (1.0 - q)).max(2.0);
    let half = t_quantile(0.975, freedom) * (q * (1.0 - q) / effective).sqrt();
    let (low, high) = (n * (q - half), n * (q + half));
    // Rank 0, like a rank beyond the last value, has no value.
    let low = bounded(effective, 1.0 - q).then(|| values.value_at_rank(as_count(low))).flatten();
    let high =
        bounded(effective, q).then(|| values.value_at_rank(as_count(high.ceil()) + 1)).flatten();
    Some(Interval {
        low: Millis::from_micros(low.unwrap_or(0)),
        high: high.map(Millis::from_micros),
    })
}

/// Whether one of so many values lies beyond the `q` quantile with 97.5 %.
fn bounded(effective: f64, q: f64) -> bool {
    effective >= 0.025_f64.ln() / q.ln()
}

#[cfg(test)]
mod tests;
