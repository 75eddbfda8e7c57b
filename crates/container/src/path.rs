//! What each thread is making at the moment.
//!
//! Factories run on the thread that asks, so a thread's stack of factories is the path of its
//! resolution, even where a factory asks a container it captured instead of its resolver.

use crate::definition::{Key, Lifetime};
use std::cell::RefCell;

/// A service being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of the store it is made for.
    pub(crate) owner: u64,
    pub(crate) key: Key,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    place: Place,
    lifetime: Lifetime,
    /// The number of the container's store.
    root: u64,
}

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// Marks a service as being made by this thread until it is dropped.
#[derive(Debug)]
pub(crate) struct Making(());

impl Making {
    pub(crate) fn begin(place: Place, lifetime: Lifetime, root: u64) -> Self {
        FRAMES.with_borrow_mut(|frames| frames.push(Frame { place, lifetime, root }));
        Self(())
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        FRAMES.with_borrow_mut(Vec::pop);
    }
}

/// What this thread is making, outermost first.
pub(crate) fn places() -> Vec<Place> {
    FRAMES.with_borrow(|frames| frames.iter().map(|frame| frame.place).collect())
}

/// The names of what this thread is making, outermost first.
pub(crate) fn names() -> Vec<&'static str> {
    FRAMES.with_borrow(|frames| frames.iter().map(|frame| frame.place.key.name()).collect())
}

/// The circle that making `place` would close on this thread, if it is being made already.
pub(crate) fn circle(place: Place) -> Option<Vec<&'static str>> {
    FRAMES.with_borrow(|frames| {
        let start = frames.iter().position(|frame| frame.place == place)?;
        let names = frames[start..].iter().map(|frame| frame.place.key.name());
        Some(names.chain([place.key.name()]).collect())
    })
}

/// The singleton of container `root` on whose behalf this thread would ask for a scoped service:
/// the innermost that is not transient, if that is a singleton.
pub(crate) fn captor(root: u64) -> Option<&'static str> {
    FRAMES.with_borrow(|frames| {
        let own = frames.iter().rev().filter(|frame| frame.root == root);
        let holder = own.into_iter().find(|frame| frame.lifetime != Lifetime::Transient)?;
        (holder.lifetime == Lifetime::Singleton).then(|| holder.place.key.name())
    })
}
