//! What all sessions hold together, kept by those who hold it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Sums over all live sessions, and counts since the server started. Each history books what it
/// comes to hold and takes it off when it ends, so reading the sums costs nothing, however many
/// sessions there are.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    messages: AtomicU64,
    text: AtomicU64,
    heap: AtomicU64,
    compactions: AtomicU64,
    tokens_freed: AtomicU64,
    compacting_ns: AtomicU64,
}

/// What a session holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// Messages.
    pub(crate) messages: u64,
    /// Bytes of their text.
    pub(crate) text: u64,
    /// Bytes of memory, the session's own included.
    pub(crate) heap: u64,
}

/// What compactions have done since the server started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Compacted {
    pub(crate) count: u64,
    pub(crate) tokens_freed: u64,
    pub(crate) took: Duration,
}

impl Ledger {
    /// Books that a session holds `after` where it held `before`.
    pub(crate) fn book(&self, before: Holdings, after: Holdings) {
        let change = |sum: &AtomicU64, before: u64, after: u64| {
            // Wrapping: what is taken off was put on before.
            sum.fetch_add(after.wrapping_sub(before), Ordering::Relaxed);
        };
        change(&self.messages, before.messages, after.messages);
        change(&self.text, before.text, after.text);
        change(&self.heap, before.heap, after.heap);
    }

    /// Counts a compaction.
    pub(crate) fn compacted(&self, tokens_freed: u64, took: Duration) {
        self.compactions.fetch_add(1, Ordering::Relaxed);
        self.tokens_freed.fetch_add(tokens_freed, Ordering::Relaxed);
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.compacting_ns.fetch_add(took, Ordering::Relaxed);
    }

    /// What all sessions hold.
    pub(crate) fn holdings(&self) -> Holdings {
        let read = |sum: &AtomicU64| sum.load(Ordering::Relaxed);
        Holdings { messages: read(&self.messages), text: read(&self.text), heap: read(&self.heap) }
    }

    /// What compactions have done.
    pub(crate) fn compactions(&self) -> Compacted {
        let read = |sum: &AtomicU64| sum.load(Ordering::Relaxed);
        Compacted {
            count: read(&self.compactions),
            tokens_freed: read(&self.tokens_freed),
            took: Duration::from_nanos(read(&self.compacting_ns)),
        }
    }
}
