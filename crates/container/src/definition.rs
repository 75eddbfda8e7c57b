//! How a service is made.

use crate::error::BoxError;
use crate::resolver::Resolver;
use crate::teardown::Made;
use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::Arc;

/// How long a service lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lifetime {
    /// Made once, when first asked for; lives as long as the container.
    Singleton,
    /// Made once in each scope that is asked for it; lives as long as the scope.
    Scoped,
    /// Made anew each time. It belongs to whoever asked, unless it is registered as disposable:
    /// then it lives as long as the scope it was asked from, or as the container where that was
    /// asked.
    Transient,
}

/// A type that services are asked for by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    id: TypeId,
    name: &'static str,
}

impl Key {
    pub(crate) fn of<T: ?Sized + 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }

    /// The type's name, for people.
    pub(crate) fn name(self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// An `Arc<T>` whose `T` only the key knows.
pub(crate) type Instance = Arc<dyn Any + Send + Sync>;

/// Hides the type of a service.
pub(crate) fn erased<T: ?Sized + Send + Sync + 'static>(service: &Arc<T>) -> Instance {
    Arc::new(Arc::clone(service))
}

/// The service in `instance`, if it is a `T`.
pub(crate) fn typed<T: ?Sized + Send + Sync + 'static>(instance: &Instance) -> Option<Arc<T>> {
    instance.downcast_ref::<Arc<T>>().map(Arc::clone)
}

/// A new service, and what is to be done when its owner ends.
pub(crate) struct Product {
    pub(crate) instance: Instance,
    pub(crate) made: Made,
}

type Factory = dyn Fn(&Resolver<'_>) -> Result<Product, BoxError> + Send + Sync;

/// How a service is made, and for how long.
pub(crate) struct Definition {
    pub(crate) key: Key,
    pub(crate) lifetime: Lifetime,
    factory: Box<Factory>,
}

impl Definition {
    /// A service that `factory` makes; `made` says what to do with it in the end.
    pub(crate) fn new<T, F>(lifetime: Lifetime, factory: F, made: fn(Arc<T>) -> Made) -> Self
    where
        T: ?Sized + Send + Sync + 'static,
        F: Fn(&Resolver<'_>) -> Result<Arc<T>, BoxError> + Send + Sync + 'static,
    {
        let factory = move |resolver: &Resolver<'_>| {
            let service = factory(resolver)?;
            Ok(Product { instance: erased(&service), made: made(service) })
        };
        Self { key: Key::of::<T>(), lifetime, factory: Box::new(factory) }
    }

    pub(crate) fn make(&self, resolver: &Resolver<'_>) -> Result<Product, BoxError> {
        (self.factory)(resolver)
    }
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Definition").field(&self.key).field(&self.lifetime).finish()
    }
}
