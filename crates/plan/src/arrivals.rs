//! When turns arrive in an open load.

use crate::profile::Profile;
use crate::stage::{self, Stage};
use crate::{ArrivalTrace, PlanError, Queue};
use std::time::Duration;

/// How arrivals are spaced around their mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spacing {
    /// Evenly: at a rate that does not change, arrival `i` is due at `(i + 0.5) / rate`.
    Constant,
    /// Independently of each other: exponential gaps, as from many users who do not know of each
    /// other.
    Poisson,
    /// Gamma-distributed gaps with this coefficient of variation: burstier than Poisson above 1,
    /// more even below.
    Gamma(f64),
}

/// Arrivals of an open load: at a rate, led through stages of rates, or as they were recorded.
///
/// The sequence depends on the seed alone: every shard counts through all of it and takes its own
/// part, so that more shards do not change what is offered. A rate that changes stretches the
/// sequence of a rate of 1 by its integral (Çinlar, Introduction to Stochastic Processes, 1975,
/// 4.7): Poisson arrivals stay Poisson at any moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals {
    pub(crate) source: Source,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    Rate { rate: f64, spacing: Spacing },
    Staged { stages: Vec<Stage>, spacing: Spacing },
    Trace(ArrivalTrace),
}

impl Arrivals {
    /// At a rate, for as long as they are asked for.
    ///
    /// # Errors
    /// Unless the rate and the coefficient of variation are positive and finite.
    pub fn try_new(rate: f64, spacing: Spacing) -> Result<Self, PlanError> {
        if !positive(rate) {
            return Err(PlanError::Rate(rate));
        }
        check(spacing)?;
        Ok(Self { source: Source::Rate { rate, spacing } })
    }

    /// Led through `stages`, whose levels are turns a second.
    ///
    /// # Errors
    /// When a stage or the spacing is impossible, or no turn is due in them.
    pub fn staged(stages: Vec<Stage>, spacing: Spacing) -> Result<Self, PlanError> {
        stage::check(&stages)?;
        check(spacing)?;
        Ok(Self { source: Source::Staged { stages, spacing } })
    }

    /// As they were recorded.
    #[must_use]
    pub fn recorded(trace: ArrivalTrace) -> Self {
        Self { source: Source::Trace(trace) }
    }

    /// Arrivals a second, where they do not change.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        match self.source {
            Source::Rate { rate, .. } => Some(rate),
            Source::Staged { .. } | Source::Trace(_) => None,
        }
    }

    /// Arrivals expected in the first `span`.
    #[must_use]
    pub fn expected(&self, span: Duration) -> f64 {
        match &self.source {
            Source::Rate { rate, .. } => rate * span.as_secs_f64(),
            Source::Staged { stages, .. } => Profile::staged(stages).expected(span.as_secs_f64()),
            #[expect(clippy::cast_precision_loss, reason = "a number of turns")]
            Source::Trace(trace) => trace.count_before(span) as f64,
        }
    }

    /// When there are no more; `None` is never.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        match &self.source {
            Source::Rate { .. } => None,
            Source::Staged { stages, .. } => Some(stage::length(stages)),
            Source::Trace(trace) => Some(trace.length()),
        }
    }

    /// Coefficient of variation of the gaps: 0 is even or known beforehand, 1 is Poisson.
    #[must_use]
    pub fn variation(&self) -> f64 {
        match self.spacing() {
            None | Some(Spacing::Constant) => 0.0,
            Some(Spacing::Poisson) => 1.0,
            Some(Spacing::Gamma(cv)) => cv,
        }
    }

    /// The arrivals of shard `shard` of `shards`, in order.
    #[must_use]
    pub fn for_shard(&self, seed: u64, shard: u32, shards: u32) -> Queue {
        Queue::new(self, seed, shard, shards)
    }

    pub(crate) fn spacing(&self) -> Option<Spacing> {
        match self.source {
            Source::Rate { spacing, .. } | Source::Staged { spacing, .. } => Some(spacing),
            Source::Trace(_) => None,
        }
    }
}

impl std::fmt::Display for Arrivals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.source {
            Source::Rate { rate, spacing } => write!(f, "{rate} turns/s ({spacing})"),
            Source::Staged { stages, spacing } => {
                let stages: Vec<String> = stages.iter().map(ToString::to_string).collect();
                write!(f, "turns/s in stages {} ({spacing})", stages.join(","))
            }
            Source::Trace(trace) => {
                write!(f, "{} recorded turns in {} s", trace.count(), trace.length().as_secs())
            }
        }
    }
}

impl std::fmt::Display for Spacing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Constant => f.write_str("constant"),
            Self::Poisson => f.write_str("poisson"),
            Self::Gamma(cv) => write!(f, "gamma:{cv}"),
        }
    }
}

fn positive(number: f64) -> bool {
    number.is_finite() && number > 1e-9
}

fn check(spacing: Spacing) -> Result<(), PlanError> {
    match spacing {
        Spacing::Gamma(cv) if !positive(cv) => Err(PlanError::Rate(cv)),
        _ => Ok(()),
    }
}
