//! How many connections are open, and no more than are allowed.

use crate::lock::lock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use victor_clock::{Instant, now};

/// Shortest time between two log lines about refused connections.
const QUIET: Duration = Duration::from_secs(10);

/// The count of connections.
#[derive(Debug)]
pub(crate) struct Connections {
    open: Arc<AtomicUsize>,
    most: usize,
    refused: AtomicU64,
    told: Mutex<Option<Instant>>,
}

/// One open connection, counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Connections {
    pub(crate) fn new(most: usize) -> Self {
        let open = Arc::new(AtomicUsize::new(0));
        Self { open, most, refused: AtomicU64::new(0), told: Mutex::new(None) }
    }

    /// Counts a connection that was just accepted; `None` when there are as many as are allowed.
    pub(crate) fn count(&self) -> Option<Counted> {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(Arc::clone(&self.open));
        if before < self.most {
            return Some(counted);
        }
        let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
        if self.may_tell(now()) {
            let most = self.most;
            tracing::warn!(
                refused,
                "{most} connections are open, more are closed; see --max-connections"
            );
        }
        None
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn may_tell(&self, at: Instant) -> bool {
        let mut told = lock(&self.told);
        let may = told.is_none_or(|told| at.saturating_duration_since(told) >= QUIET);
        if may {
            *told = Some(at);
        }
        may
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_too_many_is_refused_and_told_of_now_and_then() {
        let connections = Connections::new(2);
        let open = [connections.count(), connections.count()];
        assert!(open.iter().all(Option::is_some) && connections.count().is_none());
        assert_eq!((connections.open(), connections.refused()), (2, 1));
        assert!(!connections.may_tell(now()));
        victor_clock::sleep(QUIET).await;
        assert!(connections.may_tell(now()));
        drop(open);
        assert_eq!(connections.open(), 0);
        assert!(connections.count().is_some());
    }
}
