//! Everything about a run, decided.

use crate::{Api, Habits, Load, Mix, Secret, Slo, StopRule, Targets, TransportOptions};
use std::time::Duration;

/// A run, decided to the last choice. Two runs of the same plan offer the same load.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Where to.
    pub target: TargetAddress,
    /// Which users.
    pub mix: Mix,
    /// How much, and when.
    pub load: Load,
    /// When to stop.
    pub stop: StopRule,
    /// Time from the start that is measured but not judged; `None` leaves out the ramp of a closed
    /// load, until all users have started.
    pub warm_up: Option<Duration>,
    /// What users do when a turn does not go well.
    pub habits: Habits,
    /// How long to wait for what.
    pub limits: TimeLimits,
    /// Seed of every random choice.
    pub seed: u64,
    /// Generator threads; users are dealt out to them in turn.
    pub shards: u32,
    /// What counts as good enough.
    pub targets: Targets,
    /// What makes a turn good, for goodput.
    pub slo: Option<Slo>,
}

impl Plan {
    /// The instant from which the run is judged, in whole seconds from its start: the end of the
    /// warm-up, or of the ramp when none was asked for. Stages have no ramp of their own: all of
    /// them are judged.
    #[must_use]
    pub fn judged_from(&self) -> Duration {
        let ramp = || match &self.load {
            Load::Closed(spawn) => spawn.ramp().unwrap_or_default(),
            Load::Open { .. } => Duration::ZERO,
        };
        let from = self.warm_up.unwrap_or_else(ramp);
        Duration::from_secs(from.as_secs() + u64::from(from.subsec_nanos() > 0))
    }
}

/// The target and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetAddress {
    /// Base address, `http://localhost:8000`.
    pub host: String,
    /// What it speaks; `None` is to be found out before the load.
    pub api: Option<Api>,
    /// Sent as `Authorization: Bearer` (`x-api-key` to the messages API); never printed.
    pub api_key: Option<Secret>,
    /// Provider asked for; `None` is the server's default.
    pub provider: Option<String>,
    /// Model asked for; `None` is the server's default.
    pub model: Option<String>,
    /// Ask for streamed answers.
    pub stream: bool,
    /// How it is reached.
    pub transport: TransportOptions,
}

/// Time limits of one turn, by phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    /// Opening a connection.
    pub connect: Duration,
    /// From the request's last byte to the response's first.
    pub first_byte: Duration,
    /// Silence within a response, after its first byte.
    pub stall: Duration,
    /// The whole turn.
    pub total: Duration,
}

impl Default for TimeLimits {
    /// 5 s to connect, 60 s to the first byte, 30 s of silence, 5 minutes in all.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(60),
            stall: Duration::from_secs(30),
            total: Duration::from_secs(300),
        }
    }
}
