//! What a process uses: CPU, memory, threads, descriptors.

use crate::ObserveError;
use crate::details::Details;
use crate::host::thread_cpu;
use crate::ledger::{Identity, Ledger, Ticks};
use crate::pace::Pace;
use crate::tree::Tree;
use procfs::process::{Process, Stat};
use victor_clock::{Duration, Instant, now};
use victor_types::{Bytes, ProcessSample, Seconds};

/// Samples nearer to each other than this share one reading of the CPU: it is counted in ticks of
/// 10 ms, of which a shorter window holds too few.
const SHORTEST_WINDOW: Duration = Duration::from_millis(50);

/// How often all processes of the machine are searched for descendants.
const SCAN_EVERY: Duration = Duration::from_secs(5);

/// What the process and its live descendants use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage(ProcessSample);

impl Usage {
    /// CPU since the previous sample, in cores: 1.0 is one core fully used.
    #[must_use]
    pub fn cpu_cores(&self) -> f64 {
        self.0.cpu_cores
    }

    /// Resident memory, summed over the processes: a page shared by two counts twice.
    #[must_use]
    pub fn rss(&self) -> Bytes {
        self.0.rss
    }

    /// Threads.
    #[must_use]
    pub fn threads(&self) -> u32 {
        self.0.threads
    }

    /// Open file descriptors; `None` when not permitted to look.
    #[must_use]
    pub fn fds(&self) -> Option<u32> {
        self.0.fds
    }

    /// All that was read, as a sample taken `at`, counted from the start of the run.
    #[must_use]
    pub fn at(&self, at: Seconds) -> ProcessSample {
        ProcessSample { at, ..self.0 }
    }
}

/// Reads what one process and its live descendants use, again and again.
///
/// The process is held by a handle of the kernel: when it ends and its id is given to another one,
/// the sampler says [`ObserveError::Gone`] and never samples the stranger.
///
/// CPU time is user and system time from `/proc/PID/stat`, in ticks of (nearly always) 10 ms, each
/// of the two rounded down: in a window of 1 s a reading is off by at most 0.02 cores a process, and
/// the error does not add up from window to window. A descendant counts from when it is seen, which
/// is at the next sample when the main thread of its parent forked it, else within 5 s.
///
/// Resident memory is from `/proc/PID/statm`; kernels 6.2 to 6.15 keep it in counters for each core
/// and may be behind by some 100 KiB a core.
///
/// A sample of a single process takes some hundreds of microseconds; the search for descendants once
/// in 5 s about 10 µs for each process of the machine. What costs more (proportional memory, sockets,
/// the switches of many threads) has a pace of its own: every 5 s, or as seldom as keeps it below
/// 0.5 % of a core, and ever more seldom when one reading takes longer than 10 ms.
#[derive(Debug)]
pub struct Sampler {
    tree: Tree,
    command: String,
    ledger: Ledger,
    /// The part of the ticks that the kernel used.
    system: Ledger,
    details: Details,
    window_start: Instant,
    scan: Pace,
    basic_cost: Duration,
    cpu_cores: f64,
    cpu_system: Option<f64>,
}

impl Sampler {
    /// Starts to sample process `pid`. The first sample's CPU counts from here.
    ///
    /// # Errors
    /// [`ObserveError::Gone`] when there is no such process, [`ObserveError::Unreadable`] when it
    /// may not be looked at.
    pub fn new(pid: u32) -> Result<Self, ObserveError> {
        let mut tree = Tree::new(pid)?;
        let stats = tree.stats()?;
        let command = stats.first().map(|(_, stat)| stat.comm.clone()).unwrap_or_default();
        let (mut ledger, mut system) = (Ledger::default(), Ledger::default());
        ledger.advance(stats.iter().map(|(_, stat)| ticks(stat)).collect(), 0);
        system.advance(stats.iter().map(|(_, stat)| system_ticks(stat)).collect(), 0);
        let (start, details) = (now(), Details::new(tree.root()));
        let mut scan = Pace::new(SCAN_EVERY);
        // The tree was found by one.
        scan.took(start, Duration::ZERO, Duration::ZERO);
        Ok(Self {
            tree,
            command,
            ledger,
            system,
            details,
            window_start: start,
            scan,
            basic_cost: Duration::ZERO,
            cpu_cores: 0.0,
            cpu_system: None,
        })
    }

