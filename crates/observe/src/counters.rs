//! Rates from counters that only grow.

use std::collections::BTreeMap;
use victor_clock::Instant;
use victor_types::PerSecond;

/// The growth of `N` counters of a changing set of things, such as the threads of a process.
///
/// Something new counts from when it is first seen; what something that ended did since it was last
/// seen is not known.
#[derive(Debug)]
pub(crate) struct Counters<K, const N: usize> {
    seen: BTreeMap<K, [Option<u64>; N]>,
    at: Option<Instant>,
}

impl<K, const N: usize> Default for Counters<K, N> {
    fn default() -> Self {
        Self { seen: BTreeMap::new(), at: None }
    }
}

impl<K: Ord, const N: usize> Counters<K, N> {
    /// Growth a second since the last call. `None` the first time, and for a counter that none of
    /// `current` has.
    pub(crate) fn advance(
        &mut self,
        current: BTreeMap<K, [Option<u64>; N]>,
        now: Instant,
    ) -> [Option<f64>; N] {
        let mut growth = [None; N];
        for (key, values) in &current {
            let Some(before) = self.seen.get(key) else { continue };
            for (sum, (value, before)) in growth.iter_mut().zip(values.iter().zip(before)) {
                if let (Some(value), Some(before)) = (value, before) {
                    *sum = Some(sum.unwrap_or(0) + value.saturating_sub(*before));
                }
            }
        }
        self.seen = current;
        let span = self.at.replace(now).map(|before| now.saturating_duration_since(before));
        let seconds = span.map_or(0.0, |span| span.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "growth over a second or so")]
        growth.map(|sum| sum.filter(|_| seconds > 0.0).map(|sum| sum as f64 / seconds))
    }
}

impl<const N: usize> Counters<(), N> {
    /// [`Self::advance`] for a single thing.
    pub(crate) fn of_one(&mut self, values: [Option<u64>; N], now: Instant) -> [Option<f64>; N] {
        self.advance(BTreeMap::from([((), values)]), now)
    }
}

/// Of a rate without its unit.
pub(crate) fn per_second(rate: Option<f64>) -> Option<PerSecond> {
    rate.map(PerSecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_clock::{Duration, now};

    #[test]
    fn what_comes_counts_from_then_and_what_goes_takes_nothing_away() {
        let (mut counters, start) = (Counters::default(), now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let set = |entries: &[(u32, u64)]| -> BTreeMap<u32, [Option<u64>; 2]> {
            entries.iter().map(|&(key, value)| (key, [Some(value), None])).collect()
        };
        assert_eq!(counters.advance(set(&[(1, 100), (2, 900)]), at(0)), [None, None]);
        assert_eq!(counters.advance(set(&[(1, 110), (3, 500)]), at(2)), [Some(5.0), None]);
        assert_eq!(counters.advance(set(&[(1, 110), (3, 530)]), at(5)), [Some(10.0), None]);
        assert_eq!(counters.advance(set(&[]), at(6)), [None, None]);
    }
}
