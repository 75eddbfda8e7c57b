//! What is alive, for diagnostics.

use std::sync::atomic::{AtomicU64, Ordering};

/// What of a container is alive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Singletons that were made and not yet disposed.
    pub singletons: u64,
    /// Scopes that are open.
    pub scopes: u64,
    /// Scoped services in them.
    pub scoped: u64,
    /// Transient services made since the container was.
    pub transients_created: u64,
}

/// The counts behind a [`Census`].
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) singletons: AtomicU64,
    pub(crate) scopes: AtomicU64,
    pub(crate) scoped: AtomicU64,
    pub(crate) transients: AtomicU64,
}

impl Counts {
    pub(crate) fn census(&self) -> Census {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Census {
            singletons: read(&self.singletons),
            scopes: read(&self.scopes),
            scoped: read(&self.scoped),
            transients_created: read(&self.transients),
        }
    }
}

pub(crate) fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}

pub(crate) fn subtract(count: &AtomicU64, fewer: u64) {
    count.fetch_sub(fewer, Ordering::Relaxed);
}
