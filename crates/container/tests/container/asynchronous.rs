//! Services whose end takes time.

use crate::support::{Log, Service, register};
use std::future::pending;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::yield_now;
use victor_container::{AsyncDispose, Container, Disposal, Lifetime, Resolver, Scope};

/// How a [`Slow`] service ends.
#[derive(Clone, Copy)]
enum End {
    Well,
    Badly,
    WithPanic,
    Never,
}

/// A service that ends asynchronously.
struct Slow<const N: u8> {
    log: Log,
    end: End,
}

impl<const N: u8> AsyncDispose for Slow<N> {
    fn dispose_async(self: Arc<Self>) -> Disposal {
        Box::pin(async move {
            self.log.add(format!("begun {N}"));
            yield_now().await;
            match self.end {
                End::Well => self.log.add(format!("disposed {N}")),
                End::Badly => return Err("no space".into()),
                End::WithPanic => panic!("on purpose"),
                End::Never => pending().await,
            }
            Ok(())
        })
    }
}

fn register_slow<const N: u8>(container: &Container, end: End, log: &Log) {
    let log = log.clone();
    let factory = move |_: &Resolver<'_>| Ok(Arc::new(Slow::<N> { log: log.clone(), end }));
    container.register_async_disposable(Lifetime::Scoped, factory).expect("registered");
}

/// A scope with service 1, slow 2, which ends as told, service 3 and slow 4.
fn mixed(container: &Container, end: End, log: &Log) -> Scope {
    register::<1>(container, Lifetime::Scoped, log).expect("registered");
    register_slow::<2>(container, end, log);
    register::<3>(container, Lifetime::Scoped, log).expect("registered");
    register_slow::<4>(container, End::Well, log);
    let scope = container.scope().expect("open");
    scope.get::<Service<1>>().expect("made");
    scope.get::<Slow<2>>().expect("made");
    scope.get::<Service<3>>().expect("made");
    scope.get::<Slow<4>>().expect("made");
    scope
}

#[tokio::test]
async fn both_kinds_end_in_one_reverse_order_each_after_the_other() {
    let (container, log) = (Container::new(), Log::default());
    let scope = mixed(&container, End::Well, &log);
    scope.dispose_async().await.expect("disposed");
    let expected = ["begun 4", "disposed 4", "disposed 3", "begun 2", "disposed 2", "disposed 1"];
    assert_eq!(log.lines(), expected);
    scope.dispose_async().await.expect("nothing left to do");
    container.dispose_async().await.expect("nothing left to do");
    assert_eq!(log.lines(), expected);
}

#[tokio::test]
async fn one_that_fails_or_panics_does_not_stop_the_others() {
    for (end, part) in [(End::Badly, "no space"), (End::WithPanic, "panic")] {
        let (container, log) = (Container::new(), Log::default());
        let scope = mixed(&container, end, &log);
        let errors = scope.dispose_async().await.expect_err("a failure");
        assert_eq!(errors.failures().len(), 1);
        assert!(errors.to_string().contains(part), "{errors}");
        assert_eq!(log.lines(), ["begun 4", "disposed 4", "disposed 3", "begun 2", "disposed 1"]);
    }
}

#[tokio::test]
async fn the_container_waits_for_its_scopes() {
    let (container, log) = (Container::new(), Log::default());
    register::<7>(&container, Lifetime::Singleton, &log).expect("registered");
    let scope = mixed(&container, End::Well, &log);
    scope.get::<Service<7>>().expect("made");
    container.dispose_async().await.expect("disposed");
    assert_eq!(log.lines().len(), 7);
    assert_eq!(log.lines().last().map(String::as_str), Some("disposed 7"));
}

#[test]
fn ended_at_once_a_slow_service_is_a_failure_and_the_others_end() {
    let (container, log) = (Container::new(), Log::default());
    let scope = mixed(&container, End::Well, &log);
    let errors = scope.dispose().expect_err("two need to wait");
    assert_eq!(errors.failures().len(), 2);
    assert!(errors.to_string().contains("dispose_async"), "{errors}");
    assert_eq!(log.lines(), ["disposed 3", "disposed 1"]);
}

#[tokio::test]
async fn a_cancelled_end_still_ends_what_can_end_at_once() {
    let (container, log) = (Container::new(), Log::default());
    register::<7>(&container, Lifetime::Singleton, &log).expect("registered");
    let scope = mixed(&container, End::Never, &log);
    scope.get::<Service<7>>().expect("made");
    let ending = tokio::time::timeout(Duration::from_millis(50), container.dispose_async());
    assert!(ending.await.is_err());
    let lines = log.lines();
    assert_eq!(lines[3..], ["begun 2", "disposed 1", "disposed 7"], "{lines:?}");
}

/// A service whose end uses the container meanwhile, and waits for others that do.
struct Busy {
    container: Weak<Container>,
    begun: Arc<Notify>,
    released: Arc<Notify>,
    seen: Arc<Mutex<Vec<u64>>>,
}

impl AsyncDispose for Busy {
    fn dispose_async(self: Arc<Self>) -> Disposal {
        Box::pin(async move {
            let container = self.container.upgrade().ok_or("gone")?;
            self.begun.notify_one();
            self.released.notified().await;
            container.get::<String>()?;
            self.seen.lock().map_err(|_| "poisoned")?.push(container.census().scopes);
            Ok(())
        })
    }
}

#[tokio::test]
async fn no_lock_is_held_while_an_end_takes_its_time() {
    let container = Arc::new(Container::new());
    let [begun, released] = [(); 2].map(|()| Arc::new(Notify::new()));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let busy = Arc::new(Busy {
        container: Arc::downgrade(&container),
        begun: Arc::clone(&begun),
        released: Arc::clone(&released),
        seen: Arc::clone(&seen),
    });
    container.register_instance(Arc::new(String::new())).expect("registered");
    let factory = move |_: &Resolver<'_>| Ok(Arc::clone(&busy));
    container.register_async_disposable(Lifetime::Scoped, factory).expect("registered");
    let scope = Arc::new(container.scope().expect("open"));
    scope.get::<Busy>().expect("made");
    let ending = Arc::clone(&scope);
    let ending = tokio::spawn(async move { ending.dispose_async().await });
    begun.notified().await;
    // Half-way: the scope is over for everyone, at once, and everything else goes on.
    assert!(scope.get::<Busy>().is_err());
    scope.dispose_async().await.expect("the other is at it");
    let other = container.scope().expect("open");
    container.register_instance(Arc::new(1_u8)).expect("registered");
    released.notify_one();
    ending.await.expect("no panic").expect("disposed");
    assert_eq!(*seen.lock().expect("whole"), [1]);
    drop(other);
}
