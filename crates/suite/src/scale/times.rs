//! Times of a few turns, with the interval of their median.

use crate::amount::with_interval;
use victor_clock::Duration;
use victor_stats::{interval_with_design_effect, percentile};
use victor_types::{Histogram, Interval, Millis};

/// Times of turns of one kind, made one after another.
#[derive(Debug, Default)]
pub(super) struct Times(Histogram);

impl Times {
    pub(super) fn add(&mut self, took: Duration) {
        self.0.add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), 1);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }

    pub(super) fn count(&self) -> u64 {
        self.0.count()
    }

    /// The median in milliseconds with its interval; `None` of too few.
    pub(super) fn median(&self) -> Option<(f64, Interval)> {
        let middle = percentile(&self.0, 0.5)?;
        let interval = interval_with_design_effect(&self.0, 0.5, 1.0)?;
        Some((Millis::from_micros(middle).0, interval))
    }

    /// The median; `None` of nothing.
    pub(super) fn middle(&self) -> Option<Duration> {
        percentile(&self.0, 0.5).map(Duration::from_micros)
    }

    pub(super) fn text(&self) -> String {
        let text = |(middle, interval)| {
            format!("{} (median)", with_interval(Millis(middle), Some(interval)))
        };
        self.median().map_or_else(|| "too few were right".to_owned(), text)
    }
}
