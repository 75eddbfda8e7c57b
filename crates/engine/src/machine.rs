//! The machine around the generator: what takes its CPU away, and what it may run out of.
//!
//! Read once a second on the thread that collects, never on one that makes load.

use crate::cgroup::CpuGroup;
use crate::own_thread::own_rss;
use rustix::process::{Resource, getrlimit};
use rustix::thread::sched_getaffinity;
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use victor_clock::{Duration, Instant, now};
use victor_types::{Bytes, GeneratorMachine};

/// The machine over a run, or over any stretch of time.
#[derive(Debug)]
pub struct Machine {
    began: Instant,
    cpu: f64,
    steal: Option<(u64, u64)>,
    group: CpuGroup,
    throttled: Duration,
    health: GeneratorMachine,
}

impl Machine {
    /// Begins to watch at `began`.
    #[must_use]
    pub fn watch(began: Instant) -> Self {
        let group = CpuGroup::own();
        let cores = sched_getaffinity(None).map_or(1.0, |set| f64::from(set.count()));
        let health = GeneratorMachine {
            cores: group.quota().map_or(cores, |quota| quota.min(cores)),
            files: (0, getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)),
            ports: (0, port_range().unwrap_or(0)),
            memory: (Bytes(0), memory_total()),
            ..GeneratorMachine::default()
        };
        let throttled = group.throttled();
        Self { began, cpu: process_cpu(), steal: steal(), group, throttled, health }
    }

    /// Looks at the machine; cheap enough for once a second.
    pub fn look(&mut self) {
        let health = &mut self.health;
        let wall = now().saturating_duration_since(self.began).as_secs_f64();
        if wall > 0.0 {
            health.cpu = (process_cpu() - self.cpu) / wall / health.cores;
            let throttled = self.group.throttled().saturating_sub(self.throttled);
            health.throttled = throttled.as_secs_f64() / wall;
        }
        if let (Some(then), Some(now)) = (self.steal, steal()) {
            let (stolen, total) = (now.0.saturating_sub(then.0), now.1.saturating_sub(then.1));
            #[expect(clippy::cast_precision_loss, reason = "a share to 15 digits is enough")]
            let share = stolen as f64 / total.max(1) as f64;
            health.steal = share;
        }
        let open = open_files();
        health.files.0 = health.files.0.max(open);
        // Own connections hold a port each; ports of closed ones stay taken for a minute.
        health.ports.0 = health.ports.0.max(open + waiting_ports().unwrap_or(0));
        health.memory.0 = health.memory.0.max(own_rss());
    }

    /// What was seen so far.
    #[must_use]
    pub fn health(&self) -> GeneratorMachine {
        self.health
    }

    /// Cores that the tightest quota of the control groups allows; `None` without one.
    #[must_use]
    pub fn cpu_quota(&self) -> Option<f64> {
        self.group.quota()
    }

    /// The tightest limit of memory of the control groups; `None` without one.
    #[must_use]
    pub fn memory_limit(&self) -> Option<Bytes> {
        self.group.memory_limit()
    }

    /// Open files that this process may have, soft and hard limit; `None` is no limit.
    #[must_use]
    pub fn file_limits() -> (Option<u64>, Option<u64>) {
        let limit = getrlimit(Resource::Nofile);
        (limit.current, limit.maximum)
    }

    /// Memory that programs can still have without swapping.
    #[must_use]
    pub fn memory_available() -> Bytes {
        of_meminfo("MemAvailable:")
    }
}

/// CPU time of this process in seconds.
#[expect(clippy::cast_precision_loss, reason = "seconds of CPU time")]
fn process_cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Stolen and total CPU time of the machine since it started, in ticks (proc(5), `/proc/stat`).
fn steal() -> Option<(u64, u64)> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let numbers: Vec<u64> = text
        .lines()
        .next()?
        .split_ascii_whitespace()
        .skip(1)
        .map_while(|n| n.parse().ok())
        .collect();
    // Guests' time is in the user's already.
    Some((*numbers.get(7)?, numbers.iter().take(8).sum()))
}

/// Descriptors of this process: newer kernels give their number as the folder's size.
fn open_files() -> u64 {
    const FOLDER: &str = "/proc/self/fd";
    match fs::metadata(FOLDER) {
        Ok(folder) if folder.len() > 0 => folder.len(),
        _ => fs::read_dir(FOLDER).map_or(0, |entries| entries.count() as u64),
    }
}

/// Local ports for outgoing connections to one address.
fn port_range() -> Option<u64> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = text.split_ascii_whitespace().map(|end| end.parse::<u64>().ok());
    let (low, high) = (ends.next()??, ends.next()??);
    Some(high.saturating_sub(low) + 1)
}

/// Connections in `TIME_WAIT`, of all processes.
fn waiting_ports() -> Option<u64> {
    let text = fs::read_to_string("/proc/net/sockstat").ok()?;
    let line = text.lines().find(|line| line.starts_with("TCP:"))?;
    let mut words = line.split_ascii_whitespace().skip_while(|word| *word != "tw");
    words.nth(1)?.parse().ok()
}

/// Memory of the machine.
fn memory_total() -> Bytes {
    of_meminfo("MemTotal:")
}

/// A line of `/proc/meminfo`, 0 where there is none.
fn of_meminfo(name: &str) -> Bytes {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    let kib: u64 = line.split_ascii_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    Bytes(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_seen_as_it_is() {
        let mut machine = Machine::watch(now() - Duration::from_secs(1));
        let before = machine.health();
        assert!(before.cores > 0.0 && before.memory.1.0 > 1 << 20, "{before:?}");
        assert!(before.ports.1 > 1 && before.files.1 > 2, "{before:?}");
        let held: Vec<_> = (0..20).map(|_| fs::File::open("/proc/stat").expect("file")).collect();
        machine.look();
        let after = machine.health();
        assert!(after.files.0 > 20 && after.ports.0 >= after.files.0, "{held:?} {after:?}");
        assert!((0.0..=1.0).contains(&after.steal) && after.cpu >= 0.0, "{after:?}");
    }
}
