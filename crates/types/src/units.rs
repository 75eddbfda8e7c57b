//! Numbers with their unit in the type, so that a millisecond is never added to a second.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub f64);
    };
}

unit!(
    /// A time span in milliseconds.
    Millis
);
unit!(
    /// A time span, or an instant counted from the start of the run, in seconds.
    Seconds
);
unit!(
    /// Events a second.
    PerSecond
);

/// A size in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl From<Duration> for Millis {
    fn from(span: Duration) -> Self {
        Self(span.as_secs_f64() * 1e3)
    }
}

impl From<Duration> for Seconds {
    fn from(span: Duration) -> Self {
        Self(span.as_secs_f64())
    }
}

impl Millis {
    /// The span of a whole number of microseconds, the resolution of [`crate::Histogram`].
    #[must_use]
    pub fn from_micros(micros: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "spans over 285 years lose microseconds")]
        Self(micros as f64 / 1e3)
    }
}

impl fmt::Display for Millis {
    /// Three significant digits, never finer than a microsecond: `0.412 ms`, `12.3 ms`, `1830 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = self.0;
        let digits = if v < 1.0 {
            3
        } else if v < 10.0 {
            2
        } else if v < 100.0 {
            1
        } else {
            0
        };
        write!(f, "{v:.digits$} ms")
    }
}

impl fmt::Display for Bytes {
    /// Binary units with one decimal: `512 B`, `1.5 KiB`, `20.0 MiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
        let mut value = self.0 as f64;
        if value < 1024.0 {
            return write!(f, "{} B", self.0);
        }
        for unit in ["KiB", "MiB", "GiB"] {
            value /= 1024.0;
            if value < 1024.0 {
                return write!(f, "{value:.1} {unit}");
            }
        }
        write!(f, "{:.1} TiB", value / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_are_shown_with_sensible_digits() {
        assert_eq!(Millis(0.4123).to_string(), "0.412 ms");
        assert_eq!(Millis(9.5).to_string(), "9.50 ms");
        assert_eq!(Millis(1830.4).to_string(), "1830 ms");
        assert_eq!(Bytes(1023).to_string(), "1023 B");
        assert_eq!(Bytes(1536).to_string(), "1.5 KiB");
        assert_eq!(Bytes(20 << 20).to_string(), "20.0 MiB");
        assert_eq!(Millis::from(Duration::from_micros(1500)), Millis(1.5));
    }
}
