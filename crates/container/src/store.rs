//! What one owner, the container or a scope, made and keeps.

use crate::census::add;
use crate::definition::{Definition, Instance, Key, Product};
use crate::error::{RegisterError, ResolveError};
use crate::path::{self, Making, Place};
use crate::resolver::Resolver;
use crate::teardown::{Made, Teardown};
use crate::waits::{Waits, lock};
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Services by their keys, each made once.
#[derive(Debug)]
pub(crate) struct Store {
    /// Tells stores apart, those of other containers included.
    number: u64,
    /// `container` or `scope`, for messages.
    owner: &'static str,
    shelf: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    slots: HashMap<Key, Slot>,
    /// In the order in which they were made.
    made: Vec<Made>,
    disposed: bool,
}

#[derive(Debug)]
enum Slot {
    Making,
    Ready(Instance),
}

/// What became of the wish for a service.
enum Turn {
    /// It is there.
    Ready(Instance),
    /// It is the caller's to make.
    Mine,
    /// Another thread was making it; it may be there now.
    Again,
}

impl Store {
    pub(crate) fn new(owner: &'static str) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        Self { number, owner, shelf: Mutex::default() }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// True once it has ended.
    pub(crate) fn is_over(&self) -> bool {
        lock(&self.shelf).disposed
    }

    /// An error once it has ended.
    pub(crate) fn check(&self, key: Key) -> Result<(), ResolveError> {
        if self.is_over() { Err(self.gone(key)) } else { Ok(()) }
    }

    fn gone(&self, key: Key) -> ResolveError {
        ResolveError::Disposed { owner: self.owner, service: key.name() }
    }

    /// The service of `key` if it is there already.
    pub(crate) fn ready(&self, key: Key) -> Option<Instance> {
        match lock(&self.shelf).slots.get(&key) {
            Some(Slot::Ready(instance)) => Some(Instance::clone(instance)),
            _ => None,
        }
    }

    /// Puts a service there that was made elsewhere.
    pub(crate) fn put(
        &self,
        key: Key,
        product: Product,
        count: &AtomicU64,
    ) -> Result<(), RegisterError> {
        let mut shelf = lock(&self.shelf);
        if shelf.disposed {
            return Err(RegisterError::Disposed { owner: self.owner, service: key.name() });
        }
        if shelf.slots.contains_key(&key) {
            return Err(RegisterError::AlreadyRegistered { service: key.name() });
        }
        shelf.slots.insert(key, Slot::Ready(product.instance));
        shelf.made.push(product.made);
        add(count, 1);
        Ok(())
    }

    /// The service that `definition` makes: the one that is there, or a new one, which is counted
    /// with `count`. Waits while another thread makes it.
    pub(crate) fn get(
        &self,
        definition: &Definition,
        resolver: &Resolver<'_>,
        count: &AtomicU64,
    ) -> Result<Instance, ResolveError> {
        let place = Place { owner: self.number, key: definition.key };
        loop {
            match self.turn(place, resolver.waits())? {
                Turn::Ready(instance) => return Ok(instance),
                Turn::Mine => break,
                Turn::Again => {}
            }
        }
        let claim = Claim { store: self, key: definition.key, waits: resolver.waits() };
        let making = Making::begin(place, definition.lifetime, resolver.root());
        let product = definition.make(resolver);
        drop(making);
        let product =
            product.map_err(|error| ResolveError::of_factory(definition.key.name(), error))?;
        claim.fulfil(product, count)
    }

    fn turn(&self, place: Place, waits: &Waits) -> Result<Turn, ResolveError> {
        let mut shelf = lock(&self.shelf);
        if shelf.disposed {
            return Err(self.gone(place.key));
        }
        match shelf.slots.get(&place.key) {
            Some(Slot::Ready(instance)) => return Ok(Turn::Ready(Instance::clone(instance))),
            Some(Slot::Making) => {}
            None => {
                shelf.slots.insert(place.key, Slot::Making);
                return Ok(Turn::Mine);
            }
        }
        if let Some(path) = path::circle(place) {
            return Err(ResolveError::Cycle { path });
        }
        waits.wait(place, shelf).map_err(|path| ResolveError::Cycle { path })?;
        Ok(Turn::Again)
    }

    /// Keeps a service of which there may be many until the owner ends.
    pub(crate) fn keep(&self, key: Key, made: Made) -> Result<(), ResolveError> {
        let mut shelf = lock(&self.shelf);
        if !shelf.disposed {
            shelf.made.push(made);
            return Ok(());
        }
        drop(shelf);
        // The owner ended meanwhile: what came too late ends at once.
        drop(Teardown::of(vec![made]));
        Err(self.gone(key))
    }

    /// Ends the store and hands out what is to be disposed, with how many services were there;
    /// `None` when it has ended before.
    pub(crate) fn end(&self) -> Option<(Teardown, u64)> {
        let mut shelf = lock(&self.shelf);
        if std::mem::replace(&mut shelf.disposed, true) {
            return None;
        }
        let slots = std::mem::take(&mut shelf.slots);
        let made = std::mem::take(&mut shelf.made);
        drop(shelf);
        let ready = slots.values().filter(|slot| matches!(slot, Slot::Ready(_))).count();
        Some((Teardown::of(made), ready as u64))
    }
}

/// A service that this thread has undertaken to make. Given up, on a failure or a panic, the next
/// thread may make it.
struct Claim<'a> {
    store: &'a Store,
    key: Key,
    waits: &'a Waits,
}

impl Claim<'_> {
    fn fulfil(self, product: Product, count: &AtomicU64) -> Result<Instance, ResolveError> {
        let mut shelf = lock(&self.store.shelf);
        if shelf.disposed {
            drop(shelf);
            drop(Teardown::of(vec![product.made]));
            return Err(self.store.gone(self.key));
        }
        shelf.slots.insert(self.key, Slot::Ready(Instance::clone(&product.instance)));
        shelf.made.push(product.made);
        // Counted while the shelf is held, so that its end does not take away what was not added.
        add(count, 1);
        drop(shelf);
        Ok(product.instance)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut shelf = lock(&self.store.shelf);
        if matches!(shelf.slots.get(&self.key), Some(Slot::Making)) {
            shelf.slots.remove(&self.key);
        }
        drop(shelf);
        self.waits.wake();
    }
}
