//! A part of a program's life with services of its own: a session, a request.

use crate::core::Core;
use crate::definition::{Key, Product, erased};
use crate::dispose::{DisposeErrors, DisposeFailure};
use crate::error::{RegisterError, ResolveError};
use crate::resolver::Resolver;
use crate::store::Store;
use crate::teardown::{Made, Teardown, report};
use std::sync::Arc;

/// A scope: it owns the scoped services that it was asked for, and shares the container's
/// singletons.
///
/// It ends with [`Self::dispose`] or [`Self::dispose_async`], or at the latest when it is dropped:
/// then what can be disposed at once is, failures are logged, and services that are disposed
/// asynchronously are only let go of. The end of the container is the end of its scopes.
#[derive(Debug)]
pub struct Scope {
    state: Arc<ScopeState>,
}

#[derive(Debug)]
pub(crate) struct ScopeState {
    pub(crate) core: Arc<Core>,
    pub(crate) store: Store,
}

impl Scope {
    /// A new scope; `None` when the container has ended.
    pub(crate) fn open(core: &Arc<Core>) -> Option<Self> {
        let state = ScopeState { core: Arc::clone(core), store: Store::new("scope") };
        let state = Arc::new(state);
        core.open(&state).then_some(Self { state })
    }

    /// The service `T`: of this scope, of the container, or a new one, as it was registered.
    ///
    /// # Errors
    ///
    /// See [`ResolveError`].
    pub fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Result<Arc<T>, ResolveError> {
        Resolver::of_scope(&self.state).get()
    }

    /// Gives this scope a `T` of its own, which its services can ask for: what the scope is for,
    /// such as the id of a session. It is let go of with the scope, but not disposed.
    ///
    /// # Errors
    ///
    /// When a `T` was registered with the container or given before, or the scope has ended.
    pub fn provide<T: ?Sized + Send + Sync + 'static>(
        &self,
        service: Arc<T>,
    ) -> Result<(), RegisterError> {
        let key = Key::of::<T>();
        if self.state.core.is_registered(key) {
            return Err(RegisterError::AlreadyRegistered { service: key.name() });
        }
        let product = Product { instance: erased(&service), made: Made::plain(service) };
        self.state.store.put(key, product, &self.state.core.counts.scoped)
    }

    /// Disposes what this scope made, newest first. Does nothing the second time.
    ///
    /// # Errors
    ///
    /// Every service that failed, panicked, or would have needed [`Self::dispose_async`]; the
    /// others are disposed all the same.
    pub fn dispose(&self) -> Result<(), DisposeErrors> {
        let mut failures = Vec::new();
        self.state.end_now(&mut failures);
        DisposeErrors::check(failures)
    }

    /// Disposes what this scope made, newest first, one after the other. Does nothing the second
    /// time, also while the first is still going on. Dropped half-way, it ends like the scope.
    ///
    /// # Errors
    ///
    /// Every service that failed or panicked; the others are disposed all the same.
    pub async fn dispose_async(&self) -> Result<(), DisposeErrors> {
        let mut failures = Vec::new();
        self.state.end_async(&mut failures).await;
        DisposeErrors::check(failures)
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let mut failures = Vec::new();
        self.state.end_now(&mut failures);
        failures.iter().for_each(report);
    }
}

impl ScopeState {
    fn end(&self) -> Option<Teardown> {
        let (teardown, services) = self.store.end()?;
        self.core.close(self);
        self.core.counts.scope_ended(services);
        Some(teardown)
    }

    pub(crate) fn end_now(&self, failures: &mut Vec<DisposeFailure>) {
        if let Some(teardown) = self.end() {
            teardown.now(failures);
        }
    }

    pub(crate) async fn end_async(&self, failures: &mut Vec<DisposeFailure>) {
        if let Some(teardown) = self.end() {
            teardown.wait(failures).await;
        }
    }
}
