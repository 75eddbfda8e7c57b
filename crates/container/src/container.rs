//! The owner of singletons and scopes.

use crate::census::Census;
use crate::core::Core;
use crate::definition::{Definition, Key, Lifetime, Product, erased};
use crate::dispose::{AsyncDispose, Dispose, DisposeErrors};
use crate::error::{BoxError, RegisterError, ResolveError};
use crate::resolver::Resolver;
use crate::scope::Scope;
use crate::teardown::{Made, Teardown, report};
use std::any::type_name;
use std::sync::Arc;

/// Services by their types. Methods may be called from any thread; different services are made
/// side by side, a singleton only once.
///
/// Factories that need other services ask their [`Resolver`] for them. A factory that hands its
/// wish to another thread and waits for it there hides a circle from the container, which then
/// cannot see it.
///
/// It ends with [`Self::dispose`] or [`Self::dispose_async`], or at the latest when it is dropped,
/// as a [`Scope`] does: first its open scopes, the newest first, then its singletons.
#[derive(Debug)]
pub struct Container {
    core: Arc<Core>,
}

impl Default for Container {
    fn default() -> Self {
        Self::new()
    }
}

impl Container {
    /// A container without services.
    #[must_use]
    pub fn new() -> Self {
        Self { core: Arc::new(Core::new()) }
    }

    /// Registers a service that is only let go of in the end.
    ///
    /// # Errors
    ///
    /// When there is one of this type, or the container is frozen or disposed.
    pub fn register<T, F>(&self, lifetime: Lifetime, factory: F) -> Result<(), RegisterError>
    where
        T: ?Sized + Send + Sync + 'static,
        F: Fn(&Resolver<'_>) -> Result<Arc<T>, BoxError> + Send + Sync + 'static,
    {
        self.core.register(Definition::new(lifetime, factory, Made::plain))
    }

    /// Registers a service that is disposed in the end.
    ///
    /// # Errors
    ///
    /// As [`Self::register`].
    pub fn register_disposable<T, F>(
        &self,
        lifetime: Lifetime,
        factory: F,
    ) -> Result<(), RegisterError>
    where
        T: Dispose + ?Sized + 'static,
        F: Fn(&Resolver<'_>) -> Result<Arc<T>, BoxError> + Send + Sync + 'static,
    {
        self.core.register(Definition::new(lifetime, factory, Made::disposable))
    }

    /// Registers a service that is disposed asynchronously in the end.
    ///
    /// # Errors
    ///
    /// As [`Self::register`].
    pub fn register_async_disposable<T, F>(
        &self,
        lifetime: Lifetime,
        factory: F,
    ) -> Result<(), RegisterError>
    where
        T: AsyncDispose + ?Sized + 'static,
        F: Fn(&Resolver<'_>) -> Result<Arc<T>, BoxError> + Send + Sync + 'static,
    {
        self.core.register(Definition::new(lifetime, factory, Made::async_disposable))
    }

    /// Registers a singleton that is there already. It stays the caller's: the container lets go
    /// of it in the end but does not dispose it.
    ///
    /// # Errors
    ///
    /// As [`Self::register`].
    pub fn register_instance<T>(&self, service: Arc<T>) -> Result<(), RegisterError>
    where
        T: ?Sized + Send + Sync + 'static,
    {
        let product = Product { instance: erased(&service), made: Made::plain(service) };
        self.core.register_instance(Key::of::<T>(), product)
    }

    /// Refuses registrations from now on.
    pub fn freeze(&self) {
        self.core.freeze();
    }

    /// True when a `T` was registered.
    #[must_use]
    pub fn is_registered<T: ?Sized + 'static>(&self) -> bool {
        self.core.is_registered(Key::of::<T>())
    }

    /// The singleton `T`, or a new one if it is transient.
    ///
    /// # Errors
    ///
    /// [`ResolveError::NeedsScope`] for a scoped service; see [`ResolveError`] for the others.
    pub fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Result<Arc<T>, ResolveError> {
        Resolver::of_container(&self.core).get()
    }

    /// Opens a scope.
    ///
    /// # Errors
    ///
    /// [`ResolveError::Disposed`] when the container has ended.
    pub fn scope(&self) -> Result<Scope, ResolveError> {
        let gone = || ResolveError::Disposed { owner: "container", service: type_name::<Scope>() };
        Scope::open(&self.core).ok_or_else(gone)
    }

    /// What is alive.
    #[must_use]
    pub fn census(&self) -> Census {
        self.core.counts.census()
    }

    /// Disposes open scopes and then singletons, newest first. Does nothing the second time.
    ///
    /// # Errors
    ///
    /// Every service that failed, panicked, or would have needed [`Self::dispose_async`]; the
    /// others are disposed all the same.
    pub fn dispose(&self) -> Result<(), DisposeErrors> {
        let Some(mut ending) = self.end() else { return Ok(()) };
        let mut failures = Vec::new();
        for scope in self.core.open_scopes() {
            scope.end_now(&mut failures);
        }
        std::mem::take(&mut ending.singletons).now(&mut failures);
        DisposeErrors::check(failures)
    }

    /// Disposes open scopes and then singletons, newest first, one after the other. Does nothing
    /// the second time, also while the first is still going on. Dropped half-way, it disposes at
    /// once what can be. A scope whose own end is under way elsewhere is not waited for.
    ///
    /// # Errors
    ///
    /// Every service that failed or panicked; the others are disposed all the same.
    pub async fn dispose_async(&self) -> Result<(), DisposeErrors> {
        let Some(mut ending) = self.end() else { return Ok(()) };
        let mut failures = Vec::new();
        for scope in self.core.open_scopes() {
            scope.end_async(&mut failures).await;
        }
        std::mem::take(&mut ending.singletons).wait(&mut failures).await;
        DisposeErrors::check(failures)
    }

    fn end(&self) -> Option<Ending<'_>> {
        let (singletons, services) = self.core.singletons.end()?;
        self.core.counts.container_ended(services);
        Some(Ending { core: &self.core, singletons })
    }
}

/// The rest of a container that is ending. Dropped half-way, the scopes still end before the
/// singletons they hold.
struct Ending<'a> {
    core: &'a Core,
    singletons: Teardown,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let mut failures = Vec::new();
        for scope in self.core.open_scopes() {
            scope.end_now(&mut failures);
        }
        std::mem::take(&mut self.singletons).now(&mut failures);
        failures.iter().for_each(report);
        self.core.forget_definitions();
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Err(errors) = self.dispose() {
            errors.failures().iter().for_each(report);
        }
    }
}
