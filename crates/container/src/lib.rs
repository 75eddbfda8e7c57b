//! Services with lifetimes: made once, once a scope, or anew each time, and disposed in reverse.
//!
//! The one idea: every service has exactly one owner, and the owner's end is the service's end.
//! Singletons belong to the [`Container`], scoped services to the [`Scope`] that was asked for
//! them; whoever made a service last disposes it first. What a factory may ask for follows from
//! that: a service never holds another that ends before it, so a singleton that asks for a scoped
//! service is refused.
//!
//! ```
//! use std::sync::Arc;
//! use victor_container::{BoxError, Container, Dispose, Lifetime, Resolver};
//!
//! struct Workspace;
//! struct Memory(Arc<Workspace>);
//!
//! impl Dispose for Memory {
//!     fn dispose(&self) -> Result<(), BoxError> {
//!         Ok(()) // flushed
//!     }
//! }
//!
//! let container = Container::new();
//! container.register(Lifetime::Singleton, |_: &Resolver| Ok(Arc::new(Workspace)))?;
//! container.register_disposable(Lifetime::Scoped, |resolver: &Resolver| {
//!     Ok(Arc::new(Memory(resolver.get()?)))
//! })?;
//! container.freeze();
//!
//! let (one, other) = (container.scope()?, container.scope()?);
//! let (mine, yours) = (one.get::<Memory>()?, other.get::<Memory>()?);
//! assert!(!Arc::ptr_eq(&mine, &yours));
//! assert!(Arc::ptr_eq(&mine.0, &yours.0));
//! assert_eq!(container.census().scoped, 2);
//! one.dispose()?;
//! assert_eq!(container.census().scoped, 1);
//! # Ok::<(), BoxError>(())
//! ```
//!
//! Why not fields of one struct, built in `main`? They are right for a program with one lifetime.
//! A server whose sessions come and go needs to know what each of them owns, to end it in order
//! when the session ends, and to count what is still alive: that is what leak tests look at.

mod census;
mod container;
mod core;
mod definition;
mod dispose;
mod error;
mod path;
mod resolver;
mod scope;
mod store;
mod teardown;
mod waits;

pub use census::Census;
pub use container::Container;
pub use definition::Lifetime;
pub use dispose::{AsyncDispose, Disposal, Dispose, DisposeErrors, DisposeFailure};
pub use error::{BoxError, RegisterError, ResolveError};
pub use resolver::Resolver;
pub use scope::Scope;
