//! Context switches, page faults, input and output.

use crate::counters::{Counters, per_second};
use crate::ledger::Identity;
use procfs::process::{Process, Stat};
use std::collections::BTreeMap;
use victor_clock::Instant;
use victor_types::{ActivitySample, PerSecond};

/// Threads whose switches are read; a tree with more has its switches left out, because each thread
/// is a file of its own.
const MOST_THREADS: i64 = 512;

/// The counters of a process tree.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    processes: Counters<Identity, 4>,
    threads: Counters<(i32, i32), 2>,
}

impl Activity {
    /// Faults and input/output of all processes.
    pub(crate) fn of_processes(
        &mut self,
        live: &[&(&Process, Stat)],
        at: Instant,
    ) -> Option<ActivitySample> {
        let counters = |(process, stat): &&(&Process, Stat)| {
            let io = process.io().ok();
            let read = io.as_ref().map(|io| io.read_bytes);
            let written = io.as_ref().map(|io| io.write_bytes);
            let faults = [Some(stat.minflt), Some(stat.majflt)];
            ((stat.pid, stat.starttime), [faults[0], faults[1], read, written])
        };
        let rates = self.processes.advance(live.iter().map(counters).collect(), at);
        let [minor_faults, major_faults, read, written] = rates.map(per_second);
        minor_faults?;
        Some(ActivitySample {
            minor_faults,
            major_faults,
            read,
            written,
            ..ActivitySample::default()
        })
    }

    /// Voluntary and involuntary context switches of all threads.
    pub(crate) fn of_threads(
        &mut self,
        live: &[&(&Process, Stat)],
        at: Instant,
    ) -> Option<[Option<PerSecond>; 2]> {
        let threads: i64 = live.iter().map(|(_, stat)| stat.num_threads).sum();
        if threads > MOST_THREADS {
            return None;
        }
        let mut switches = BTreeMap::new();
        for (process, stat) in live {
            for task in process.tasks().into_iter().flatten().flatten() {
                if let Ok(status) = task.status() {
                    let counts =
                        [status.voluntary_ctxt_switches, status.nonvoluntary_ctxt_switches];
                    switches.insert((stat.pid, task.tid), counts);
                }
            }
        }
        let rates = self.threads.advance(switches, at).map(per_second);
        rates[0].is_some().then_some(rates)
    }
}
