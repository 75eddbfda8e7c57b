//! A ticker on the shard's own thread: when it fires late, so did everything else.

use crate::row::Clockwork;
use std::cell::RefCell;
use std::rc::Rc;
use victor_clock::{Duration, now, sleep_until};
use victor_types::Millis;

const PERIOD: Duration = Duration::from_millis(5);

/// Lateness of the ticks since it was last asked.
#[derive(Debug, Clone)]
pub(crate) struct Ticker(Rc<RefCell<Clockwork>>);

impl Ticker {
    pub(crate) fn new() -> Self {
        Self(Rc::new(RefCell::new(Clockwork::new())))
    }

    /// Ticks for ever.
    pub(crate) async fn tick(self) {
        let mut due = now() + PERIOD;
        loop {
            sleep_until(due).await;
            let at = now();
            self.0.borrow_mut().record(at - due);
            // A late tick is not made up for: that would count one delay many times.
            due = (due + PERIOD).max(at);
        }
    }

    /// 99th percentile of the lateness since the last call.
    pub(crate) fn take_p99(&self) -> Millis {
        let late = self.0.borrow_mut().take();
        let rank = (late.count() * 99).div_ceil(100);
        Millis::from_micros(late.value_at_rank(rank).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_blocked_thread_shows_as_lateness() {
        let ticker = Ticker::new();
        let local = tokio::task::LocalSet::new();
        let own = ticker.clone();
        local
            .run_until(async move {
                tokio::task::spawn_local(own.tick());
                victor_clock::sleep(Duration::from_millis(100)).await;
                tokio::time::advance(Duration::from_millis(50)).await;
                victor_clock::sleep(Duration::from_millis(1)).await;
            })
            .await;
        assert!(ticker.take_p99() >= Millis(40.0), "one tick was about 45 ms late");
    }
}
