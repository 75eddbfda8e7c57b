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
    /// Scopes that have ended since the container was made.
    pub scopes_ended: u64,
    /// Singletons and scoped services whose owner has ended since then.
    pub disposed: u64,
}

/// The counts behind a [`Census`].
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) singletons: AtomicU64,
    pub(crate) scopes: AtomicU64,
    pub(crate) scoped: AtomicU64,
    pub(crate) transients: AtomicU64,
    pub(crate) scopes_ended: AtomicU64,
    pub(crate) disposed: AtomicU64,
}

impl Counts {
    pub(crate) fn census(&self) -> Census {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Census {
            singletons: read(&self.singletons),
            scopes: read(&self.scopes),
            scoped: read(&self.scoped),
            transients_created: read(&self.transients),
            scopes_ended: read(&self.scopes_ended),
            disposed: read(&self.disposed),
        }
    }
}

impl Counts {
    /// A scope with so many services has ended.
    pub(crate) fn scope_ended(&self, services: u64) {
        subtract(&self.scopes, 1);
        subtract(&self.scoped, services);
        add(&self.scopes_ended, 1);
        add(&self.disposed, services);
    }

    /// A container with so many singletons has ended.
    pub(crate) fn container_ended(&self, services: u64) {
        subtract(&self.singletons, services);
        add(&self.disposed, services);
    }
}

pub(crate) fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}

fn subtract(count: &AtomicU64, fewer: u64) {
    count.fetch_sub(fewer, Ordering::Relaxed);
}
