//! What sampling costs.

use crate::Sampler;
use crate::host::thread_cpu;
use victor_clock::{Duration, Instant, now};
use victor_types::{ObserverCost, Seconds};

/// Adds up the CPU time of the steps of a watch, each of which runs on one thread.
#[derive(Debug)]
pub(crate) struct Meter {
    start: Instant,
    cpu: Duration,
    basic: Duration,
    longest_read: Duration,
    samples: u64,
    /// Readings left out by samplers before the present one, and by that.
    skipped_before: u64,
    skipped: (u32, u64),
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self {
            start: now(),
            cpu: Duration::ZERO,
            basic: Duration::ZERO,
            longest_read: Duration::ZERO,
            samples: 0,
            skipped_before: 0,
            skipped: (0, 0),
        }
    }

    /// A step ended that began when its thread had used `began`.
    pub(crate) fn end(&mut self, began: Duration) {
        self.cpu += thread_cpu().saturating_sub(began);
    }

    /// A sample was taken that began at `began`.
    pub(crate) fn sampled(&mut self, sampler: &Sampler, began: Instant) {
        self.longest_read = self.longest_read.max(now().saturating_duration_since(began));
        self.samples += 1;
        self.basic = sampler.basic_cost();
        if self.skipped.0 != sampler.pid() {
            self.skipped_before += self.skipped.1;
        }
        self.skipped = (sampler.pid(), sampler.skipped());
    }

    /// CPU time of the last sample, without searches and parts that have a pace of their own.
    pub(crate) fn basic(&self) -> Duration {
        self.basic
    }

    pub(crate) fn cost(&self) -> ObserverCost {
        let seconds = now().saturating_duration_since(self.start).as_secs_f64();
        ObserverCost {
            cpu: Seconds::from(self.cpu),
            cpu_cores: if seconds > 0.0 { self.cpu.as_secs_f64() / seconds } else { 0.0 },
            longest_read: self.longest_read.into(),
            samples: self.samples,
            skipped: self.skipped_before + self.skipped.1,
        }
    }
}
