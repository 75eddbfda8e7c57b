//! When a run ends.

use std::time::Duration;

/// A run ends at the first of these that comes true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopRule {
    /// Length of the run; `None` is until interrupted or done.
    pub run_time: Option<Duration>,
    /// Go on past `run_time`, until this many turns have finished.
    pub min_turns: u64,
    /// But never longer than this.
    pub longest: Option<Duration>,
    /// Turns each user does before it ends; `None` is without limit. The run is done when all
    /// users have ended.
    pub turns_per_user: Option<u64>,
    /// How long turns in flight may go on when the run is over (`--stop-timeout`). What is still in
    /// flight then is incomplete.
    pub grace: Duration,
}

impl StopRule {
    /// Ends after `run_time`, at once.
    #[must_use]
    pub const fn after(run_time: Duration) -> Self {
        Self {
            run_time: Some(run_time),
            min_turns: 0,
            longest: None,
            turns_per_user: None,
            grace: Duration::ZERO,
        }
    }

    /// Ends when every user has done `turns` turns.
    #[must_use]
    pub const fn turns(turns: u64) -> Self {
        Self {
            run_time: None,
            min_turns: 0,
            longest: None,
            turns_per_user: Some(turns),
            grace: Duration::ZERO,
        }
    }

    /// True when a run that has lasted `elapsed` and finished `turns` turns is over.
    #[must_use]
    pub fn is_over(&self, elapsed: Duration, turns: u64) -> bool {
        let longest = self.longest.is_some_and(|longest| elapsed >= longest);
        longest || self.run_time.is_some_and(|length| elapsed >= length && turns >= self.min_turns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_waits_for_its_turns_but_not_for_ever() {
        let second = Duration::from_secs(1);
        let rule = StopRule {
            min_turns: 1000,
            longest: Some(60 * second),
            ..StopRule::after(20 * second)
        };
        assert!(!rule.is_over(19 * second, 5000));
        assert!(!rule.is_over(25 * second, 999));
        assert!(rule.is_over(25 * second, 1000));
        assert!(rule.is_over(60 * second, 3));
        assert!(!StopRule::turns(3).is_over(1000 * second, 0));
    }
}
