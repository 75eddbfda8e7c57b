//! Doubts are values: reports and exit codes read them.

use crate::{Bytes, Millis, Seconds};
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
    /// A generator thread was ready to run and had no core: something else used them.
    GeneratorStarved {
        /// Share of wall time on the run queue, of the shard that fared worst, 0 to 1.
        share: f64,
    },
    /// The machine's host gave its CPU to others.
    Steal {
        /// Share of the machine's CPU time, 0 to 1.
        share: f64,
    },
    /// The control group's CPU quota stopped the generator.
    Throttled {
        /// Stopped time over wall time.
        share: f64,
    },
    /// Connections could not be opened, because this machine had no port left.
    NoPort {
        /// How often.
        count: u64,
        /// Over all turns sent, 0 to 1.
        share: f64,
    },
    /// Connections could not be opened, because this process may open no more files.
    NoFile {
        /// How often.
        count: u64,
        /// Over all turns sent, 0 to 1.
        share: f64,
    },
    /// Ports were running out.
    FewPorts {
        /// Most in use or waiting to be free again.
        used: u64,
        /// Ports there are for outgoing connections.
        of: u64,
    },
    /// Descriptors were running out.
    FewFiles {
        /// Most that were open.
        used: u64,
        /// The limit.
        of: u64,
    },
    /// The generator itself used much of the machine's memory.
    GeneratorMemory {
        /// Most that was resident.
        used: Bytes,
        /// Memory of the machine.
        of: Bytes,
    },
    /// Turns of an open load were due during a pause and were left out.
    Skipped {
        /// How many.
        count: u64,
    },
    /// Users, rate or pauses were changed by hand while the run went on.
    ChangedByHand,
    /// The run ended before judging began, so all of it was judged.
    NothingJudged {
        /// When judging was to begin.
        from: Seconds,
    },
}

impl Warning {
    /// How much it weighs. Thresholds on the generator: a thread over 70 % CPU or a ticker more
    /// than 5 ms late is a doubt; over 90 %, or over 20 ms, the generator is the bottleneck. So it is
    /// when a thread waited for a core for over a tenth of the time, when over 2 % of the CPU was
    /// stolen or over 2 % of the time throttled, and when over one turn in a thousand found no port
    /// or file; see the design note on validity for where these numbers come from.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::GeneratorCpu { share } if *share > 0.9 => Severity::Invalidating,
            Self::GeneratorLate { p99 } if p99.0 > 20.0 => Severity::Invalidating,
            Self::ScheduleSlip { p99 } if p99.0 > 5.0 => Severity::Invalidating,
            Self::GeneratorStarved { share } if *share > 0.1 => Severity::Invalidating,
            Self::Steal { share } | Self::Throttled { share } if *share > 0.02 => {
                Severity::Invalidating
            }
            Self::NoPort { share, .. } | Self::NoFile { share, .. } if *share > 0.001 => {
                Severity::Invalidating
            }
            Self::GeneratorFailed => Severity::Invalidating,
            Self::GeneratorStarved { .. }
            | Self::Steal { .. }
            | Self::Throttled { .. }
            | Self::NoPort { .. }
            | Self::NoFile { .. }
            | Self::FewPorts { .. }
            | Self::FewFiles { .. }
            | Self::GeneratorMemory { .. }
            | Self::NothingJudged { .. } => Severity::Doubt,
            Self::GeneratorCpu { .. }
            | Self::GeneratorLate { .. }
            | Self::ScheduleSlip { .. }
            | Self::UsersExhausted { .. }
            | Self::ServerRestarted { .. }
            | Self::NoSuccess => Severity::Doubt,
            Self::Incomplete { share, .. } if *share > 0.01 => Severity::Doubt,
            Self::RampIncomplete { .. }
            | Self::Skipped { .. }
            | Self::ChangedByHand
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
            other => other.of_machine(f),
        }
    }
}

impl Warning {
    /// What is said of the machine and of changes by hand.
    fn of_machine(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: &f64| share * 100.0;
        match self {
            Self::GeneratorStarved { share } => write!(
                f,
                "CPU starvation: a load generator thread waited for a core for {:.1} % of the time; \
                 above 10 % its waits are part of the latencies: stop what else runs here, or give \
                 it a machine or core of its own",
                percent(share)
            ),
            Self::Steal { share } => write!(
                f,
                "the host of this virtual machine took {:.1} % of its CPU time for others; above \
                 2 % the latencies are not the target's: use a machine of your own",
                percent(share)
            ),
            Self::Throttled { share } => write!(
                f,
                "throttled: the CPU quota of this control group stopped the load generator for \
                 {:.1} % of the time; above 2 % the latencies are its own: raise the quota",
                percent(share)
            ),
            Self::NoPort { count, .. } => write!(
                f,
                "ports exhausted: {count} connections could not be opened, because no local port \
                 was left: keep connections open, widen net.ipv4.ip_local_port_range, or use fewer \
                 users"
            ),
            Self::NoFile { count, .. } => write!(
                f,
                "files exhausted: {count} connections could not be opened, because this process may \
                 open no more files: raise `ulimit -n`, or use fewer users"
            ),
            Self::FewPorts { used, of } => write!(
                f,
                "{used} of {of} local ports were in use or waiting to be free again: few more \
                 connections can be opened to one address"
            ),
            Self::FewFiles { used, of } => {
                write!(f, "{used} of {of} descriptors were open: raise `ulimit -n` for more users")
            }
            Self::GeneratorMemory { used, of } => {
                write!(f, "the load generator itself used {used} of {of} of memory")
            }
            Self::Skipped { count } => {
                write!(f, "{count} turns were due during a pause and were left out")
            }
            Self::ChangedByHand => f.write_str(
                "users, rate or pauses were changed by hand, so what was offered is not what was \
                 planned",
            ),
            Self::NothingJudged { from } => write!(
                f,
                "the run ended before judging began at {:.0} s, so all of it was judged: raise \
                 --run-time",
                from.0
            ),
            _ => Ok(()),
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
