//! How often a costly reading is made.

use victor_clock::{Duration, Instant};

/// The share of a core that one kind of reading may take: a reading of 1 ms is made at most once in
/// 200 ms.
const SHARE: u32 = 200;

/// A reading that holds locks of the target for longer than this may keep it from its own work, so
/// the next one waits twice as long as the last.
pub(crate) const LONG: Duration = Duration::from_millis(10);

/// The longest pause between two readings.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// When a reading is due, from what it costs.
#[derive(Debug)]
pub(crate) struct Pace {
    base: Duration,
    pause: Duration,
    next: Option<Instant>,
    skipped: u64,
}

impl Pace {
    /// At most once in `base`.
    pub(crate) fn new(base: Duration) -> Self {
        Self { base, pause: base, next: None, skipped: 0 }
    }

    /// Whether the reading is to be made at `now`.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let due = self.next.is_none_or(|next| now >= next);
        if !due && self.pause > self.base {
            self.skipped += 1;
        }
        due
    }

    /// A reading that began at `began` took `cost` of
    /// CPU time, and may have held the target up for `held`.
    pub(crate) fn took(&mut self, began: Instant, cost: Duration, held: Duration) {
        let fair = self.base.max(cost * SHARE);
        let wanted = if held > LONG { fair.max(self.pause * 2) } else { fair };
        self.pause = wanted.min(LONGEST_PAUSE.max(self.base));
        self.next = Some(began + self.pause);
    }

    /// How often it was not due because it costs too much.
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_clock::now;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_cheap_reading_keeps_its_pace() {
        let (mut pace, start) = (Pace::new(SECOND), now());
        assert!(pace.is_due(start));
        pace.took(start, Duration::from_millis(1), Duration::ZERO);
        assert!(!pace.is_due(start + SECOND / 2) && pace.is_due(start + SECOND));
        assert_eq!(pace.skipped(), 0, "too early is not backed off");
    }

    #[test]
    fn a_costly_one_is_made_as_seldom_as_its_cost_demands_and_recovers() {
        let (mut pace, start) = (Pace::new(SECOND), now());
        pace.took(start, Duration::from_millis(8), Duration::ZERO);
        assert!(!pace.is_due(start + SECOND));
        assert_eq!(pace.skipped(), 1);
        assert!(pace.is_due(start + Duration::from_millis(1600)));
        pace.took(start, Duration::from_micros(10), Duration::ZERO);
        assert!(pace.is_due(start + SECOND));
    }

    #[test]
    fn one_that_holds_the_target_up_waits_ever_longer() {
        let (mut pace, start) = (Pace::new(SECOND), now());
        let mut pauses = Vec::new();
        for _ in 0..9 {
            pace.took(start, Duration::from_millis(1), Duration::from_millis(20));
            pauses.push(pace.pause.as_secs());
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300]);
    }
}
