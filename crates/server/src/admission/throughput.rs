//! How many turns a second have ended lately.

use std::time::Duration;
use victor_clock::Instant;

/// Time over which the past is forgotten to 1/e.
const MEMORY: Duration = Duration::from_secs(10);

/// An exponentially weighted rate of events.
#[derive(Debug)]
pub(crate) struct Throughput {
    since: Instant,
    last: Instant,
    weight: f64,
}

impl Throughput {
    pub(crate) fn new(at: Instant) -> Self {
        Self { since: at, last: at, weight: 0.0 }
    }

    /// Counts one event.
    pub(crate) fn note(&mut self, at: Instant) {
        self.weight = self.decayed(at) + 1.0;
        self.last = at;
    }

    /// Events a second at `at`; `None` when there was none worth counting. Divided by the weight a
    /// steady rate would have gathered since the start, so that a young server is not underrated.
    pub(crate) fn per_second(&self, at: Instant) -> Option<f64> {
        let age = at.saturating_duration_since(self.since).as_secs_f64() / MEMORY.as_secs_f64();
        let seen = MEMORY.as_secs_f64() * (1.0 - (-age).exp());
        let weight = self.decayed(at);
        (weight > 0.01 && seen > 0.0).then(|| weight / seen)
    }

    fn decayed(&self, at: Instant) -> f64 {
        let gap = at.saturating_duration_since(self.last).as_secs_f64() / MEMORY.as_secs_f64();
        self.weight * (-gap).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(steady: u32, gap: Duration) -> (Throughput, Instant) {
        let start = victor_clock::now();
        let mut throughput = Throughput::new(start);
        let mut at = start;
        for _ in 0..steady {
            at += gap;
            throughput.note(at);
        }
        (throughput, at)
    }

    #[test]
    fn a_steady_rate_is_found_early_and_late() {
        for events in [20, 100, 5000] {
            let (throughput, at) = after(events, Duration::from_millis(50));
            let rate = throughput.per_second(at).expect("events");
            assert!((19.0..22.0).contains(&rate), "{events}: {rate}");
        }
    }

    #[test]
    fn silence_is_forgotten_slowly_and_in_the_end_wholly() {
        let (throughput, at) = after(1000, Duration::from_millis(50));
        let rate = throughput.per_second(at + MEMORY).expect("events");
        assert!((6.0..8.5).contains(&rate), "{rate}");
        assert_eq!(throughput.per_second(at + MEMORY * 20), None);
        assert_eq!(after(0, MEMORY).0.per_second(at), None);
    }
}
