//! Numbers as they are put into words.

use victor_types::{Interval, Millis};

/// A value with its 95 % interval.
pub(crate) fn with_interval(value: Millis, interval: Option<Interval>) -> String {
    match interval {
        Some(Interval { low, high: Some(high) }) => format!("{value} ({low} to {high})"),
        Some(Interval { low, high: None }) => format!("{value} (at least {low})"),
        None => value.to_string(),
    }
}

/// A share as per cent: one decimal from 1 % on, two significant digits below.
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value == 0.0 || value >= 1.0 {
        return format!("{value:.1} %");
    }
    // 0.0042 needs 4 decimals for two digits; 9 are finer than any count of turns.
    let magnitude = (1..9).find(|&digits| value * 10_f64.powi(digits) >= 1.0).unwrap_or(9);
    let digits = usize::try_from(magnitude).unwrap_or(9) + 1;
    format!("{value:.digits$} %")
}

/// A large count with spaces between thousands.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1_234_567), "1 234 567");
        assert_eq!(count(999), "999");
        assert_eq!(percent(0.0053), "0.53 %");
        assert_eq!(percent(0.000_007_54), "0.00075 %");
        assert_eq!(percent(0.0), "0.0 %");
        assert_eq!(percent(0.123), "12.3 %");
    }
}
