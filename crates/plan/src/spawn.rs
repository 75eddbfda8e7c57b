//! How many users there are, over time.

use crate::stage::{self, Stage};
use crate::{Crew, PlanError};
use std::sync::Arc;
use std::time::Duration;

/// The users of a closed load over time: started evenly at a rate and kept, or led through stages.
#[derive(Debug, Clone, PartialEq)]
pub struct SpawnSchedule {
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// `users` users started at `rate` a second: user `i` starts at `i / rate`.
    Steady { users: u64, rate: f64 },
    /// Users come and go; the schedule ends with the last stage.
    Staged(Arc<[Stage]>),
}

impl SpawnSchedule {
    /// `users` users, started evenly at `rate` a second.
    ///
    /// # Errors
    /// When there are no users, or the rate is not positive and finite.
    pub fn try_new(users: u64, rate: f64) -> Result<Self, PlanError> {
        if users == 0 {
            return Err(PlanError::NoUsers);
        }
        if !(rate.is_finite() && rate > 1e-9) {
            return Err(PlanError::SpawnRate(rate));
        }
        Ok(Self { kind: Kind::Steady { users, rate } })
    }

    /// Users led through `stages`, whose levels are rounded to whole users.
    ///
    /// # Errors
    /// When a stage is impossible, or there is no time or nobody in them.
    pub fn staged(stages: Vec<Stage>) -> Result<Self, PlanError> {
        stage::check(&stages)?;
        Ok(Self { kind: Kind::Staged(stages.into()) })
    }

    /// How many users there are at the peak.
    #[must_use]
    pub fn users(&self) -> u64 {
        match &self.kind {
            Kind::Steady { users, .. } => *users,
            Kind::Staged(stages) => whole(stage::peak(stages)),
        }
    }

    /// Users started a second; `None` when stages say how fast.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        match self.kind {
            Kind::Steady { rate, .. } => Some(rate),
            Kind::Staged(_) => None,
        }
    }

    /// The stages; none when users only start and stay.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        match &self.kind {
            Kind::Steady { .. } => &[],
            Kind::Staged(stages) => stages,
        }
    }

    /// When the schedule ends; `None` when its users stay for as long as the run goes.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        match &self.kind {
            Kind::Steady { .. } => None,
            Kind::Staged(stages) => Some(stage::length(stages)),
        }
    }

    /// When the last user has started; `None` for stages, which have no one level to reach.
    #[must_use]
    pub fn ramp(&self) -> Option<Duration> {
        let Kind::Steady { users, rate } = self.kind else { return None };
        #[expect(clippy::cast_precision_loss, reason = "user numbers are far below 2^52")]
        Some(Duration::try_from_secs_f64((users - 1) as f64 / rate).unwrap_or(Duration::MAX))
    }

    /// What shard `shard` of `shards` has to do and when. Places are dealt to shards in turn, so
    /// each one ramps up and down evenly too.
    #[must_use]
    pub fn for_shard(&self, shard: u32, shards: u32) -> Crew {
        let steady;
        let stages: &[Stage] = match &self.kind {
            #[expect(clippy::cast_precision_loss, reason = "user numbers are far below 2^52")]
            Kind::Steady { users, rate } => {
                steady = [Stage { length: Duration::MAX, level: *users as f64, pace: Some(*rate) }];
                &steady
            }
            Kind::Staged(stages) => stages,
        };
        Crew::new(stages, shard, shards)
    }
}

/// A level in whole users.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: 0 to 1e6")]
pub(crate) fn whole(level: f64) -> u64 {
    level.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_with_the_flag_named() {
        assert!(SpawnSchedule::try_new(0, 1.0).unwrap_err().to_string().contains("--users"));
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(
                SpawnSchedule::try_new(1, rate).unwrap_err().to_string().contains("--spawn-rate")
            );
        }
        assert!(SpawnSchedule::staged(Vec::new()).is_err());
    }

    #[test]
    fn a_schedule_knows_its_peak_ramp_and_end() {
        let plain = SpawnSchedule::try_new(11, 2.0).expect("valid");
        assert_eq!((plain.users(), plain.ramp()), (11, Some(Duration::from_secs(5))));
        assert_eq!(plain.length(), None);
        let second = Duration::from_secs(1);
        let stages = vec![Stage::ramp(2 * second, 5.4), Stage::ramp(3 * second, 0.0)];
        let staged = SpawnSchedule::staged(stages).expect("valid");
        assert_eq!((staged.users(), staged.ramp(), staged.rate()), (5, None, None));
        assert_eq!(staged.length(), Some(5 * second));
    }
}
