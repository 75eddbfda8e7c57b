//! A sparse, mergeable histogram: the form in which measured times leave a shard.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Counts by value in whole microseconds. Values are bucket representatives (upper ends, at most
/// 0.1 % above the recorded value), so merging two histograms is exact addition.
///
/// In JSON: an array of `[microseconds, count]` pairs in rising order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Rising by value; every count is positive.
    buckets: Vec<(u64, u64)>,
}

impl Histogram {
    /// Adds `count` values of `micros` microseconds. A zero count changes nothing.
    pub fn add(&mut self, micros: u64, count: u64) {
        if count == 0 {
            return;
        }
        match self.buckets.last_mut() {
            Some(last) if last.0 == micros => last.1 += count,
            Some(last) if last.0 > micros => {
                match self.buckets.binary_search_by_key(&micros, |bucket| bucket.0) {
                    Ok(at) => self.buckets[at].1 += count,
                    Err(at) => self.buckets.insert(at, (micros, count)),
                }
            }
            _ => self.buckets.push((micros, count)),
        }
    }

    /// Adds all of `other`: the result is what one recorder would have kept.
    pub fn merge(&mut self, other: &Self) {
        if other.buckets.is_empty() {
            return;
        }
        let mut merged = Vec::with_capacity(self.buckets.len() + other.buckets.len());
        let (mut a, mut b) = (self.buckets.as_slice(), other.buckets.as_slice());
        while let (Some(x), Some(y)) = (a.first(), b.first()) {
            if x.0 < y.0 {
                merged.push(*x);
                a = &a[1..];
            } else if y.0 < x.0 {
                merged.push(*y);
                b = &b[1..];
            } else {
                merged.push((x.0, x.1 + y.1));
                a = &a[1..];
                b = &b[1..];
            }
        }
        merged.extend_from_slice(a);
        merged.extend_from_slice(b);
        self.buckets = merged;
    }

    /// The buckets as `(microseconds, count)`, rising.
    #[must_use]
    pub fn buckets(&self) -> &[(u64, u64)] {
        &self.buckets
    }

    /// How many values were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.1).sum()
    }

    /// True when nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// How many values are above `micros`.
    #[must_use]
    pub fn count_above(&self, micros: u64) -> u64 {
        let at = self.buckets.partition_point(|bucket| bucket.0 <= micros);
        self.buckets[at..].iter().map(|bucket| bucket.1).sum()
    }

    /// The value of rank `rank` (1 = smallest), or `None` when there are fewer values.
    #[must_use]
    pub fn value_at_rank(&self, rank: u64) -> Option<u64> {
        let mut seen = 0;
        self.buckets.iter().find_map(|&(value, count)| {
            seen += count;
            (rank >= 1 && seen >= rank).then_some(value)
        })
    }

    /// The mean in microseconds, or `None` when empty.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean to 15 digits is enough")]
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        let sum: f64 = self.buckets.iter().map(|&(v, n)| v as f64 * n as f64).sum();
        (count > 0).then(|| sum / count as f64)
    }
}

impl FromIterator<(u64, u64)> for Histogram {
    fn from_iter<I: IntoIterator<Item = (u64, u64)>>(pairs: I) -> Self {
        let mut histogram = Self::default();
        for (micros, count) in pairs {
            histogram.add(micros, count);
        }
        histogram
    }
}

impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.buckets)
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<(u64, u64)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_is_recording_together() {
        let a: Histogram = [(5, 1), (9, 2), (20, 1)].into_iter().collect();
        let b: Histogram = [(9, 1), (1, 4), (30, 1)].into_iter().collect();
        let mut merged = a.clone();
        merged.merge(&b);
        let together: Histogram = a.buckets().iter().chain(b.buckets()).copied().collect();
        assert_eq!(merged, together);
        assert_eq!(merged.count(), 10);
        assert_eq!(merged.count_above(9), 2);
        assert_eq!(merged.value_at_rank(1), Some(1));
        assert_eq!(merged.value_at_rank(10), Some(30));
        assert_eq!(merged.value_at_rank(11), None);
        assert_eq!(merged.value_at_rank(0), None);
    }

    #[test]
    fn json_is_pairs_and_reads_back() {
        let h: Histogram = [(5, 1), (9, 2)].into_iter().collect();
        let text = serde_json::to_string(&h).expect("serialises");
        assert_eq!(text, "[[5,1],[9,2]]");
        assert_eq!(serde_json::from_str::<Histogram>(&text).expect("reads"), h);
    }
}
