//! What the kernel says of the calling thread and of this process.

use rustix::time::{ClockId, clock_gettime};
use std::fs::File;
use std::io::{Read, Seek};
use victor_clock::Duration;
use victor_types::Bytes;

/// The time a thread spent running, and ready to run without a core.
///
/// The kernel's file is opened once: that needs no descriptor when there are none left.
#[derive(Debug)]
pub(crate) struct OwnThread {
    schedstat: Option<File>,
    then: (Duration, Duration),
}

impl OwnThread {
    /// Of the calling thread, which must be the one that asks later.
    pub(crate) fn new() -> Self {
        let mut own = Self {
            schedstat: File::open("/proc/thread-self/schedstat").ok(),
            then: Default::default(),
        };
        own.then = own.now();
        own
    }

    /// Time running and time waiting for a core since the last call.
    pub(crate) fn take(&mut self) -> (Duration, Duration) {
        let now = self.now();
        let then = std::mem::replace(&mut self.then, now);
        (now.0.saturating_sub(then.0), now.1.saturating_sub(then.1))
    }

    fn now(&mut self) -> (Duration, Duration) {
        let waited = self.schedstat.as_mut().and_then(waited).unwrap_or_default();
        (thread_cpu(), waited)
    }
}

/// The second number of `schedstat`: nanoseconds on the run queue (Documentation/scheduler/sched-stats).
fn waited(file: &mut File) -> Option<Duration> {
    let mut text = [0; 96];
    file.rewind().ok()?;
    let length = file.read(&mut text).ok()?;
    let text = std::str::from_utf8(&text[..length]).ok()?;
    text.split_ascii_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

/// CPU time of the calling thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Resident memory of this process, 0 where `/proc` does not tell.
pub(crate) fn own_rss() -> Bytes {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    Bytes(pages * rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_as_time_running() {
        let mut own = OwnThread::new();
        let mut sum = 0_u64;
        while own.now().0 < own.then.0 + Duration::from_millis(5) {
            sum = sum.wrapping_mul(31).wrapping_add(7);
        }
        assert!(own.take().0 >= Duration::from_millis(5), "{sum}");
        assert!(own.take().0 < Duration::from_millis(5), "taken once");
        assert!(own_rss().0 > 1 << 20);
    }
}
