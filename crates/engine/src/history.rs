//! The run over time, thinned as it ages.

use std::collections::VecDeque;
use victor_types::{Bytes, Histogram, HistoryPoint, Seconds, Snapshot};

/// Points younger than this are kept as they came: one a second.
const FINE: f64 = 600.0;
/// Points younger than this cover 10 s, older ones 60 s.
const MEDIUM: f64 = 6.0 * 3600.0;

/// History points, oldest first, with the sequence number of the snapshots in them.
#[derive(Debug, Default)]
pub(crate) struct History {
    points: VecDeque<(u64, HistoryPoint)>,
    /// Up to which point thinning has been done.
    thinned: f64,
}

impl History {
    /// Adds a shard's second to that second of all shards.
    pub(crate) fn add(&mut self, snapshot: &Snapshot) {
        let recent = self.points.iter_mut().rev().take(8);
        for (sequence, point) in recent {
            if *sequence == snapshot.sequence {
                merge_shard(point, snapshot);
                return;
            }
        }
        let mut point = HistoryPoint {
            at: Seconds(0.0),
            window: Seconds(0.0),
            users: 0,
            in_flight: 0,
            sent: 0,
            succeeded: 0,
            failed: 0,
            received: Bytes(0),
            latency: Histogram::default(),
        };
        merge_shard(&mut point, snapshot);
        self.points.push_back((snapshot.sequence, point));
        if snapshot.at.0 > self.thinned + 60.0 {
            self.thinned = snapshot.at.0;
            self.thin(snapshot.at.0);
        }
    }

    pub(crate) fn points(
        &self,
    ) -> impl DoubleEndedIterator<Item = &HistoryPoint> + ExactSizeIterator {
        self.points.iter().map(|(_, point)| point)
    }

    /// All points, with a last window of less than half a second (a run seldom ends on the second)
    /// joined to the one before: rates of a few milliseconds say nothing.
    pub(crate) fn closed(&self) -> Vec<HistoryPoint> {
        let mut points: Vec<HistoryPoint> = self.points().cloned().collect();
        if points.len() > 1
            && let Some(last) = points.pop_if(|last| last.window.0 < 0.5)
            && let Some(before) = points.last_mut()
        {
            join(before, &last);
        }
        points
    }

    /// Joins old neighbours and makes their histograms coarse, so that memory grows with the
    /// logarithm of the run's length until points cover a minute, and then by a few kilobytes an
    /// hour.
    fn thin(&mut self, end: f64) {
        let mut kept: VecDeque<(u64, HistoryPoint)> = VecDeque::with_capacity(self.points.len());
        for (sequence, mut point) in self.points.drain(..) {
            let age = end - point.at.0;
            let length = if age < FINE {
                1.0
            } else if age < MEDIUM {
                10.0
            } else {
                60.0
            };
            if age >= FINE {
                point.latency = coarse(&point.latency);
            }
            match kept.back_mut() {
                Some((_, last))
                    if age >= FINE && last.window.0 + point.window.0 <= length + 0.5 =>
                {
                    join(last, &point);
                }
                _ => kept.push_back((sequence, point)),
            }
        }
        self.points = kept;
    }
}

/// Adds what one shard did in the same window.
fn merge_shard(point: &mut HistoryPoint, snapshot: &Snapshot) {
    point.at = Seconds(point.at.0.max(snapshot.at.0));
    point.window = Seconds(point.window.0.max(snapshot.window.0));
    point.users += u64::from(snapshot.users);
    point.in_flight += snapshot.in_flight;
    for row in &snapshot.rows {
        point.sent += row.sent;
        point.succeeded += row.succeeded;
        point.failed += row.failed.iter().map(|failed| failed.count).sum::<u64>();
        point.received = Bytes(point.received.0 + row.received.0);
        point.latency.merge(&row.latency);
    }
}

/// Appends the following window.
fn join(last: &mut HistoryPoint, next: &HistoryPoint) {
    last.at = next.at;
    last.window = Seconds(last.window.0 + next.window.0);
    last.users = next.users;
    last.in_flight = next.in_flight;
    last.sent += next.sent;
    last.succeeded += next.succeeded;
    last.failed += next.failed;
    last.received = Bytes(last.received.0 + next.received.0);
    last.latency.merge(&next.latency);
}

/// Rounds values up to 5 significant bits (3 %), which is finer than any chart.
fn coarse(histogram: &Histogram) -> Histogram {
    let round = |value: u64| {
        let drop = value.checked_ilog2().unwrap_or(0).saturating_sub(5);
        value.div_ceil(1 << drop) << drop
    };
    histogram.buckets().iter().map(|&(value, count)| (round(value), count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_types::SnapshotRow;

    fn second(shard: u32, sequence: u64) -> Snapshot {
        #[expect(clippy::cast_precision_loss, reason = "small numbers of a test")]
        let at = sequence as f64 + 1.0;
        let latency = (0..50).map(|n| (10_000 + (sequence * 37 + n * 101) % 90_000, 1)).collect();
        Snapshot {
            shard,
            sequence,
            at: Seconds(at),
            window: Seconds(1.0),
            users: 5,
            rows: vec![SnapshotRow { sent: 50, succeeded: 50, latency, ..SnapshotRow::default() }],
            ..Snapshot::default()
        }
    }

    #[test]
    fn shards_of_the_same_second_are_one_point() {
        let mut history = History::default();
        for snapshot in [second(0, 0), second(1, 0), second(1, 1), second(0, 1)] {
            history.add(&snapshot);
        }
        let points: Vec<_> = history.points().collect();
        assert_eq!(points.len(), 2);
        assert_eq!((points[1].users, points[1].sent, points[1].window), (10, 100, Seconds(1.0)));
    }

    #[test]
    fn a_last_moment_belongs_to_the_second_before() {
        let mut history = History::default();
        let last = Snapshot { at: Seconds(2.01), window: Seconds(0.01), ..second(0, 2) };
        for snapshot in [second(0, 0), second(0, 1), last] {
            history.add(&snapshot);
        }
        let points = history.closed();
        assert_eq!(points.len(), 2);
        assert_eq!(
            (points[1].sent, points[1].at, points[1].window),
            (100, Seconds(2.01), Seconds(1.01))
        );
    }

    #[test]
    fn a_day_stays_small_and_nothing_is_lost() {
        let mut history = History::default();
        for sequence in 0..86_400 {
            history.add(&second(0, sequence));
        }
        let points: Vec<_> = history.points().collect();
        assert!(points.len() < 4500, "{} points", points.len());
        assert_eq!(points.iter().map(|point| point.sent).sum::<u64>(), 86_400 * 50);
        assert_eq!(points.iter().map(|point| point.latency.count()).sum::<u64>(), 86_400 * 50);
        assert!(points.iter().map(|point| point.latency.buckets().len()).max() <= Some(150));
        assert!(points.windows(2).all(|pair| pair[0].at.0 < pair[1].at.0));
    }

    #[test]
    fn coarse_values_are_within_four_per_cent_and_never_smaller() {
        for value in [0_u64, 1, 31, 32, 63, 64, 65, 1000, 1_000_003] {
            let histogram: Histogram = [(value, 1)].into_iter().collect();
            let rounded = coarse(&histogram).buckets()[0].0;
            assert!(rounded >= value && rounded <= value + value / 25, "{value} -> {rounded}");
        }
    }
}
