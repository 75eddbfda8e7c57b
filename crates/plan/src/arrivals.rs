//! When turns arrive in an open load.

use crate::{PlanError, UserRng, run_rng};
use rand_distr::{Distribution, Exp1, Gamma};
use std::time::Duration;

/// How arrivals are spaced around their mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spacing {
    /// Evenly: arrival `i` is due at `(i + 0.5) / rate`.
    Constant,
    /// Independently of each other: exponential gaps, as from many users who do not know of each
    /// other.
    Poisson,
    /// Gamma-distributed gaps with this coefficient of variation: burstier than Poisson above 1,
    /// more even below.
    Gamma(f64),
}

/// Arrivals at a mean rate, for as long as they are asked for.
///
/// The sequence depends on the seed alone: every shard counts through all of it and takes its own
/// part, so that more shards do not change what is offered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrivals {
    rate: f64,
    spacing: Spacing,
}

impl Arrivals {
    /// # Errors
    /// Unless the rate and the coefficient of variation are positive and finite.
    pub fn try_new(rate: f64, spacing: Spacing) -> Result<Self, PlanError> {
        let positive = |number: f64| number.is_finite() && number > 1e-9;
        if !positive(rate) {
            return Err(PlanError::Rate(rate));
        }
        match spacing {
            Spacing::Gamma(cv) if !positive(cv) => Err(PlanError::Rate(cv)),
            _ => Ok(Self { rate, spacing }),
        }
    }

    /// Mean arrivals a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// How they are spaced.
    #[must_use]
    pub fn spacing(&self) -> Spacing {
        self.spacing
    }

    /// Coefficient of variation of the gaps: 0 is even, 1 is Poisson.
    #[must_use]
    pub fn variation(&self) -> f64 {
        match self.spacing {
            Spacing::Constant => 0.0,
            Spacing::Poisson => 1.0,
            Spacing::Gamma(cv) => cv,
        }
    }

    /// The arrivals of shard `shard` of `shards`: number and instant from the start of the run, in
    /// order and without end.
    pub fn for_shard(
        &self,
        seed: u64,
        shard: u32,
        shards: u32,
    ) -> impl Iterator<Item = (u64, Duration)> + use<> {
        let mut gaps = Gaps { rng: run_rng(seed), arrivals: *self, gamma: self.gamma() };
        let (shard, shards) = (u64::from(shard), u64::from(shards.max(1)));
        let mut number = 0_u64;
        let mut at = 0.0;
        std::iter::from_fn(move || {
            loop {
                at = gaps.next(number, at);
                let arrival = number;
                number += 1;
                if arrival % shards == shard {
                    return Some((
                        arrival,
                        Duration::try_from_secs_f64(at).unwrap_or(Duration::MAX),
                    ));
                }
            }
        })
    }

    /// Gaps with mean 1: shape 1 / cv², scale cv².
    fn gamma(&self) -> Option<Gamma<f64>> {
        match self.spacing {
            Spacing::Gamma(cv) => Gamma::new(1.0 / (cv * cv), cv * cv).ok(),
            Spacing::Constant | Spacing::Poisson => None,
        }
    }
}

struct Gaps {
    rng: UserRng,
    arrivals: Arrivals,
    gamma: Option<Gamma<f64>>,
}

impl Gaps {
    /// The instant of arrival `number` in seconds, when the one before was at `before`.
    fn next(&mut self, number: u64, before: f64) -> f64 {
        let rate = self.arrivals.rate;
        match (self.arrivals.spacing, &self.gamma) {
            // From the number, not from the sum: an hour of sums would drift.
            #[expect(clippy::cast_precision_loss, reason = "exact up to 9e15 arrivals")]
            (Spacing::Constant, _) => (number as f64 + 0.5) / rate,
            (_, Some(gamma)) => before + gamma.sample(&mut self.rng) / rate,
            (_, None) => {
                let gap: f64 = Exp1.sample(&mut self.rng);
                before + gap / rate
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPACINGS: [Spacing; 4] =
        [Spacing::Constant, Spacing::Poisson, Spacing::Gamma(2.0), Spacing::Gamma(0.5)];

    #[test]
    fn rate_and_variation_are_as_asked() {
        for spacing in SPACINGS {
            let arrivals = Arrivals::try_new(50.0, spacing).expect("valid");
            let at: Vec<f64> =
                arrivals.for_shard(7, 0, 1).take(20_001).map(|(_, at)| at.as_secs_f64()).collect();
            let gaps: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let mean = gaps.iter().sum::<f64>() / 20_000.0;
            let square = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / 20_000.0;
            assert!((mean * 50.0 - 1.0).abs() < 0.05, "{spacing:?}: mean {mean}");
            let cv = square.sqrt() / mean;
            assert!((cv - arrivals.variation()).abs() < 0.08, "{spacing:?}: cv {cv}");
        }
    }

    proptest! {
        #[test]
        fn shards_partition_the_same_sequence(
            shards in 1_u32..5, seed in any::<u64>(), spacing in prop::sample::select(&SPACINGS[..]),
        ) {
            let arrivals = Arrivals::try_new(100.0, spacing).expect("valid");
            let whole: Vec<_> = arrivals.for_shard(seed, 0, 1).take(60).collect();
            let mut parts: Vec<_> = (0..shards)
                .flat_map(|shard| arrivals.for_shard(seed, shard, shards).take(60))
                .filter(|(number, _)| *number < 60)
                .collect();
            parts.sort_unstable();
            prop_assert_eq!(parts, whole);
        }
    }

    #[test]
    fn even_arrivals_do_not_drift() {
        let arrivals = Arrivals::try_new(3.0, Spacing::Constant).expect("valid");
        let (number, at) = arrivals.for_shard(1, 0, 1).nth(299_999).expect("endless");
        assert_eq!((number, at.as_micros()), (299_999, 99_999_833_333));
    }

    #[test]
    fn impossible_rates_are_refused() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Arrivals::try_new(rate, Spacing::Poisson).is_err());
            assert!(Arrivals::try_new(1.0, Spacing::Gamma(rate)).is_err());
        }
    }
}
