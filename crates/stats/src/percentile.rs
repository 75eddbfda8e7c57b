//! Percentiles by nearest rank: always a value that was measured.

use victor_types::Histogram;

/// The nearest rank of quantile `q` among `n` sorted values: `max(1, ceil(q n))`, from 1.
///
/// `None` when there are no values or `q` is outside 0 to 1. This is Hyndman and Fan's definition 1
/// (The American Statistician 50, 1996), and what `HdrHistogram` uses: the smallest value that at
/// least the share `q` of all values does not exceed. Nothing is interpolated, because between a
/// fast and a slow mode there may be nothing.
#[must_use]
pub fn nearest_rank(n: u64, q: f64) -> Option<u64> {
    if n == 0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    // 0.95 * 20 is 19.000000000000004 in floating point on some inputs; a rank must not rise by it.
    let exact = q * as_f64(n);
    let rank =
        if (exact - exact.round()).abs() <= exact * 1e-12 { exact.round() } else { exact.ceil() };
    Some(as_count(rank).clamp(1, n))
}

/// The `q` quantile (0 to 1) of the values in `histogram`, in microseconds, by [`nearest_rank`].
///
/// `None` when the histogram is empty or `q` is outside 0 to 1.
#[must_use]
pub fn percentile(histogram: &Histogram, q: f64) -> Option<u64> {
    histogram.value_at_rank(nearest_rank(histogram.count(), q)?)
}

/// The error-adjusted `q` quantile, in microseconds: each of `failures` counts as one infinitely
/// slow value beside those in `histogram`, so that a server cannot look fast by failing.
///
/// `None` when it falls among the failures, when there is nothing at all, or when `q` is outside
/// 0 to 1.
#[must_use]
pub fn adjusted_percentile(histogram: &Histogram, failures: u64, q: f64) -> Option<u64> {
    histogram.value_at_rank(nearest_rank(histogram.count().saturating_add(failures), q)?)
}

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "exact up to 9e15 values")]
pub(crate) fn as_f64(count: u64) -> f64 {
    count as f64
}

/// A real number that is a count, or is to be cut down to one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts: cut to whole numbers, from 0, saturating"
)]
pub(crate) fn as_count(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one_to(n: u64) -> Histogram {
        (1..=n).map(|value| (value, 1)).collect()
    }

    #[test]
    fn the_rank_is_the_smallest_that_covers_the_share() {
        assert_eq!(nearest_rank(20, 0.95), Some(19));
        assert_eq!(nearest_rank(100, 0.29), Some(29));
        assert_eq!(nearest_rank(1000, 0.999), Some(999));
        assert_eq!(nearest_rank(10, 0.0), Some(1));
        assert_eq!(nearest_rank(10, 1.0), Some(10));
        assert_eq!(nearest_rank(3, 0.5), Some(2));
        assert_eq!(nearest_rank(0, 0.5), None);
        assert_eq!(nearest_rank(10, 1.1), None);
        assert_eq!(nearest_rank(10, f64::NAN), None);
    }

    #[test]
    fn failures_push_the_percentile_up_and_then_out() {
        let h = one_to(98);
        assert_eq!(percentile(&h, 0.5), Some(49));
        assert_eq!(adjusted_percentile(&h, 2, 0.5), Some(50));
        assert_eq!(adjusted_percentile(&h, 2, 0.98), Some(98));
        assert_eq!(adjusted_percentile(&h, 2, 0.99), None);
        assert_eq!(adjusted_percentile(&Histogram::default(), 5, 0.5), None);
    }

    proptest! {
        #[test]
        fn a_percentile_is_what_counting_says(
            mut values in prop::collection::vec(1_u64..50, 1..200),
            q in 0.0_f64..=1.0,
        ) {
            let h: Histogram = values.iter().map(|&v| (v, 1)).collect();
            let p = percentile(&h, q).expect("there are values");
            values.sort_unstable();
            let n = as_f64(values.len() as u64);
            let at_most = as_f64(values.iter().filter(|&&v| v <= p).count() as u64);
            let below = as_f64(values.iter().filter(|&&v| v < p).count() as u64);
            prop_assert!(at_most >= q * n - 1e-9);
            prop_assert!(below < q * n + 1e-9);
        }
    }
}
