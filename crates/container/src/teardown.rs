//! Disposal of what one owner made, the newest first.

use crate::dispose::{AsyncDispose, Disposal, Dispose, DisposeFailure};
use crate::error::BoxError;
use std::any::type_name;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use thiserror::Error;

/// What is to be done with a service in the end.
enum End {
    /// It is let go of.
    Drop(Box<dyn Send>),
    Now(Box<dyn FnOnce() -> Result<(), BoxError> + Send>),
    Async(Box<dyn FnOnce() -> Disposal + Send>),
}

/// A service that was made, with its end.
pub(crate) struct Made {
    service: &'static str,
    end: End,
}

/// An end that did not come about.
#[derive(Debug, Error)]
enum Unended {
    #[error("the disposal panicked")]
    Panic,
    #[error("it is disposed asynchronously: end its owner with dispose_async")]
    Async,
}

impl Made {
    /// A service that is only let go of.
    pub(crate) fn plain<T: ?Sized + Send + Sync + 'static>(service: Arc<T>) -> Self {
        Self { service: type_name::<T>(), end: End::Drop(Box::new(service)) }
    }

    pub(crate) fn disposable<T: Dispose + ?Sized + 'static>(service: Arc<T>) -> Self {
        let end = End::Now(Box::new(move || service.dispose()));
        Self { service: type_name::<T>(), end }
    }

    pub(crate) fn async_disposable<T: AsyncDispose + ?Sized + 'static>(service: Arc<T>) -> Self {
        let end = End::Async(Box::new(move || service.dispose_async()));
        Self { service: type_name::<T>(), end }
    }

    /// True when somebody has to end it.
    pub(crate) fn must_end(&self) -> bool {
        !matches!(self.end, End::Drop(_))
    }

    fn end_now(self) -> Result<(), DisposeFailure> {
        let ended = match self.end {
            End::Drop(held) => caught(|| {
                drop(held);
                Ok(())
            }),
            End::Now(end) => caught(end),
            End::Async(_) => Err(Unended::Async.into()),
        };
        ended.map_err(|error| DisposeFailure::new(self.service, error))
    }

    async fn end_async(self) -> Result<(), DisposeFailure> {
        let End::Async(end) = self.end else { return self.end_now() };
        let mut disposal: Option<Disposal> = None;
        let begun = caught(|| {
            disposal = Some(end());
            Ok(())
        });
        let ended = match (begun, disposal) {
            (Ok(()), Some(mut disposal)) => {
                poll_fn(|context| {
                    catch_unwind(AssertUnwindSafe(|| disposal.as_mut().poll(context)))
                        .unwrap_or_else(|_| std::task::Poll::Ready(Err(Unended::Panic.into())))
                })
                .await
            }
            (begun, _) => begun,
        };
        ended.map_err(|error| DisposeFailure::new(self.service, error))
    }
}

/// Runs `end`; a panic is an error like any other, or it would keep the rest from being disposed.
fn caught(end: impl FnOnce() -> Result<(), BoxError>) -> Result<(), BoxError> {
    catch_unwind(AssertUnwindSafe(end)).unwrap_or_else(|_| Err(Unended::Panic.into()))
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Made").field(&self.service).finish()
    }
}

/// What an owner made, in order, taken out of it to be ended. Dropped half-way, as when an
/// asynchronous disposal is cancelled, it still ends what can be ended at once.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Teardown(Vec<Made>);

impl Teardown {
    pub(crate) fn of(made: Vec<Made>) -> Self {
        Self(made)
    }

    pub(crate) fn now(mut self, failures: &mut Vec<DisposeFailure>) {
        while let Some(made) = self.0.pop() {
            failures.extend(made.end_now().err());
        }
    }

    pub(crate) async fn wait(mut self, failures: &mut Vec<DisposeFailure>) {
        while let Some(made) = self.0.pop() {
            failures.extend(made.end_async().await.err());
        }
    }
}

impl Drop for Teardown {
    fn drop(&mut self) {
        while let Some(made) = self.0.pop() {
            if let Err(failure) = made.end_now() {
                report(&failure);
            }
        }
    }
}

/// Tells of a failure that nobody is there to be told of.
pub(crate) fn report(failure: &DisposeFailure) {
    tracing::warn!(service = failure.service(), error = %failure.error(), "not disposed");
}
