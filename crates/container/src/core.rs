//! What a container and its scopes share.

use crate::census::{Counts, add};
use crate::definition::{Definition, Instance, Key, Lifetime, Product};
use crate::error::{RegisterError, ResolveError};
use crate::path::{self, Making, Place};
use crate::resolver::Resolver;
use crate::scope::ScopeState;
use crate::store::Store;
use crate::waits::{Waits, lock};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

#[derive(Debug)]
pub(crate) struct Core {
    registry: RwLock<Registry>,
    pub(crate) singletons: Store,
    /// The open scopes by the numbers of their stores, which ascend.
    scopes: Mutex<BTreeMap<u64, Weak<ScopeState>>>,
    pub(crate) waits: Waits,
    pub(crate) counts: Counts,
}

#[derive(Debug, Default)]
struct Registry {
    definitions: HashMap<Key, Arc<Definition>>,
    frozen: bool,
}

impl Core {
    pub(crate) fn new() -> Self {
        Self {
            registry: RwLock::default(),
            singletons: Store::new("container"),
            scopes: Mutex::default(),
            waits: Waits::default(),
            counts: Counts::default(),
        }
    }

    pub(crate) fn freeze(&self) {
        self.registry.write().unwrap_or_else(PoisonError::into_inner).frozen = true;
    }

    pub(crate) fn register(&self, definition: Definition) -> Result<(), RegisterError> {
        let mut registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        self.permit(&registry, definition.key)?;
        registry.definitions.insert(definition.key, Arc::new(definition));
        Ok(())
    }

    /// Registers a singleton that is there already.
    pub(crate) fn register_instance(
        &self,
        key: Key,
        product: Product,
    ) -> Result<(), RegisterError> {
        // Held meanwhile, so that no factory for the same key slips in.
        let registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        self.permit(&registry, key)?;
        self.singletons.put(key, product, &self.counts.singletons)
    }

    fn permit(&self, registry: &Registry, key: Key) -> Result<(), RegisterError> {
        let service = key.name();
        if self.singletons.is_over() {
            return Err(RegisterError::Disposed { owner: "container", service });
        }
        if registry.frozen {
            return Err(RegisterError::Frozen { service });
        }
        if registry.definitions.contains_key(&key) || self.singletons.ready(key).is_some() {
            return Err(RegisterError::AlreadyRegistered { service });
        }
        Ok(())
    }

    pub(crate) fn is_registered(&self, key: Key) -> bool {
        self.definition(key).is_some() || self.singletons.ready(key).is_some()
    }

    /// Lets go of the factories and of what they hold.
    pub(crate) fn forget_definitions(&self) {
        let mut registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        let definitions = std::mem::take(&mut registry.definitions);
        drop(registry);
        drop(definitions);
    }

    pub(crate) fn definition(&self, key: Key) -> Option<Arc<Definition>> {
        let registry = self.registry.read().unwrap_or_else(PoisonError::into_inner);
        registry.definitions.get(&key).map(Arc::clone)
    }

    /// Adds an open scope, unless the container has ended.
    pub(crate) fn open(&self, scope: &Arc<ScopeState>) -> bool {
        let mut scopes = lock(&self.scopes);
        // The container ends before it looks at its scopes, so none can slip in between.
        let open = !self.singletons.is_over();
        if open {
            scopes.insert(scope.store.number(), Arc::downgrade(scope));
            add(&self.counts.scopes, 1);
        }
        open
    }

    pub(crate) fn close(&self, scope: &ScopeState) {
        lock(&self.scopes).remove(&scope.store.number());
    }

    /// The open scopes, newest first.
    pub(crate) fn open_scopes(&self) -> Vec<Arc<ScopeState>> {
        lock(&self.scopes).values().rev().filter_map(Weak::upgrade).collect()
    }
}

/// The service of `key` as seen by `resolver`.
pub(crate) fn resolve(resolver: &Resolver<'_>, key: Key) -> Result<Instance, ResolveError> {
    let core = resolver.core();
    let own = resolver.scope().map_or(&core.singletons, |scope| &scope.store);
    own.check(key)?;
    let Some(definition) = core.definition(key) else {
        // The end of the container takes the definitions away.
        core.singletons.check(key)?;
        let not_found = || ResolveError::NotFound { service: key.name(), path: path::names() };
        return own.ready(key).or_else(|| core.singletons.ready(key)).ok_or_else(not_found);
    };
    match definition.lifetime {
        Lifetime::Singleton => {
            let root = Resolver::of_container(core);
            core.singletons.get(&definition, &root, &core.counts.singletons)
        }
        Lifetime::Scoped => match resolver.scope() {
            Some(scope) => scope.store.get(&definition, resolver, &core.counts.scoped),
            None => Err(homeless(core, key)),
        },
        Lifetime::Transient => transient(resolver, own, &definition),
    }
}

/// Why the container has no scoped service.
fn homeless(core: &Core, key: Key) -> ResolveError {
    let service = key.name();
    match path::captor(core.singletons.number()) {
        Some(singleton) => ResolveError::Captive { singleton, service },
        None => ResolveError::NeedsScope { service },
    }
}

fn transient(
    resolver: &Resolver<'_>,
    own: &Store,
    definition: &Definition,
) -> Result<Instance, ResolveError> {
    let key = definition.key;
    let place = Place { owner: own.number(), key };
    if let Some(path) = path::circle(place) {
        return Err(ResolveError::Cycle { path });
    }
    let making = Making::begin(place, definition.lifetime, resolver.root());
    let product = definition.make(resolver);
    drop(making);
    let product = product.map_err(|error| ResolveError::of_factory(key.name(), error))?;
    if product.made.must_end() {
        own.keep(key, product.made)?;
    }
    add(&resolver.core().counts.transients, 1);
    Ok(product.instance)
}
