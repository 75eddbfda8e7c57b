//! What the two ends of the run used of the machine.

use crate::{Bytes, Millis, Seconds};
use serde::{Deserialize, Serialize};

mod detail;
mod observation;

pub use detail::{
    ActivitySample, CgroupSample, HostSample, MemorySample, MetricsSample, SocketCounts,
};
pub use observation::{Machine, OBSERVER_VERSION, Observation, ObserverCost, ObserverPage};

/// The target's process over the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// The `victor observe` beside the target that saw this; absent when the run itself did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observer: Option<String>,
    /// Where the target's own metrics were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<String>,
    /// What the sampling took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<ObserverCost>,
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
    /// The part of `cpu_cores` that the kernel used on the process's behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_system: Option<f64>,
    /// Processes of the tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
    /// What the memory is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemorySample>,
    /// Context switches, page faults and input/output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<ActivitySample>,
    /// Its TCP sockets; counted seldom where there are many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<SocketCounts>,
    /// The machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostSample>,
    /// Its control group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<CgroupSample>,
    /// What it tells of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<MetricsSample>,
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
    /// Share of time, on the shard that fared worst, in which it was ready to run and had no core.
    #[serde(default, skip_serializing_if = "is_default")]
    pub run_queue: f64,
    /// Turns of an open load left out because they were due during a pause.
    #[serde(default, skip_serializing_if = "is_default")]
    pub skipped: u64,
    /// Connections that could not be opened because no port was left on this machine.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_port: u64,
    /// Connections that could not be opened because no file or buffer was left.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_file: u64,
    /// What the machine around it did; absent where the kernel does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<GeneratorMachine>,
}

/// What is as it is when nothing was seen need not be written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The machine around the generator, over the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct GeneratorMachine {
    /// Cores that the generator may use: its affinity, and the quota of its control group.
    pub cores: f64,
    /// CPU of the generator's process over those, 0 to 1.
    pub cpu: f64,
    /// Share of the machine's CPU time that its host took away.
    pub steal: f64,
    /// Share of time in which the control group's quota stopped the process.
    pub throttled: f64,
    /// Most descriptors that were open, and the limit.
    pub files: (u64, u64),
    /// Most local ports in use or waiting to be free again, and how many there are for connections.
    pub ports: (u64, u64),
    /// Largest resident memory seen, and what the machine or control group has.
    pub memory: (Bytes, Bytes),
}
