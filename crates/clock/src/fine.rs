//! A timer that fires when it should.

use crate::{Instant, now};
use rustix::io::{Errno, read};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use std::io;
use std::os::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A kernel timer (timerfd) of its own, waited for by the runtime's reactor. tokio's timers fire on
/// the next whole millisecond; this one fires some tens of microseconds late on an idle thread.
///
/// It knows nothing of paused time: tests of schedules use [`crate::sleep_until`].
#[derive(Debug)]
pub struct FineTimer {
    timer: AsyncFd<OwnedFd>,
}

impl FineTimer {
    /// Makes the timer. Must be called within a runtime.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe for types whose descriptor may change; an OwnedFd's \
                      never does, and this crate forbids unsafe code"
        )]
        let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
        Ok(Self { timer })
    }

    /// Sleeps until `deadline`; returns at once when that has passed. May be dropped and called
    /// again at any time.
    ///
    /// # Errors
    /// When the kernel refuses the timer, which it has no reason to.
    pub async fn sleep_until(&self, deadline: Instant) -> io::Result<()> {
        loop {
            let left = deadline.saturating_duration_since(now());
            if left.is_zero() {
                return Ok(());
            }
            let it_value = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(left.subsec_nanos()),
            };
            let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
            let spec = Itimerspec { it_interval, it_value };
            timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::empty(), &spec)?;
            let mut ready = self.timer.readable().await?;
            // A count of expirations; there is none when an older setting fired.
            let mut count = [0; 8];
            match read(self.timer.get_ref(), &mut count) {
                Ok(_) | Err(Errno::AGAIN) => ready.clear_ready(),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn it_never_fires_early_and_can_be_set_anew() {
        let timer = FineTimer::new().expect("timer");
        let start = now();
        let far = timer.sleep_until(start + Duration::from_secs(60));
        let dropped = tokio::time::timeout(Duration::from_millis(5), far).await;
        assert!(dropped.is_err(), "a minute is not over");
        for micros in [300, 1700, 5100] {
            let deadline = now() + Duration::from_micros(micros);
            timer.sleep_until(deadline).await.expect("fires");
            assert!(now() >= deadline);
        }
        timer.sleep_until(start).await.expect("the past is over");
    }
}
