//! What the two ends of the run used of the machine.

use crate::{Bytes, Millis, Seconds};
use serde::{Deserialize, Serialize};

/// The target's process over the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerResources {
    /// Process id.
    pub pid: u32,
    /// Its name, as the kernel shows it.
    pub command: String,
    /// Cores of the machine; a process can use at most this many.
    pub cores: u32,
    /// Memory of the machine.
    pub memory_total: Bytes,
    /// About one sample a second, thinned in long runs.
    pub samples: Vec<ProcessSample>,
}

/// The target's process at one instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessSample {
    /// From the start of the run.
    pub at: Seconds,
    /// CPU since the previous sample in cores: 1.0 is one core fully used.
    pub cpu_cores: f64,
    /// Resident memory.
    pub rss: Bytes,
    /// Threads.
    pub threads: u32,
    /// Open file descriptors; absent when not permitted to look.
    pub fds: Option<u32>,
}

/// The generator over the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct GeneratorHealth {
    /// Shards (threads) that made the load.
    pub shards: u32,
    /// CPU share of the busiest shard over the run, 0 to 1.
    pub cpu: f64,
    /// 99th percentile over the run of how late a 5 ms ticker on the shards fired.
    pub ticker_late_p99: Millis,
    /// Largest resident memory seen.
    pub rss_peak: Bytes,
    /// 99th percentile over the run of the schedule slip; only in open loads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slip_p99: Option<Millis>,
}
