//! Two samples as one.

use victor_types::{
    ActivitySample, CgroupSample, HostSample, MemorySample, MetricsSample, PerSecond,
    ProcessSample, SocketCounts,
};

/// Two samples in a row, with the seconds that the rates of each are means over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) first_covers: f64,
    pub(crate) second_covers: f64,
}

impl Pair {
    /// One sample for both: amounts are the larger, so that no peak is lost (of what is free, the
    /// smaller), and rates the mean over time. What only one has is that one's.
    pub(crate) fn merge(self, a: &ProcessSample, b: &ProcessSample) -> ProcessSample {
        ProcessSample {
            at: b.at,
            cpu_cores: self.number(Some(a.cpu_cores), Some(b.cpu_cores)).unwrap_or(b.cpu_cores),
            rss: a.rss.max(b.rss),
            threads: a.threads.max(b.threads),
            fds: a.fds.max(b.fds),
            cpu_system: self.number(a.cpu_system, b.cpu_system),
            processes: a.processes.max(b.processes),
            memory: both(a.memory, b.memory, |a, b| MemorySample {
                anonymous: a.anonymous.max(b.anonymous),
                swap: a.swap.max(b.swap),
                pss: a.pss.max(b.pss),
                uss: a.uss.max(b.uss),
            }),
            activity: both(a.activity, b.activity, |a, b| self.activity(a, b)),
            sockets: both(a.sockets, b.sockets, |a, b| SocketCounts {
                established: a.established.max(b.established),
                close_wait: a.close_wait.max(b.close_wait),
                time_wait: a.time_wait.max(b.time_wait),
                listening: a.listening.max(b.listening),
                other: a.other.max(b.other),
                waiting_accept: a.waiting_accept.max(b.waiting_accept),
            }),
            host: both(a.host, b.host, |a, b| self.host(a, b)),
            cgroup: both(a.cgroup, b.cgroup, |a, b| CgroupSample {
                memory: a.memory.max(b.memory),
                inactive_file: a.inactive_file.max(b.inactive_file),
                memory_limit: b.memory_limit.or(a.memory_limit),
                cpu_cores: self.number(a.cpu_cores, b.cpu_cores),
                cpu_limit: b.cpu_limit.or(a.cpu_limit),
                throttled: self.number(a.throttled, b.throttled),
                oom_kills: a.oom_kills.max(b.oom_kills),
            }),
            metrics: both(a.metrics, b.metrics, |a, b| MetricsSample {
                heap: a.heap.max(b.heap),
                gc_runs: self.rate(a.gc_runs, b.gc_runs),
                gc_share: self.number(a.gc_share, b.gc_share),
                live_sessions: larger(a.live_sessions, b.live_sessions),
                in_flight: larger(a.in_flight, b.in_flight),
                waiting: larger(a.waiting, b.waiting),
            }),
        }
    }

    fn activity(self, a: ActivitySample, b: ActivitySample) -> ActivitySample {
        ActivitySample {
            voluntary_switches: self.rate(a.voluntary_switches, b.voluntary_switches),
            involuntary_switches: self.rate(a.involuntary_switches, b.involuntary_switches),
            minor_faults: self.rate(a.minor_faults, b.minor_faults),
            major_faults: self.rate(a.major_faults, b.major_faults),
            read: self.rate(a.read, b.read),
            written: self.rate(a.written, b.written),
        }
    }

    fn host(self, a: HostSample, b: HostSample) -> HostSample {
        let free = |host: HostSample| host.memory_available;
        HostSample {
            cpu_cores: self.number(a.cpu_cores, b.cpu_cores),
            steal_cores: self.number(a.steal_cores, b.steal_cores),
            io_wait_cores: self.number(a.io_wait_cores, b.io_wait_cores),
            memory_available: [free(a), free(b)].into_iter().flatten().min(),
            cpu_pressure: self.number(a.cpu_pressure, b.cpu_pressure),
            memory_pressure: self.number(a.memory_pressure, b.memory_pressure),
            io_pressure: self.number(a.io_pressure, b.io_pressure),
            received: self.rate(a.received, b.received),
            sent: self.rate(a.sent, b.sent),
        }
    }

    fn number(self, a: Option<f64>, b: Option<f64>) -> Option<f64> {
        let whole = self.first_covers + self.second_covers;
        both(a, b, |a, b| {
            if whole > 0.0 { (a * self.first_covers + b * self.second_covers) / whole } else { b }
        })
    }

    fn rate(self, a: Option<PerSecond>, b: Option<PerSecond>) -> Option<PerSecond> {
        self.number(a.map(|rate| rate.0), b.map(|rate| rate.0)).map(PerSecond)
    }
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    both(a, b, f64::max)
}

/// `join` of both, or the one there is.
fn both<T>(a: Option<T>, b: Option<T>, join: impl FnOnce(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(join(a, b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_types::Bytes;

    #[test]
    fn peaks_stay_rates_are_means_and_what_is_absent_stays_absent() {
        let first = ProcessSample {
            cpu_system: Some(1.0),
            memory: Some(MemorySample { pss: Some(Bytes(9)), ..MemorySample::default() }),
            host: Some(HostSample { memory_available: Some(Bytes(5)), ..HostSample::default() }),
            ..ProcessSample::default()
        };
        let second = ProcessSample {
            cpu_system: Some(0.0),
            memory: Some(MemorySample { anonymous: Some(Bytes(3)), ..MemorySample::default() }),
            host: Some(HostSample { memory_available: Some(Bytes(7)), ..HostSample::default() }),
            ..ProcessSample::default()
        };
        let merged = Pair { first_covers: 3.0, second_covers: 1.0 }.merge(&first, &second);
        assert!(merged.cpu_system.is_some_and(|cpu| (cpu - 0.75).abs() < 1e-12));
        let memory = merged.memory.expect("of both");
        assert_eq!((memory.pss, memory.anonymous), (Some(Bytes(9)), Some(Bytes(3))));
        assert_eq!(memory.uss, None);
        assert_eq!(merged.host.and_then(|host| host.memory_available), Some(Bytes(5)));
        assert_eq!((merged.sockets, merged.metrics), (None, None));
    }
}
