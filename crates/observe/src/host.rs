//! The machine, and this process on it.

use crate::ObserveError;
use procfs::{CpuInfo, Current, Meminfo, process::Process};
use rustix::time::{ClockId, clock_gettime};
use victor_clock::Duration;
use victor_types::Bytes;

/// What the machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    cores: u32,
    memory: Bytes,
}

impl Host {
    /// Cores that are switched on, whether or not this process may use them.
    #[must_use]
    pub fn cores(&self) -> u32 {
        self.cores
    }

    /// Memory in all.
    #[must_use]
    pub fn memory(&self) -> Bytes {
        self.memory
    }
}

/// Reads what the machine has.
///
/// # Errors
/// [`ObserveError::Unreadable`] without a readable `/proc`.
pub fn host() -> Result<Host, ObserveError> {
    let cores = u32::try_from(CpuInfo::current()?.num_cores()).unwrap_or(u32::MAX);
    Ok(Host { cores, memory: Bytes(Meminfo::current()?.mem_total) })
}

/// What this process uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelfUsage {
    rss: Bytes,
    cpu: Duration,
}

impl SelfUsage {
    /// Resident memory now.
    #[must_use]
    pub fn rss(&self) -> Bytes {
        self.rss
    }

    /// CPU time of all its threads since it started, to the nanosecond. The difference of two
    /// readings over the time between them is the cores used.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        self.cpu
    }
}

/// Reads what this process uses: some ten microseconds.
///
/// # Errors
/// [`ObserveError::Unreadable`] without a readable `/proc`.
pub fn self_usage() -> Result<SelfUsage, ObserveError> {
    let rss = Bytes(Process::myself()?.statm()?.resident * procfs::page_size());
    Ok(SelfUsage { rss, cpu: cpu_time(ClockId::ProcessCPUTime) })
}

/// CPU time of the calling thread.
pub(crate) fn thread_cpu() -> Duration {
    cpu_time(ClockId::ThreadCPUTime)
}

fn cpu_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_at_least_what_this_process_may_use() {
        let host = host().expect("readable");
        let usable = std::thread::available_parallelism().expect("known").get();
        assert!(usize::try_from(host.cores()).expect("few") >= usable);
        assert!(host.memory() > self_usage().expect("readable").rss());
    }

    #[test]
    fn memory_and_cpu_time_grow_with_what_is_done() {
        let before = self_usage().expect("readable");
        let block = vec![1_u8; 64 << 20];
        let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
        let after = self_usage().expect("readable");
        assert_eq!(sum, 64 << 20);
        // Other tests of this process may free memory meanwhile, but not as much.
        assert!(after.rss().0 > before.rss().0 + (48 << 20), "{before:?} {after:?}");
        assert!(after.cpu() > before.cpu());
    }
}
