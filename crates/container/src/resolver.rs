//! How a factory asks for other services.

use crate::core::{Core, resolve};
use crate::definition::{Key, typed};
use crate::error::ResolveError;
use crate::path;
use crate::scope::ScopeState;
use crate::waits::Waits;
use std::marker::PhantomData;
use std::sync::Arc;

/// What a factory asks for the services it needs. That of a scoped service, and of a transient one
/// asked for in a scope, sees that scope; that of a singleton sees only the container.
#[derive(Debug)]
pub struct Resolver<'a> {
    core: &'a Arc<Core>,
    scope: Option<&'a ScopeState>,
    /// It stays on its thread, where the path of its resolution is.
    thread: PhantomData<*const ()>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn of_container(core: &'a Arc<Core>) -> Self {
        Self { core, scope: None, thread: PhantomData }
    }

    pub(crate) fn of_scope(scope: &'a ScopeState) -> Self {
        Self { core: &scope.core, scope: Some(scope), thread: PhantomData }
    }

    /// The service `T`, made if need be.
    ///
    /// # Errors
    ///
    /// Every kind of [`ResolveError`]; `?` hands it on from a factory unchanged.
    pub fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Result<Arc<T>, ResolveError> {
        let key = Key::of::<T>();
        let found = typed(&resolve(self, key)?);
        found.ok_or_else(|| ResolveError::NotFound { service: key.name(), path: path::names() })
    }

    pub(crate) fn core(&self) -> &'a Arc<Core> {
        self.core
    }

    pub(crate) fn scope(&self) -> Option<&'a ScopeState> {
        self.scope
    }

    pub(crate) fn waits(&self) -> &'a Waits {
        &self.core.waits
    }

    /// The number of the container's store.
    pub(crate) fn root(&self) -> u64 {
        self.core.singletons.number()
    }
}
