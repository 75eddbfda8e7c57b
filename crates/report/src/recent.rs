//! The last ten seconds of a run, the meaning of "current" in every format.

use std::collections::VecDeque;
use victor_types::{Histogram, HistoryPoint, Millis};

/// How far back "current" reaches, in seconds.
const REACH: f64 = 10.0;

/// A sliding window over history points: those whose window ended within the last ten seconds.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    points: VecDeque<HistoryPoint>,
}

impl Recent {
    /// Adds the next point and forgets the ones that are too old. The newest always stays, also
    /// when thinning has made its window longer than ten seconds.
    pub(crate) fn push(&mut self, point: &HistoryPoint) {
        let oldest = point.at.0 - REACH + 1e-6;
        while self.points.front().is_some_and(|first| first.at.0 < oldest) {
            self.points.pop_front();
        }
        self.points.push_back(point.clone());
    }

    /// Latencies of the successes.
    pub(crate) fn latency(&self) -> Histogram {
        let mut all = Histogram::default();
        for point in &self.points {
            all.merge(&point.latency);
        }
        all
    }

    /// Successes and failures a second.
    #[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
    pub(crate) fn rates(&self) -> (f64, f64) {
        let seconds: f64 = self.points.iter().map(|point| point.window.0).sum();
        let sum = |count: fn(&HistoryPoint) -> u64| {
            let events: u64 = self.points.iter().map(count).sum();
            if seconds > 0.0 { events as f64 / seconds } else { 0.0 }
        };
        (sum(|point| point.succeeded), sum(|point| point.failed))
    }
}

/// The percentile by nearest rank: the smallest value with at least `percent` per cent of the
/// values at or below it; `None` when there are none.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is a whole number between 1 and the count"
)]
pub(crate) fn nearest_rank(times: &Histogram, percent: f64) -> Option<Millis> {
    let count = times.count();
    // A hair is taken off, so that 99.9 % of 1000 is rank 999 in spite of binary fractions.
    let rank = (count as f64 * percent / 100.0 - 1e-9).ceil().max(1.0) as u64;
    times.value_at_rank(rank.min(count)).map(Millis::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_types::{Bytes, Seconds};

    fn point(at: f64, micros: u64) -> HistoryPoint {
        HistoryPoint {
            at: Seconds(at),
            window: Seconds(1.0),
            users: 1,
            in_flight: 0,
            sent: 2,
            succeeded: 2,
            failed: 1,
            received: Bytes(10),
            latency: [(micros, 2)].into_iter().collect(),
        }
    }

    #[test]
    fn ten_points_of_a_second_are_kept() {
        let mut recent = Recent::default();
        for second in 1..=25_u32 {
            recent.push(&point(f64::from(second), u64::from(second)));
        }
        let latency = recent.latency();
        assert_eq!(latency.count(), 20);
        assert_eq!(latency.buckets()[0].0, 16);
        assert_eq!(recent.rates(), (2.0, 1.0));
    }

    #[test]
    fn ranks_are_nearest() {
        let times: Histogram = (1..=1000).map(|ms| (ms * 1000, 1)).collect();
        assert_eq!(nearest_rank(&times, 50.0), Some(Millis(500.0)));
        assert_eq!(nearest_rank(&times, 99.9), Some(Millis(999.0)));
        assert_eq!(nearest_rank(&times, 100.0), Some(Millis(1000.0)));
        assert_eq!(nearest_rank(&times, 0.0), Some(Millis(1.0)));
        assert_eq!(nearest_rank(&Histogram::default(), 50.0), None);
    }
}
