//! A ticker on the shard's own thread: when it fires late, so did everything else.

use crate::row::Clockwork;
use std::cell::RefCell;
use std::rc::Rc;
use victor_clock::{Duration, now, sleep_until};
use victor_types::Histogram;

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

    /// The lateness of the ticks since the last call.
    pub(crate) fn take(&self) -> Histogram {
        self.0.borrow_mut().take()
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
        let latest = ticker.take().buckets().last().map(|bucket| bucket.0);
        assert!(latest >= Some(40_000), "one tick was about 45 ms late");
    }
}
