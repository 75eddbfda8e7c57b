//! The arrivals of one shard.

use crate::arrivals::Source;
use crate::profile::Profile;
use crate::{ArrivalTrace, Arrivals, Spacing, UserRng, run_rng};
use rand_distr::{Distribution, Exp1, Gamma};
use std::time::Duration;

/// The arrivals that one shard dispatches, in order, each with its number in the whole sequence.
#[derive(Debug, Clone)]
pub struct Queue {
    units: Units,
    profile: Profile,
    trace: Option<ArrivalTrace>,
    next: Option<Arrival>,
    shard: u64,
    shards: u64,
}

/// An arrival: its number, and where it stands in the sequence of a rate of 1.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    number: u64,
    unit: f64,
}

impl Queue {
    pub(crate) fn new(arrivals: &Arrivals, seed: u64, shard: u32, shards: u32) -> Self {
        let (profile, trace) = match &arrivals.source {
            Source::Rate { rate, .. } => (Profile::constant(*rate), None),
            Source::Staged { stages, .. } => (Profile::staged(stages), None),
            Source::Trace(trace) => (Profile::constant(1.0), Some(trace.clone())),
        };
        let units = Units::new(seed, arrivals.spacing().unwrap_or(Spacing::Constant));
        let (shard, shards) = (u64::from(shard), u64::from(shards.max(1)));
        let mut queue = Self { units, profile, trace, next: None, shard, shards };
        queue.advance();
        queue
    }

    /// When the next turn is due; `None` when there are no more.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        let Arrival { number, unit } = self.next?;
        match &self.trace {
            Some(trace) => trace.at(number),
            None => self.profile.when(unit),
        }
    }

    /// The number of the next turn and when it was due, if it is by `now`.
    pub fn next_if_due(&mut self, now: Duration) -> Option<(u64, Duration)> {
        let due = self.due().filter(|due| *due <= now)?;
        let number = self.next?.number;
        self.advance();
        Some((number, due))
    }

    /// From `at` on: `rate` turns a second, 0 for none. A recorded sequence is left and goes on
    /// evenly.
    pub fn redirect(&mut self, at: Duration, rate: f64) {
        let at_seconds = at.as_secs_f64();
        if let Some(trace) = self.trace.take() {
            // Numbers go on behind those of the record that were due.
            let past = trace.count_before(at);
            self.profile = Profile::constant(0.0);
            self.units = Units { number: past, unit: 0.0, ..self.units.clone() };
            self.units.offset = past;
            self.profile.redirect(at_seconds, rate);
            self.advance();
            return;
        }
        self.profile.redirect(at_seconds, rate);
    }

    fn advance(&mut self) {
        loop {
            let arrival = self.units.next();
            if arrival.number % self.shards == self.shard {
                self.next = Some(arrival);
                return;
            }
        }
    }
}

/// Arrivals at a rate of 1, without end.
#[derive(Debug, Clone)]
struct Units {
    rng: UserRng,
    spacing: Spacing,
    gamma: Option<Gamma<f64>>,
    number: u64,
    /// Number of the first.
    offset: u64,
    unit: f64,
}

impl Units {
    fn new(seed: u64, spacing: Spacing) -> Self {
        // Gaps with mean 1: shape 1 / cv², scale cv².
        let gamma = match spacing {
            Spacing::Gamma(cv) => Gamma::new(1.0 / (cv * cv), cv * cv).ok(),
            Spacing::Constant | Spacing::Poisson => None,
        };
        Self { rng: run_rng(seed), spacing, gamma, number: 0, offset: 0, unit: 0.0 }
    }

    fn next(&mut self) -> Arrival {
        let number = self.number;
        self.number += 1;
        self.unit = match (self.spacing, &self.gamma) {
            // From the number, not from the sum: an hour of sums would drift.
            #[expect(clippy::cast_precision_loss, reason = "exact up to 9e15 arrivals")]
            (Spacing::Constant, _) => (number - self.offset) as f64 + 0.5,
            (_, Some(gamma)) => self.unit + gamma.sample(&mut self.rng),
            (_, None) => {
                let gap: f64 = Exp1.sample(&mut self.rng);
                self.unit + gap
            }
        };
        Arrival { number, unit: self.unit }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
