//! When each user starts.

use crate::PlanError;
use std::time::Duration;

/// `users` users started evenly at `rate` a second: user `i` starts at `i / rate`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpawnSchedule {
    users: u64,
    rate: f64,
}

impl SpawnSchedule {
    /// # Errors
    /// When there are no users, or the rate is not positive and finite.
    pub fn try_new(users: u64, rate: f64) -> Result<Self, PlanError> {
        if users == 0 {
            return Err(PlanError::NoUsers);
        }
        if !(rate.is_finite() && rate > 1e-9) {
            return Err(PlanError::SpawnRate(rate));
        }
        Ok(Self { users, rate })
    }

    /// How many users there are at the peak.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.users
    }

    /// Users started a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// When user `user` starts, from the start of the run.
    #[must_use]
    pub fn start_of(&self, user: u64) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "user numbers are far below 2^52")]
        Duration::try_from_secs_f64(user as f64 / self.rate).unwrap_or(Duration::MAX)
    }

    /// When the last user has started.
    #[must_use]
    pub fn ramp(&self) -> Duration {
        self.start_of(self.users - 1)
    }

    /// The users of shard `shard` of `shards` with their starts, in order. Shards take users in
    /// turn, so each one ramps up evenly too.
    pub fn for_shard(
        &self,
        shard: u32,
        shards: u32,
    ) -> impl Iterator<Item = (u64, Duration)> + use<> {
        let schedule = *self;
        let step = usize::try_from(shards.max(1)).unwrap_or(1);
        (u64::from(shard)..schedule.users)
            .step_by(step)
            .map(move |user| (user, schedule.start_of(user)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shards_partition_the_users(users in 1_u64..200, shards in 1_u32..6, rate in 0.1_f64..1e4) {
            let spawn = SpawnSchedule::try_new(users, rate).expect("valid");
            let mut all: Vec<_> = (0..shards).flat_map(|s| spawn.for_shard(s, shards)).collect();
            all.sort_unstable();
            prop_assert_eq!(all.len() as u64, users);
            for (at, (user, start)) in all.iter().enumerate() {
                prop_assert_eq!(*user, at as u64);
                prop_assert_eq!(*start, spawn.start_of(*user));
            }
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_flag_named() {
        assert!(SpawnSchedule::try_new(0, 1.0).unwrap_err().to_string().contains("--users"));
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(
                SpawnSchedule::try_new(1, rate).unwrap_err().to_string().contains("--spawn-rate")
            );
        }
    }
}
