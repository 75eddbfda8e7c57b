//! What comes again and again.

use super::value::span;
use std::fmt;
use std::time::Duration;

/// For `length` of every `period`, first after one whole period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    length: Duration,
    period: Duration,
}

impl Rhythm {
    /// `None` unless `0 < length < period`.
    #[must_use]
    pub fn try_new(length: Duration, period: Duration) -> Option<Self> {
        (length > Duration::ZERO && length < period).then_some(Self { length, period })
    }

    /// Reads `LENGTH/PERIOD`, such as `200ms/5s`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (length, period) = text.split_once('/')?;
        Self::try_new(span(length)?, span(period)?)
    }

    /// How much longer it lasts `at` after the beginning; `None` between two times.
    pub(crate) fn left(self, at: Duration) -> Option<Duration> {
        let within = Duration::from_nanos_u128(at.as_nanos() % self.period.as_nanos());
        (at >= self.period && within < self.length).then(|| self.length - within)
    }

    /// When `work` is done that begins at `start` and rests in the rhythm, both counted from the
    /// beginning.
    pub(crate) fn done(self, start: Duration, work: Duration) -> Duration {
        let mut at = start + self.left(start).unwrap_or_default();
        let mut work = work;
        loop {
            let next = self.period.mul_f64((at.as_secs_f64() / self.period.as_secs_f64()).floor());
            // Rounding may put the floor of an instant at a boundary one period back.
            let mut next = next + self.period;
            while next <= at {
                next += self.period;
            }
            let free = next - at;
            if work < free {
                return at + work;
            }
            work -= free;
            at = next + self.length;
        }
    }
}

impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", spell(self.length), spell(self.period))
    }
}

/// A span as it is written on the command line.
pub(crate) fn spell(span: Duration) -> String {
    if span.subsec_nanos() == 0 {
        format!("{}s", span.as_secs())
    } else {
        format!("{}ms", span.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn it_lasts_its_length_of_every_period_after_the_first() {
        let rhythm = Rhythm::read("200ms/5s").expect("a rhythm");
        assert_eq!(rhythm.left(Duration::ZERO), None);
        assert_eq!(rhythm.left(4_999 * MS), None);
        assert_eq!(rhythm.left(5_000 * MS), Some(200 * MS));
        assert_eq!(rhythm.left(10_150 * MS), Some(50 * MS));
        assert_eq!(rhythm.left(10_200 * MS), None);
        for bad in ["5s/200ms", "1s/1s", "0s/1s", "1s", "1/2"] {
            assert_eq!(Rhythm::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn work_rests_and_goes_on() {
        let rhythm = Rhythm::read("200ms/1s").expect("a rhythm");
        let done = |start: u32, work: u32| rhythm.done(start * MS, work * MS);
        assert_eq!(done(0, 500), 500 * MS);
        assert_eq!(done(900, 50), 950 * MS);
        assert_eq!(done(900, 150), 1_250 * MS);
        assert_eq!(done(1_050, 10), 1_210 * MS);
        assert_eq!(done(1_000, 0), 1_200 * MS);
        assert_eq!(done(0, 2_000), 2_400 * MS);
        // Every start and every span: what is done grows with both.
        for start in (0..3_000).step_by(7) {
            assert!(done(start, 300) <= done(start + 7, 300), "{start}");
            assert!(done(start, 300) >= (start + 300) * MS, "{start}");
        }
    }
}
