//! Where the instants of a process stand in shared and in wall-clock time.

use crate::{Duration, Instant, now};
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// One instant read on three clocks at once. Taken once a run; everything else is an offset from
/// it, so a wall clock that is stepped during a run does no harm.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    instant: Instant,
    monotonic_ns: u64,
    wall: Timestamp,
}

impl Anchor {
    /// Reads the clocks. The reading is bracketed and repeated until it took under 20 µs (at most
    /// ten times), so instants map to `CLOCK_MONOTONIC` to about that precision.
    #[must_use]
    pub fn take() -> Self {
        let mut best = Self::read();
        for _ in 0..10 {
            if best.0 < Duration::from_micros(20) {
                break;
            }
            let again = Self::read();
            if again.0 < best.0 {
                best = again;
            }
        }
        best.1
    }

    fn read() -> (Duration, Self) {
        let before = now();
        let clock = clock_gettime(ClockId::Monotonic);
        let wall = Timestamp::now();
        let took = now() - before;
        let seconds = u64::try_from(clock.tv_sec).unwrap_or(0);
        let nanos = u64::try_from(clock.tv_nsec).unwrap_or(0);
        let monotonic_ns = seconds * 1_000_000_000 + nanos;
        (took, Self { instant: before, monotonic_ns, wall })
    }

    /// The instant of the reading.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.instant
    }

    /// `at` in nanoseconds of `CLOCK_MONOTONIC`, comparable between processes of one machine.
    #[must_use]
    pub fn monotonic_ns(&self, at: Instant) -> u64 {
        let nanos = |span: Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        if at >= self.instant {
            self.monotonic_ns.saturating_add(nanos(at - self.instant))
        } else {
            self.monotonic_ns.saturating_sub(nanos(self.instant - at))
        }
    }

    /// `at` as wall-clock time in UTC.
    #[must_use]
    pub fn timestamp(&self, at: Instant) -> Timestamp {
        let span = at.saturating_duration_since(self.instant);
        self.wall.checked_add(span).unwrap_or(Timestamp::MAX)
    }

    /// `at` as RFC 3339 text in UTC, to the millisecond.
    #[must_use]
    pub fn rfc3339(&self, at: Instant) -> String {
        format!("{:.3}", self.timestamp(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_paused_second_is_a_second_on_every_clock() {
        let anchor = Anchor::take();
        let start = now();
        crate::sleep(Duration::from_secs(1)).await;
        let end = now();
        assert_eq!(end - start, Duration::from_secs(1));
        assert_eq!(anchor.monotonic_ns(end) - anchor.monotonic_ns(start), 1_000_000_000);
        assert_eq!(
            anchor.timestamp(end) - anchor.timestamp(start),
            jiff::SignedDuration::from_secs(1)
        );
    }
}
