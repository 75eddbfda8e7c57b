//! When a run ends.

use std::time::Duration;
use victor_types::Millis;

/// A run ends at the first of these that comes true.
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// Turns begun by all users together; the run is done when they have finished.
    pub turns: Option<u64>,
    /// What ends a run that goes badly, or costs too much.
    pub alarms: Alarms,
    /// How long turns in flight may go on when the run is over (`--stop-timeout`). What is still in
    /// flight then is incomplete.
    pub grace: Duration,
}

/// Conditions that end a run early; looked at once a second. All are off by default.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Alarms {
    /// This many turns have failed.
    pub failures: Option<u64>,
    /// Over this share of the turns of the last ten seconds have failed, 0 to 1.
    pub error_rate: Option<f64>,
    /// The 95th percentile of each second has been over the limit for this long.
    pub slow: Option<(Millis, Duration)>,
    /// The target no longer keeps up: see [`victor-engine`'s documentation](crate).
    pub saturation: bool,
    /// This many output tokens were received.
    pub tokens: Option<u64>,
}

impl StopRule {
    /// Ends after `run_time`, at once.
    #[must_use]
    pub const fn after(run_time: Duration) -> Self {
        Self { run_time: Some(run_time), ..Self::NEVER }
    }

    /// Ends when every user has done `turns` turns.
    #[must_use]
    pub const fn turns(turns: u64) -> Self {
        Self { turns_per_user: Some(turns), ..Self::NEVER }
    }

    /// Goes on until interrupted.
    pub const NEVER: Self = Self {
        run_time: None,
        min_turns: 0,
        longest: None,
        turns_per_user: None,
        turns: None,
        alarms: Alarms {
            failures: None,
            error_rate: None,
            slow: None,
            saturation: false,
            tokens: None,
        },
        grace: Duration::ZERO,
    };

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
