//! The parts of a fault's value.

use std::fmt;
use std::time::Duration;

/// A share of turns, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// `None` outside 0 to 1.
    #[must_use]
    pub fn try_new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// Reads `0.01` or `1%`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::try_new(match text.strip_suffix('%') {
            Some(percent) => number(percent)? / 100.0,
            None => number(text)?,
        })
    }

    /// The number, 0 to 1.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A number that is not negative.
pub(crate) fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok()).flatten()
}

/// Reads `200ms`, `2s`, `1.5s`, `10m`, `1h`; at most 365 days.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (digits, unit) = text.split_at(at);
    let unit = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let seconds = number(digits)? * unit;
    (seconds <= 365.0 * 86400.0).then(|| Duration::from_nanos((seconds * 1e9).round() as u64))
}

/// Reads `512`, `512B`, `1KiB`, `1MiB`, `1kB`, `1MB`; at most 1 GiB.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let unit: u64 = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        _ => return None,
    };
    let bytes = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=1 << 30).contains(&bytes).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_spans_and_bytes_are_read_and_others_refused() {
        assert_eq!(Share::read("1%"), Share::try_new(0.01));
        assert_eq!(Share::read("0.25").map(Share::get), Some(0.25));
        for bad in ["2", "200%", "-1%", "", "%", "NaN", "1e-1"] {
            assert_eq!(Share::read(bad), None, "{bad}");
        }
        assert_eq!(span("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(span("10m"), Some(Duration::from_secs(600)));
        assert_eq!(span("250us"), Some(Duration::from_micros(250)));
        for bad in ["5", "s", "-1s", "1d", "1 s", "99999999h"] {
            assert_eq!(span(bad), None, "{bad}");
        }
        assert_eq!(
            (bytes("1KiB"), bytes("2MB"), bytes("7")),
            (Some(1024), Some(2_000_000), Some(7))
        );
        for bad in ["0", "1.5KiB", "KiB", "1K", "2000MiB"] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }
}
