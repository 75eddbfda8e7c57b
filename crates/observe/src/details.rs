//! What is read of a process beside CPU and resident memory, each part at its own pace.

mod activity;
mod memory;
mod sockets;

use crate::cgroup::Cgroup;
use crate::host::thread_cpu;
use crate::machine::MachineReader;
use crate::pace::Pace;
use activity::Activity;
use procfs::process::{Process, Stat};
use victor_clock::{Duration, Instant, now};
use victor_types::{MemorySample, ProcessSample};

/// Pace of what takes some tens of microseconds.
const OFTEN: Duration = Duration::from_millis(900);

/// Pace of what the kernel has to search for: shares of memory, sockets.
const SELDOM: Duration = Duration::from_secs(5);

/// The readers of one process tree.
#[derive(Debug)]
pub(crate) struct Details {
    activity: Activity,
    cgroup: Option<Cgroup>,
    machine: MachineReader,
    often: Pace,
    threads: Pace,
    shares: Pace,
    sockets: Pace,
}

impl Details {
    /// For the tree of `root`.
    pub(crate) fn new(root: &Process) -> Self {
        Self {
            activity: Activity::default(),
            cgroup: Cgroup::of(root),
            machine: MachineReader::default(),
            often: Pace::new(OFTEN),
            threads: Pace::new(OFTEN),
            shares: Pace::new(SELDOM),
            sockets: Pace::new(SELDOM),
        }
    }

    /// Adds to `sample` what is due.
    pub(crate) fn add(
        &mut self,
        live: &[&(&Process, Stat)],
        at: Instant,
        sample: &mut ProcessSample,
    ) {
        if self.often.is_due(at) {
            timed(&mut self.often, at, || {
                sample.memory = memory::quick(live);
                sample.activity = self.activity.of_processes(live, at);
                sample.host = self.machine.read(at);
                sample.cgroup = self.cgroup.as_mut().and_then(|cgroup| cgroup.read(at));
            });
        }
        if self.threads.is_due(at) {
            let switches = timed(&mut self.threads, at, || self.activity.of_threads(live, at));
            if let Some([voluntary, involuntary]) = switches {
                let activity = sample.activity.get_or_insert_default();
                activity.voluntary_switches = voluntary;
                activity.involuntary_switches = involuntary;
            }
        }
        if self.shares.is_due(at) {
            let shares = timed_holding(&mut self.shares, at, || memory::shares(live));
            if let Some((pss, uss)) = shares {
                let memory: &mut MemorySample = sample.memory.get_or_insert_default();
                (memory.pss, memory.uss) = (Some(pss), Some(uss));
            }
        }
        if self.sockets.is_due(at) {
            sample.sockets = timed(&mut self.sockets, at, || sockets::count(live));
        }
    }

    /// Readings left out because they cost too much.
    pub(crate) fn skipped(&self) -> u64 {
        let paces = [&self.often, &self.threads, &self.shares, &self.sockets];
        paces.into_iter().map(Pace::skipped).sum()
    }
}

/// Reads and keeps the pace by the CPU time it took: the time on the clock says more about how busy
/// the machine is than about the reading.
fn timed<T>(pace: &mut Pace, at: Instant, read: impl FnOnce() -> T) -> T {
    let began = thread_cpu();
    let found = read();
    pace.took(at, thread_cpu().saturating_sub(began), Duration::ZERO);
    found
}

/// As [`timed`], for a reading during which the kernel holds the target's memory map: there the time
/// on the clock counts as well.
fn timed_holding<T>(pace: &mut Pace, at: Instant, read: impl FnOnce() -> T) -> T {
    let (began, clock) = (thread_cpu(), now());
    let found = read();
    let held = now().saturating_duration_since(clock);
    pace.took(at, thread_cpu().saturating_sub(began), held);
    found
}

#[cfg(test)]
mod tests;
