//! Many threads at once.

use crate::support::in_time;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use victor_container::{BoxError, Census, Container, Dispose, Lifetime, Resolver, Scope};

#[test]
fn a_singleton_is_made_once_however_many_ask_at_once() {
    in_time(|| {
        for _ in 0..200 {
            let container = Container::new();
            let made = Arc::new(AtomicU64::new(0));
            let counted = Arc::clone(&made);
            let factory = move |_: &Resolver<'_>| {
                thread::yield_now();
                Ok(Arc::new(counted.fetch_add(1, Ordering::Relaxed)))
            };
            container.register(Lifetime::Singleton, factory).expect("registered");
            let start = Barrier::new(4);
            thread::scope(|threads| {
                for _ in 0..4 {
                    threads.spawn(|| {
                        start.wait();
                        assert_eq!(*container.get::<u64>().expect("made"), 0);
                    });
                }
            });
            assert_eq!(made.load(Ordering::Relaxed), 1);
        }
    });
}

#[test]
fn different_services_are_made_side_by_side() {
    // Each factory waits for the other to be inside: one after the other, neither would end.
    in_time(|| {
        let both = Arc::new(Barrier::new(2));
        let container = Container::new();
        let (left, right) = (Arc::clone(&both), both);
        let factory = move |_: &Resolver<'_>| {
            left.wait();
            Ok(Arc::new(1_u8))
        };
        container.register(Lifetime::Singleton, factory).expect("registered");
        let factory = move |_: &Resolver<'_>| {
            right.wait();
            Ok(Arc::new(1_u16))
        };
        container.register(Lifetime::Singleton, factory).expect("registered");
        thread::scope(|threads| {
            threads.spawn(|| container.get::<u8>().expect("made"));
            threads.spawn(|| container.get::<u16>().expect("made"));
        });
    });
}

/// What was made and disposed.
#[derive(Default)]
struct Tally {
    made: AtomicU64,
    disposed: AtomicU64,
}

/// A service of a scope, counted in and out.
struct Counted<const N: u8>(Arc<Tally>);

impl<const N: u8> Dispose for Counted<N> {
    fn dispose(&self) -> Result<(), BoxError> {
        self.0.disposed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn counted<const N: u8>(container: &Container, lifetime: Lifetime) {
    let factory = |resolver: &Resolver<'_>| {
        let tally: Arc<Tally> = resolver.get()?;
        if N > 0 {
            resolver.get::<Counted<0>>()?;
        }
        tally.made.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Counted::<N>(tally)))
    };
    container.register_disposable(lifetime, factory).expect("registered");
}

const THREADS: u64 = 8;
const ROUNDS: u64 = 300;

/// Opens and ends scopes, and ends `shared` under the feet of the other threads that use it.
fn bustle(container: &Container, shared: &Scope) {
    for round in 0..ROUNDS {
        let own = container.scope().expect("open");
        own.get::<Counted<1>>().expect("made");
        own.get::<Counted<2>>().expect("made");
        let (before, after) = (shared.get::<Counted<1>>(), shared.get::<Counted<2>>());
        assert!(before.is_ok() || after.is_err(), "ended, and alive again");
        if round == ROUNDS / 2 {
            shared.dispose().expect("disposed");
        }
    }
}

#[test]
fn under_stress_all_that_was_made_is_disposed_once() {
    in_time(|| {
        let container = Container::new();
        let tally = Arc::new(Tally::default());
        container.register_instance(Arc::clone(&tally)).expect("registered");
        counted::<0>(&container, Lifetime::Scoped);
        counted::<1>(&container, Lifetime::Scoped);
        counted::<2>(&container, Lifetime::Transient);
        container.freeze();
        for _ in 0..3 {
            let shared = container.scope().expect("open");
            thread::scope(|threads| {
                for _ in 0..THREADS {
                    threads.spawn(|| bustle(&container, &shared));
                }
            });
        }
        assert_eq!(
            container.census(),
            Census { singletons: 1, scopes: 0, scoped: 0, ..container.census() }
        );
        container.dispose().expect("disposed");
        let made = tally.made.load(Ordering::Relaxed);
        assert!(made >= 3 * THREADS * ROUNDS * 3, "{made}");
        assert_eq!(tally.disposed.load(Ordering::Relaxed), made);
    });
}
