//! The control group of a process, of version 1, version 2, or some controllers of each.

mod place;
mod read;

use crate::counters::Counters;
use place::{Place, places};
use procfs::process::Process;
use read::{Cpu, Memory};
use victor_clock::Instant;
use victor_types::{Bytes, CgroupSample};

/// Version of the interface of a controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}

/// Reads the group of one process again and again. A process that is moved to another group is read
/// in the one it was found in.
#[derive(Debug)]
pub(crate) struct Cgroup {
    memory: Option<Place>,
    cpu: Option<Place>,
    accounting: Option<Place>,
    counters: Counters<(), 2>,
}

impl Cgroup {
    /// The group of `process`. `None` when it is in none but the root, which is the machine.
    pub(crate) fn of(process: &Process) -> Option<Self> {
        let membership = std::fs::read_to_string(format!("/proc/{}/cgroup", process.pid())).ok()?;
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
        Self::found(&membership, &mounts)
    }

    fn found(membership: &str, mounts: &str) -> Option<Self> {
        let places = places(membership, mounts);
        let with = |controller| places.iter().find(|place| place.has(controller)).cloned();
        let (memory, cpu, accounting) = (with("memory"), with("cpu"), with("cpuacct"));
        let any = memory.is_some() || cpu.is_some() || accounting.is_some();
        any.then(|| Self { memory, cpu, accounting, counters: Counters::default() })
    }

    /// What the group uses and may use.
    pub(crate) fn read(&mut self, at: Instant) -> Option<CgroupSample> {
        let memory = self.memory.as_ref().map(Memory::read).unwrap_or_default();
        let cpu = self.cpu.as_ref().map(Cpu::read).unwrap_or_default();
        let used = self.accounting.as_ref().and_then(read::cpu_used).or(cpu.used);
        let [cpu_cores, throttled] = self.counters.of_one([used, cpu.throttled], at);
        let sample = CgroupSample {
            memory: memory.current.map(Bytes),
            inactive_file: memory.inactive_file.map(Bytes),
            memory_limit: memory.limit.map(Bytes),
            cpu_cores: cpu_cores.map(|nanos| nanos / 1e9),
            cpu_limit: cpu.limit,
            throttled: throttled.map(|nanos| nanos / 1e9),
            oom_kills: memory.oom_kills,
        };
        (sample != CgroupSample::default()).then_some(sample)
    }
}

#[cfg(test)]
mod tests;