    /// The id of the process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.tree.pid()
    }

    /// Its name, as the kernel shows it: at most 15 bytes.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// Samples it, at the instant `now`. A sample less than 50 ms after the previous repeats that
    /// one's CPU.
    ///
    /// # Errors
    /// [`ObserveError::Gone`] when the process has ended, [`ObserveError::Unreadable`] when the
    /// kernel's files cannot be read or understood.
    pub fn sample(&mut self, now: Instant) -> Result<Usage, ObserveError> {
        if self.scan.is_due(now) {
            let began = thread_cpu();
            self.tree.scan()?;
            self.scan.took(now, thread_cpu().saturating_sub(began), Duration::ZERO);
        }
        let began = thread_cpu();
        self.tree.follow_forks();
        let stats = self.tree.stats()?;
        let window = now.saturating_duration_since(self.window_start);
        if window >= SHORTEST_WINDOW {
            let whole = window_ticks(window);
            let all = stats.iter().map(|(_, stat)| ticks(stat)).collect();
            let system = stats.iter().map(|(_, stat)| system_ticks(stat)).collect();
            let used = self.ledger.advance(all, whole);
            let used_by_kernel = self.system.advance(system, whole).min(used);
            self.cpu_cores = cores(used, window);
            self.cpu_system = Some(cores(used_by_kernel, window));
            self.window_start = now;
        }
        let live: Vec<&(&Process, Stat)> =
            stats.iter().filter(|(_, stat)| !matches!(stat.state, 'Z' | 'X')).collect();
        let mut sample = ProcessSample {
            cpu_cores: self.cpu_cores,
            rss: Bytes(live.iter().map(|(process, stat)| resident(process, stat)).sum()),
            threads: live
                .iter()
                .map(|(_, stat)| u32::try_from(stat.num_threads).unwrap_or(0))
                .sum(),
            fds: live.iter().map(|(process, _)| descriptors(process)).sum(),
            cpu_system: self.cpu_system,
            processes: u32::try_from(live.len()).ok(),
            ..ProcessSample::default()
        };
        self.basic_cost = thread_cpu().saturating_sub(began);
        self.details.add(&live, now, &mut sample);
        Ok(Usage(sample))
    }

    /// CPU time of the last sample without those parts that have a pace of their own.
    pub(crate) fn basic_cost(&self) -> Duration {
        self.basic_cost
    }

    /// Readings left out because they cost too much.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.details.skipped()
    }

    /// The handle of the process.
    pub(crate) fn process(&self) -> &Process {
        self.tree.root()
    }
}

/// Cores used, from ticks in a window.
#[expect(clippy::cast_precision_loss, reason = "ticks of a window and of a second")]
fn cores(ticks: u64, window: Duration) -> f64 {
    ticks as f64 / procfs::ticks_per_second() as f64 / window.as_secs_f64()
}

fn system_ticks(stat: &Stat) -> (Identity, Ticks) {
    let reaped = u64::try_from(stat.cstime).unwrap_or(0);
    ((stat.pid, stat.starttime), Ticks { own: stat.stime, reaped })
}

fn ticks(stat: &Stat) -> (Identity, Ticks) {
    let reaped = u64::try_from(stat.cutime.saturating_add(stat.cstime)).unwrap_or(0);
    ((stat.pid, stat.starttime), Ticks { own: stat.utime + stat.stime, reaped })
}

/// The ticks of one core in `window`.
fn window_ticks(window: Duration) -> u64 {
    let millis = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
    millis.saturating_mul(procfs::ticks_per_second()) / 1000
}

fn resident(process: &Process, stat: &Stat) -> u64 {
    // Exact on newer kernels, where `stat` is an estimate.
    let pages = process.statm().map_or(stat.rss, |statm| statm.resident);
    pages * procfs::page_size()
}

fn descriptors(process: &Process) -> Option<u32> {
    u32::try_from(process.fd_count().ok()?).ok()
}

#[cfg(test)]
mod tests;
