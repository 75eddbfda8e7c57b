//! How long a user thinks between turns.

use crate::{PlanError, UserRng};
use rand::RngExt;
use rand_distr::{Distribution, Exp1};
use std::time::Duration;

/// Locust's wait times. Applied after a turn, for each user on its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wait(Kind);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Between(Duration, Duration),
    Pacing(Duration),
    Poisson(f64),
}

impl Wait {
    /// No wait: the next turn starts when the answer is in.
    pub const NONE: Self = Self(Kind::Between(Duration::ZERO, Duration::ZERO));

    /// Always `span`.
    #[must_use]
    pub const fn constant(span: Duration) -> Self {
        Self(Kind::Between(span, span))
    }

    /// Uniform between two bounds in seconds.
    ///
    /// # Errors
    /// Unless 0 <= low <= high, both finite.
    pub fn between(low: f64, high: f64) -> Result<Self, PlanError> {
        let span = |seconds| Duration::try_from_secs_f64(seconds).ok();
        match (span(low), span(high)) {
            (Some(a), Some(b)) if a <= b => Ok(Self(Kind::Between(a, b))),
            _ => Err(PlanError::Wait { low, high }),
        }
    }

    /// A turn begins every `span`; a turn that took longer is followed at once. It pads and never
    /// catches up.
    #[must_use]
    pub const fn pacing(span: Duration) -> Self {
        Self(Kind::Pacing(span))
    }

    /// At most `rate` turns a second for each user: pacing of 1 / rate.
    ///
    /// # Errors
    /// Unless the rate is positive and finite.
    pub fn throughput(rate: f64) -> Result<Self, PlanError> {
        positive(rate).map(|rate| Self(Kind::Pacing(Duration::from_secs_f64(1.0 / rate))))
    }

    /// Exponential waits with a mean of 1 / rate seconds.
    ///
    /// # Errors
    /// Unless the rate is positive and finite.
    pub fn poisson(rate: f64) -> Result<Self, PlanError> {
        positive(rate).map(|rate| Self(Kind::Poisson(rate)))
    }

    /// Draws the wait that follows a turn which took `turn`.
    pub fn draw(&self, rng: &mut UserRng, turn: Duration) -> Duration {
        match self.0 {
            Kind::Between(low, high) if low == high => low,
            Kind::Between(low, high) => rng.random_range(low..=high),
            Kind::Pacing(span) => span.saturating_sub(turn),
            Kind::Poisson(rate) => {
                let x: f64 = Exp1.sample(rng);
                Duration::from_secs_f64(x / rate)
            }
        }
    }

    /// The mean wait in seconds when turns take no time; the most a mix can offer follows from it.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self.0 {
            Kind::Between(low, high) => f64::midpoint(low.as_secs_f64(), high.as_secs_f64()),
            Kind::Pacing(span) => span.as_secs_f64(),
            Kind::Poisson(rate) => 1.0 / rate,
        }
    }

    /// The standard deviation of the wait in seconds when turns take no time.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        match self.0 {
            Kind::Between(low, high) => (high - low).as_secs_f64() / 12_f64.sqrt(),
            Kind::Pacing(_) => 0.0,
            Kind::Poisson(rate) => 1.0 / rate,
        }
    }
}

fn positive(rate: f64) -> Result<f64, PlanError> {
    // Below 1e-9 a second one wait is over thirty years and no longer fits a `Duration` of use.
    if rate.is_finite() && rate > 1e-9 { Ok(rate) } else { Err(PlanError::Rate(rate)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_rng;

    #[test]
    fn waits_stay_in_their_bounds_and_average_out() {
        let mut rng = user_rng(1, 1);
        for wait in [Wait::between(1.0, 3.0), Wait::poisson(0.5)] {
            let wait = wait.expect("bounds");
            let drawn: Vec<f64> =
                (0..20_000).map(|_| wait.draw(&mut rng, Duration::ZERO).as_secs_f64()).collect();
            let mean = drawn.iter().sum::<f64>() / 20_000.0;
            let square = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
            assert!((mean - wait.mean()).abs() < 0.05, "{wait:?}");
            assert!((square.sqrt() - wait.deviation()).abs() < 0.05, "{wait:?}");
        }
        let between = Wait::between(1.0, 3.0).expect("bounds");
        for _ in 0..1000 {
            let drawn = between.draw(&mut rng, Duration::ZERO).as_secs_f64();
            assert!((1.0..=3.0).contains(&drawn));
        }
    }

    #[test]
    fn pacing_pads_and_never_catches_up() {
        let mut rng = user_rng(1, 1);
        let wait = Wait::throughput(2.0).expect("rate");
        assert_eq!(wait.draw(&mut rng, Duration::from_millis(200)), Duration::from_millis(300));
        assert_eq!(wait.draw(&mut rng, Duration::from_secs(9)), Duration::ZERO);
    }

    #[test]
    fn impossible_waits_are_refused() {
        assert!(Wait::between(3.0, 1.0).is_err());
        assert!(Wait::between(-1.0, 1.0).is_err());
        assert!(Wait::between(0.0, f64::INFINITY).is_err());
        assert!(Wait::poisson(0.0).is_err());
        assert!(Wait::throughput(f64::NAN).is_err());
    }
}
