//! What one who watches a process reports, also from another machine.

use crate::{Bytes, Millis, ProcessSample, Seconds};
use serde::{Deserialize, Serialize};

/// Version of [`ObserverPage`] and of the lines that `victor observe` prints. It rises as
/// [`crate::REPORT_VERSION`] does.
pub const OBSERVER_VERSION: u32 = 1;

/// Something seen of the target's process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "nearly every observation is a sample")]
pub enum Observation {
    /// A process was found and is sampled from here on. After the first time: the one before was
    /// replaced.
    Found {
        /// When, from the start of the run.
        at: Seconds,
        /// Its id.
        pid: u32,
        /// Its name, as the kernel shows it.
        command: String,
    },
    /// What it used.
    Sample(ProcessSample),
    /// From here on nothing is sampled. Reported again only when the reason changes.
    Missing {
        /// When, from the start of the run.
        at: Seconds,
        /// Why, in words that end a sentence.
        reason: String,
    },
}

impl Observation {
    /// When it was seen, from the start of the run.
    #[must_use]
    pub fn at(&self) -> Seconds {
        match self {
            Self::Found { at, .. } | Self::Missing { at, .. } => *at,
            Self::Sample(sample) => sample.at,
        }
    }

    /// The same, seen `later` (which may be negative).
    #[must_use]
    pub fn shifted(mut self, later: Seconds) -> Self {
        let at = match &mut self {
            Self::Found { at, .. } | Self::Missing { at, .. } => at,
            Self::Sample(sample) => &mut sample.at,
        };
        at.0 += later.0;
        self
    }
}

/// What the machine of the target has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Cores that are switched on.
    pub cores: u32,
    /// Memory in all.
    pub memory: Bytes,
}

/// What observing itself took, so that it can be told from what it found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ObserverCost {
    /// CPU time spent on sampling.
    pub cpu: Seconds,
    /// That CPU time as a mean over the time observed, in cores.
    pub cpu_cores: f64,
    /// The longest that reading one sample took.
    pub longest_read: Millis,
    /// Samples taken.
    pub samples: u64,
    /// Readings left out to stay below the allowed cost.
    pub skipped: u64,
}

/// The answer of `victor observe` to `GET /v1/observations?after=NUMBER`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObserverPage {
    /// [`OBSERVER_VERSION`] of the writer.
    pub version: u32,
    /// Differs from one start of an observer to the next.
    pub instance: String,
    /// The observer's clock: seconds since it was started. `at` of the observations is on it.
    pub now: Seconds,
    /// The machine it runs on.
    pub machine: Machine,
    /// What it took so far.
    pub cost: ObserverCost,
    /// The number to ask for observations after these.
    pub next: u64,
    /// Observations after the number asked for, oldest first, as far as they are still held.
    pub observations: Vec<Observation>,
}
