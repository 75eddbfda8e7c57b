//! What users do when a turn does not go well.

use crate::user_rng;
use rand::RngExt;
use std::time::Duration;

/// How users take failures and slowness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Habits {
    /// Whether they try again.
    pub retries: Retries,
    /// How long after a turn was due they hang up, also in the middle of its answer; `None` is never.
    pub patience: Option<Duration>,
}

/// How often and after which pause a failed turn is tried again. None by default: retries hide
/// failures and multiply load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Further attempts after the first.
    pub most: u32,
    /// Pause before the second attempt; each further one is twice as long.
    pub shortest: Duration,
    /// But not longer than this, unless the server asks for it.
    pub longest: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { most: 0, shortest: Duration::from_millis(100), longest: Duration::from_secs(2) }
    }
}

impl Retries {
    /// The pause before attempt `attempt` (2 is the first retry), drawn evenly from the upper half
    /// of its length so that users who failed together do not come back together; `seed` and
    /// `draw` decide. At least what the server's `Retry-After` asks for.
    #[must_use]
    pub fn pause(&self, attempt: u32, asked: Option<Duration>, seed: u64, draw: u64) -> Duration {
        let doublings = attempt.saturating_sub(2).min(31);
        let full = self.shortest.saturating_mul(1 << doublings).min(self.longest);
        let share =
            user_rng(seed ^ draw.rotate_left(32), u64::from(attempt)).random_range(0.5..=1.0);
        full.mul_f64(share).max(asked.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_heed_the_server() {
        let retries = Retries { most: 9, ..Retries::default() };
        for (attempt, full) in [(2, 100), (3, 200), (4, 400), (7, 2000), (99, 2000)] {
            let full = Duration::from_millis(full);
            let pause = retries.pause(attempt, None, 1, 7);
            assert!(pause >= full / 2 && pause <= full, "{attempt}: {pause:?}");
        }
        let asked = Duration::from_secs(9);
        assert_eq!(retries.pause(2, Some(asked), 1, 7), asked);
        let drawn: Vec<_> = (0..20).map(|draw| retries.pause(2, None, 1, draw)).collect();
        assert!(drawn.windows(2).any(|pair| pair[0] != pair[1]), "spread");
        assert_eq!(retries.pause(2, None, 1, 3), drawn[3], "seeded");
    }
}
