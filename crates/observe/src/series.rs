//! Samples of hours in bounded memory.

use crate::merge::Pair;
use crate::{Observation, Status};
use std::collections::VecDeque;
use victor_types::{ProcessSample, Seconds, ServerResources, Warning};

/// Restarts named in the report; a server that crashes again and again fills no memory.
const MOST_RESTARTS: usize = 8;

/// What was observed of the target's process, thinned with age: one sample a second for the last
/// 10 minutes, one in 10 s for the last 6 hours, one a minute before that.
///
/// Where samples become one, CPU and other rates are their mean over time, and memory, threads and
/// other amounts the largest, so that no peak is lost.
#[derive(Debug)]
pub struct Series {
    tiers: [Tier; 3],
    process: Option<(u32, String)>,
    restarts: Vec<Seconds>,
    missing: Option<String>,
    last_at: f64,
}

impl Default for Series {
    fn default() -> Self {
        Self::new()
    }
}

impl Series {
    /// An empty series.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tiers: [
                Tier::new(1.0, Some(600.0)),
                Tier::new(10.0, Some(6.0 * 3600.0)),
                Tier::new(60.0, None),
            ],
            process: None,
            restarts: Vec::new(),
            missing: None,
            last_at: 0.0,
        }
    }

    /// Takes in what [`crate::Watch`] reported, in its order.
    pub fn observe(&mut self, observation: Observation) {
        match observation {
            Observation::Found { at, pid, command } => {
                if self.process.is_some() && self.restarts.len() < MOST_RESTARTS {
                    self.restarts.push(at);
                }
                self.process = Some((pid, command));
                self.missing = None;
                self.last_at = at.0;
            }
            Observation::Sample(sample) => {
                self.missing = None;
                self.push(sample);
            }
            Observation::Missing { reason, .. } => self.missing = Some(reason),
        }
    }

    /// The samples, oldest first.
    #[must_use]
    pub fn samples(&self) -> Vec<ProcessSample> {
        self.tiers.iter().rev().flat_map(|tier| &tier.kept).map(|kept| kept.sample).collect()
    }

    /// The part of the run report, with what the watch says of itself; `None` when nothing was
    /// sampled. The process is the last one found.
    #[must_use]
    pub fn resources(&self, status: &Status) -> Option<ServerResources> {
        let (pid, command) = self.process.clone()?;
        let samples = self.samples();
        let machine = status.machine().unwrap_or_default();
        (!samples.is_empty()).then(|| ServerResources {
            pid,
            command,
            cores: machine.cores,
            memory_total: machine.memory,
            samples,
            observer: status.observer().map(str::to_owned),
            metrics: status.metrics().map(str::to_owned),
            cost: status.cost(),
        })
    }

    /// The doubts that follow: a process that is not sampled, and up to 8 restarts.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let missing = self.missing.clone().map(|reason| Warning::ServerNotSampled { reason });
        let restarts = self.restarts.iter().map(|&at| Warning::ServerRestarted { at });
        missing.into_iter().chain(restarts).collect()
    }

    fn push(&mut self, sample: ProcessSample) {
        let covered = (sample.at.0 - self.last_at).max(0.0);
        self.last_at = sample.at.0;
        let mut arriving = vec![Kept { sample, covered }];
        for tier in &mut self.tiers {
            let mut leaving = Vec::new();
            for kept in arriving {
                tier.add(kept);
            }
            leaving.extend(std::iter::from_fn(|| tier.outdated(sample.at)));
            arriving = leaving;
        }
    }
}

/// A sample, and the seconds its CPU is a mean over.
#[derive(Debug, Clone, Copy)]
struct Kept {
    sample: ProcessSample,
    covered: f64,
}

impl Kept {
    fn merge(&mut self, later: Self) {
        let pair = Pair { first_covers: self.covered, second_covers: later.covered };
        let sample = pair.merge(&self.sample, &later.sample);
        let covered = self.covered + later.covered;
        *self = Self { sample, covered };
    }
}

/// Samples of one density.
#[derive(Debug)]
struct Tier {
    /// Seconds that one kept sample stands for.
    width: f64,
    /// Seconds until a sample moves on; `None` is never.
    keep_for: Option<f64>,
    kept: VecDeque<Kept>,
}

impl Tier {
    fn new(width: f64, keep_for: Option<f64>) -> Self {
        Self { width, keep_for, kept: VecDeque::new() }
    }

    fn add(&mut self, arriving: Kept) {
        let bin = |kept: &Kept| (kept.sample.at.0 / self.width).floor();
        match self.kept.back_mut() {
            Some(last) if bin(last) >= bin(&arriving) => last.merge(arriving),
            _ => self.kept.push_back(arriving),
        }
    }

    fn outdated(&mut self, now: Seconds) -> Option<Kept> {
        let keep_for = self.keep_for?;
        self.kept.pop_front_if(|oldest| oldest.sample.at.0 < now.0 - keep_for)
    }
}

#[cfg(test)]
mod tests;
