//! Doubts are values: reports and exit codes read them.

use crate::{Millis, Seconds};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a [`Warning`] weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the numbers stand.
    Notice,
    /// The numbers may be off.
    Doubt,
    /// The numbers are not the target's: the run is invalid.
    Invalidating,
}

/// A doubt about a run, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// A generator thread was nearly always busy.
    GeneratorCpu {
        /// Share of wall time spent on the CPU by the busiest shard, 0 to 1.
        share: f64,
    },
    /// The generator's own timers fired late.
    GeneratorLate {
        /// 99th percentile of the lateness.
        p99: Millis,
    },
    /// Turns of an open load were dispatched after their planned instant.
    ScheduleSlip {
        /// 99th percentile of the slip.
        p99: Millis,
    },
    /// Turns of an open load waited for a free user, because all that were allowed were busy.
    UsersExhausted {
        /// How many waited.
        waited: u64,
        /// How many were never sent.
        unsent: u64,
        /// Most users allowed.
        most_users: u64,
    },
    /// A generator thread died; what it had not yet sent is lost.
    GeneratorFailed,
    /// The run ended before all users had started.
    RampIncomplete {
        /// Users that had started.
        started: u64,
        /// Users asked for.
        wanted: u64,
    },
    /// Turns were in flight at the end; the tail may look better than it is.
    Incomplete {
        /// How many.
        count: u64,
        /// Share of all turns sent.
        share: f64,
    },
    /// The server's process was not found, so its CPU and memory are unknown.
    ServerNotSampled {
        /// Why.
        reason: String,
    },
    /// The server's process changed during the run.
    ServerRestarted {
        /// When, from the start of the run.
        at: Seconds,
    },
    /// Nothing succeeded.
    NoSuccess,
}

impl Warning {
    /// How much it weighs. Thresholds on the generator: a thread over 70 % CPU or a ticker more
    /// than 5 ms late is a doubt; over 90 %, or over 20 ms, the generator is the bottleneck.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::GeneratorCpu { share } if *share > 0.9 => Severity::Invalidating,
            Self::GeneratorLate { p99 } if p99.0 > 20.0 => Severity::Invalidating,
            Self::ScheduleSlip { p99 } if p99.0 > 5.0 => Severity::Invalidating,
            Self::GeneratorFailed => Severity::Invalidating,
            Self::GeneratorCpu { .. }
            | Self::GeneratorLate { .. }
            | Self::ScheduleSlip { .. }
            | Self::UsersExhausted { .. }
            | Self::ServerRestarted { .. }
            | Self::NoSuccess => Severity::Doubt,
            Self::Incomplete { share, .. } if *share > 0.01 => Severity::Doubt,
            Self::RampIncomplete { .. }
            | Self::Incomplete { .. }
            | Self::ServerNotSampled { .. } => Severity::Notice,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GeneratorCpu { share } => write!(
                f,
                "the load generator's busiest thread used {:.0} % of a core; above 90 % its own \
                 speed is what was measured: use fewer users or more shards",
                share * 100.0
            ),
            Self::GeneratorLate { p99 } => write!(
                f,
                "the load generator's timers fired up to {p99} late (p99); above 20 ms the \
                 latencies are not the target's: give it a core that nothing else uses"
            ),
            Self::ScheduleSlip { p99 } => write!(
                f,
                "turns left up to {p99} after they were due (p99), through the load generator's own \
                 fault; above 5 ms the latencies are its own: give it a free core or a lower \
                 --arrival-rate"
            ),
            Self::UsersExhausted { waited, unsent, most_users } => write!(
                f,
                "{waited} turns were due while all {most_users} users were busy and waited for one \
                 (part of their latency), {unsent} were never sent: raise --max-users to offer them \
                 at once"
            ),
            Self::GeneratorFailed => f.write_str(
                "a load generator thread died (its message is above); up to a second of what it \
                 measured is missing: please report this as a defect",
            ),
            Self::RampIncomplete { started, wanted } => write!(
                f,
                "the run ended with {started} of {wanted} users started: raise --run-time or \
                 --spawn-rate"
            ),
            Self::Incomplete { count, share } => write!(
                f,
                "{count} turns ({:.1} %) were in flight at the end and enter no percentile: \
                 --stop-timeout waits for them",
                share * 100.0
            ),
            Self::ServerNotSampled { reason } => {
                write!(f, "the server's CPU and memory were not sampled: {reason}")
            }
            Self::ServerRestarted { at } => {
                write!(f, "the server's process was replaced {:.0} s into the run", at.0)
            }
            Self::NoSuccess => f.write_str("no turn succeeded, so no latency was measured"),
        }
    }
}

/// Whether the numbers of a run are the target's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Validity {
    /// All doubts, gravest first.
    pub warnings: Vec<Warning>,
}

impl Validity {
    /// Sorts the doubts, gravest first.
    #[must_use]
    pub fn new(mut warnings: Vec<Warning>) -> Self {
        warnings.sort_by_key(|warning| std::cmp::Reverse(warning.severity()));
        Self { warnings }
    }

    /// False when any doubt is invalidating.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.warnings.iter().all(|warning| warning.severity() < Severity::Invalidating)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_comes_first_and_decides() {
        let validity = Validity::new(vec![
            Warning::NoSuccess,
            Warning::RampIncomplete { started: 1, wanted: 2 },
            Warning::GeneratorCpu { share: 0.95 },
        ]);
        assert_eq!(validity.warnings[0], Warning::GeneratorCpu { share: 0.95 });
        assert!(!validity.is_valid());
        assert!(Validity::new(vec![Warning::GeneratorCpu { share: 0.8 }]).is_valid());
    }
}
