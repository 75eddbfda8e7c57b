//! The end of a service.

use crate::error::BoxError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A service that has something to do when its owner ends. It is called once.
pub trait Dispose: Send + Sync {
    /// Lets go of what the service holds.
    ///
    /// # Errors
    ///
    /// Whatever went wrong; other services are disposed all the same.
    fn dispose(&self) -> Result<(), BoxError>;
}

/// The future of an [`AsyncDispose`].
pub type Disposal = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// A service that has to wait for something when its owner ends. It is called once, and no lock of
/// the container is held while its future is polled.
pub trait AsyncDispose: Send + Sync {
    /// Lets go of what the service holds. An error does not keep others from being disposed.
    fn dispose_async(self: Arc<Self>) -> Disposal;
}

/// A service that did not end well.
#[derive(Debug)]
pub struct DisposeFailure {
    service: &'static str,
    source: BoxError,
}

impl DisposeFailure {
    pub(crate) fn new(service: &'static str, source: BoxError) -> Self {
        Self { service, source }
    }

    /// The service's type.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// What went wrong.
    #[must_use]
    pub fn error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.source
    }
}

impl fmt::Display for DisposeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.service, self.source)
    }
}

/// Every service that did not end well, in the order of disposal; never empty.
#[derive(Debug)]
pub struct DisposeErrors(Vec<DisposeFailure>);

impl DisposeErrors {
    /// An error when there are failures.
    pub(crate) fn check(failures: Vec<DisposeFailure>) -> Result<(), Self> {
        if failures.is_empty() { Ok(()) } else { Err(Self(failures)) }
    }

    /// Each of them.
    #[must_use]
    pub fn failures(&self) -> &[DisposeFailure] {
        &self.0
    }
}

impl fmt::Display for DisposeErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("services could not be disposed:")?;
        for (at, failure) in self.0.iter().enumerate() {
            write!(f, "{} {failure}", if at == 0 { "" } else { ";" })?;
        }
        Ok(())
    }
}

impl std::error::Error for DisposeErrors {}
