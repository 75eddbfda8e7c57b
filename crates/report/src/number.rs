//! Numbers as text, one way for every format a person reads.

use victor_types::{Distribution, Millis, PercentileValue, RequestRow};

/// The percentiles of Locust's files, in per cent.
pub(crate) const PERCENTS: [f64; 11] =
    [50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.9, 99.99, 100.0];

/// Turns that ended: successes and failures, without those in flight at the end.
pub(crate) fn finished(row: &RequestRow) -> u64 {
    row.succeeded + row.failed
}

/// `part` of `whole` in per cent; nothing of nothing is 0.
pub(crate) fn percent_of(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { ratio(part, whole) * 100.0 }
}

/// `a / b` for positive `b`.
#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
pub(crate) fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b as f64
}

/// Milliseconds without the unit, with the digits of [`Millis`]'s `Display`.
pub(crate) fn ms(value: Millis) -> String {
    let text = value.to_string();
    text.strip_suffix(" ms").unwrap_or(&text).to_owned()
}

/// [`ms`], or a dash where nothing was measured.
pub(crate) fn ms_or_dash(value: Option<Millis>) -> String {
    value.map_or_else(|| "-".to_owned(), ms)
}

/// Events a second: two decimals below 100, none from 1000.
pub(crate) fn rate(value: f64) -> String {
    let digits = if value < 100.0 {
        2
    } else if value < 1000.0 {
        1
    } else {
        0
    };
    format!("{value:.digits$}")
}

/// Failures with their share of the finished turns, as in Locust: `14(2.03%)`.
pub(crate) fn failures(row: &RequestRow) -> String {
    format!("{}({:.2}%)", row.failed, percent_of(row.failed, finished(row)))
}

/// `1 turn`, `2 turns`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The percentile `percent` of `times`, if it was measured.
pub(crate) fn percentile(times: &Distribution, percent: f64) -> Option<&PercentileValue> {
    times.percentiles.iter().find(|p| (p.percent - percent).abs() < 1e-9)
}

/// The 95 % interval in words.
pub(crate) fn interval(value: &PercentileValue) -> String {
    match value.interval {
        None => "too few turns".to_owned(),
        Some(range) => match range.high {
            Some(high) => format!("{} .. {}", ms(range.low), ms(high)),
            None => format!("{} .. not bounded", ms(range.low)),
        },
    }
}

/// The error-adjusted value, or `∞` where it falls among the failures.
pub(crate) fn adjusted(value: &PercentileValue) -> String {
    value.adjusted.map_or_else(|| "∞".to_owned(), ms)
}

/// True when counting failures as infinitely slow changes a percentile as it is shown.
pub(crate) fn is_adjusted(times: &Distribution) -> bool {
    times.percentiles.iter().any(|p| adjusted(p) != ms(p.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_servers_keep_their_digits() {
        assert_eq!(ms(Millis(0.4123)), "0.412");
        assert_eq!(ms(Millis(84.13)), "84.1");
        assert_eq!(ms_or_dash(None), "-");
        assert_eq!(rate(24.034), "24.03");
        assert_eq!(rate(12_345.6), "12346");
    }

    #[test]
    fn a_share_of_nothing_is_zero() {
        assert!(percent_of(0, 0).abs() < f64::EPSILON);
        assert!((percent_of(1, 8) - 12.5).abs() < f64::EPSILON);
    }
}
