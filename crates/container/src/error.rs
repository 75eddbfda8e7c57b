//! What can go wrong before a service is there.

use thiserror::Error;

/// Any error, as factories and disposals return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a service was not registered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegisterError {
    /// There is one already.
    #[error("service {service} is already registered: register it once")]
    AlreadyRegistered {
        /// The service's type.
        service: &'static str,
    },
    /// [`Container::freeze`](crate::Container::freeze) was called.
    #[error("the container is frozen: register {service} before freezing it")]
    Frozen {
        /// The service's type.
        service: &'static str,
    },
    /// The container or the scope was disposed.
    #[error("the {owner} is disposed: register {service} with a live one")]
    Disposed {
        /// `container` or `scope`.
        owner: &'static str,
        /// The service's type.
        service: &'static str,
    },
}

/// Why there is no service.
#[derive(Debug, Error)]
pub enum ResolveError {
    /// Nothing of this type was registered.
    #[error("service {service} is not registered{}", needed(path))]
    NotFound {
        /// The service's type.
        service: &'static str,
        /// The services that were being made, outermost first; empty when it was asked for
        /// directly.
        path: Vec<&'static str>,
    },
    /// A service needs itself.
    #[error("services need each other in a circle: {}", path.join(" -> "))]
    Cycle {
        /// The circle: it begins and ends with the same service.
        path: Vec<&'static str>,
    },
    /// A scoped service was asked of the container.
    #[error("service {service} is scoped: ask a scope for it, not the container")]
    NeedsScope {
        /// The service's type.
        service: &'static str,
    },
    /// A singleton asked for a scoped service, which would end before it.
    #[error(
        "singleton {singleton} needs {service}, which is scoped and ends before it: make \
         {singleton} scoped, or {service} a singleton"
    )]
    Captive {
        /// The singleton's type.
        singleton: &'static str,
        /// The scoped service's type.
        service: &'static str,
    },
    /// The container or the scope was disposed.
    #[error("the {owner} is disposed: {service} can no longer be had from it")]
    Disposed {
        /// `container` or `scope`.
        owner: &'static str,
        /// The service's type.
        service: &'static str,
    },
    /// The factory failed. The next one who asks has it run again.
    #[error("service {service} could not be made")]
    Factory {
        /// The service's type.
        service: &'static str,
        /// What the factory said.
        source: BoxError,
    },
}

impl ResolveError {
    /// What a factory's error means: its own, or that of a service it asked for, which says more.
    pub(crate) fn of_factory(service: &'static str, error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(inner) => *inner,
            Err(source) => Self::Factory { service, source },
        }
    }
}

fn needed(path: &[&'static str]) -> String {
    match path.is_empty() {
        true => ": register it first".to_owned(),
        false => format!(" but needed by {}: register it first", path.join(" -> ")),
    }
}
