//! How many bytes of request bodies the server holds while it reads them.

use crate::refusal::Refusal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// One budget for all bodies. Bytes count as they arrive and not as they are announced, so that
/// nobody can use it up by promising a large body.
#[derive(Debug)]
pub(crate) struct Bodies {
    held: AtomicUsize,
    most: usize,
    refused: AtomicU64,
}

/// What of the budget one body has, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    bodies: Arc<Bodies>,
    bytes: usize,
}

impl Bodies {
    pub(crate) fn new(most: usize) -> Self {
        Self { held: AtomicUsize::new(0), most, refused: AtomicU64::new(0) }
    }

    /// A body of which nothing has come yet.
    pub(crate) fn open(self: &Arc<Self>) -> Held {
        Held { bodies: Arc::clone(self), bytes: 0 }
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Most bytes held at one time.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// How many bodies found no room.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Held {
    /// Takes `more` bytes of the budget.
    ///
    /// # Errors
    /// [`Refusal::BodiesFull`] when there is no room for them.
    pub(crate) fn take(&mut self, more: usize) -> Result<(), Refusal> {
        let bodies = &self.bodies;
        let room = |held: usize| held.checked_add(more).filter(|held| *held <= bodies.most);
        if bodies.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_err() {
            bodies.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refusal::BodiesFull(bodies.most));
        }
        self.bytes += more;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.bodies.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bodies_share_and_give_back() {
        let bodies = Arc::new(Bodies::new(100));
        let (mut one, mut other) = (bodies.open(), bodies.open());
        assert_eq!((one.take(60), other.take(40)), (Ok(()), Ok(())));
        assert_eq!(other.take(1), Err(Refusal::BodiesFull(100)));
        assert_eq!((bodies.held(), bodies.refused()), (100, 1));
        drop(one);
        assert_eq!(other.take(60), Ok(()));
        assert_eq!(other.take(usize::MAX), Err(Refusal::BodiesFull(100)));
        drop(other);
        assert_eq!(bodies.held(), 0);
    }
}
