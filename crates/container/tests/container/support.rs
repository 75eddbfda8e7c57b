//! Services that tell what happens to them.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use victor_container::{BoxError, Container, Dispose, Lifetime, RegisterError, Resolver};

/// What happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A service, told apart from others by `N`, that logs its disposal; `FAILS` makes that an error.
pub(crate) struct Service<const N: u8, const FAILS: bool = false>(pub(crate) Log);

impl<const N: u8, const FAILS: bool> Dispose for Service<N, FAILS> {
    fn dispose(&self) -> Result<(), BoxError> {
        self.0.add(format!("disposed {N}"));
        if FAILS { Err(format!("failure of {N}").into()) } else { Ok(()) }
    }
}

/// A service that holds another, and is disposed before it.
pub(crate) struct Holder<T: ?Sized> {
    pub(crate) held: Arc<T>,
    log: Log,
}

impl<T: ?Sized + Send + Sync> Dispose for Holder<T> {
    fn dispose(&self) -> Result<(), BoxError> {
        self.log.add("disposed holder");
        Ok(())
    }
}

/// Registers service `N`, which needs nothing.
pub(crate) fn register<const N: u8>(
    container: &Container,
    lifetime: Lifetime,
    log: &Log,
) -> Result<(), RegisterError> {
    let log = log.clone();
    container.register_disposable(lifetime, move |_: &Resolver<'_>| {
        Ok(Arc::new(Service::<N>(log.clone())))
    })
}

/// Registers a holder of `T`, which it asks for when it is made.
pub(crate) fn register_holder<T: ?Sized + Send + Sync + 'static>(
    container: &Container,
    lifetime: Lifetime,
    log: &Log,
) -> Result<(), RegisterError> {
    let log = log.clone();
    container.register_disposable(lifetime, move |resolver: &Resolver<'_>| {
        Ok(Arc::new(Holder::<T> { held: resolver.get()?, log: log.clone() }))
    })
}

/// The result of `work`, which must end within 20 seconds.
pub(crate) fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let waiting = thread::current();
    let worker = thread::spawn(move || {
        let result = work();
        waiting.unpark();
        result
    });
    for _ in 0..2000 {
        if worker.is_finished() {
            return worker.join().expect("no panic");
        }
        thread::park_timeout(Duration::from_millis(10));
    }
    panic!("still waiting after 20 s: a deadlock");
}
