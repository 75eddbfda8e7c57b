//! Services that need each other.

use crate::support::in_time;
use std::sync::{Arc, Barrier, OnceLock, Weak};
use std::thread;
use victor_container::{Container, Lifetime, ResolveError, Resolver};

struct A(#[expect(dead_code, reason = "only holds what it needs")] Arc<B>);
struct B(#[expect(dead_code, reason = "only holds what it needs")] Arc<C>);
struct C(#[expect(dead_code, reason = "only holds what it needs")] Arc<A>);

/// A needs B needs C needs A.
fn circle(a: Lifetime, b: Lifetime, c: Lifetime) -> Container {
    let container = Container::new();
    container.register(a, |r: &Resolver<'_>| Ok(Arc::new(A(r.get()?)))).expect("registered");
    container.register(b, |r: &Resolver<'_>| Ok(Arc::new(B(r.get()?)))).expect("registered");
    container.register(c, |r: &Resolver<'_>| Ok(Arc::new(C(r.get()?)))).expect("registered");
    container
}

/// The last part of each name in the circle that `error` tells of.
fn path(error: &ResolveError) -> Vec<&'static str> {
    let ResolveError::Cycle { path } = error else { panic!("{error}") };
    path.iter().filter_map(|name| name.rsplit("::").next()).collect()
}

#[test]
fn a_circle_is_told_with_its_path_whatever_the_lifetimes() {
    use Lifetime::{Scoped, Singleton, Transient};
    for (a, b, c) in [
        (Singleton, Singleton, Singleton),
        (Scoped, Scoped, Scoped),
        (Transient, Transient, Transient),
        (Transient, Singleton, Singleton),
        (Scoped, Transient, Scoped),
    ] {
        let container = circle(a, b, c);
        let scope = container.scope().expect("open");
        let error = scope.get::<B>().map(drop).expect_err("a circle");
        assert_eq!(path(&error), ["B", "C", "A", "B"]);
        assert!(error.to_string().contains(" -> "), "{error}");
        // Nothing is left half-made.
        assert_eq!(path(&scope.get::<C>().map(drop).expect_err("a circle")), ["C", "A", "B", "C"]);
    }
}

#[test]
fn a_circle_through_a_captured_container_is_seen() {
    in_time(|| {
        let container = Arc::new(Container::new());
        let captured: Weak<Container> = Arc::downgrade(&container);
        let factory = move |_: &Resolver<'_>| {
            let container = captured.upgrade().ok_or("gone")?;
            Ok(container.get::<String>()?)
        };
        container.register(Lifetime::Singleton, factory).expect("registered");
        let error = container.get::<String>().expect_err("a circle");
        assert_eq!(path(&error), ["String", "String"]);
    });
}

struct Left;
struct Right;

/// Two singletons that need each other, whose factories first wait for both threads to be inside.
fn crossed() -> Container {
    static BOTH: OnceLock<Barrier> = OnceLock::new();
    static FIRST: [OnceLock<()>; 2] = [OnceLock::new(), OnceLock::new()];
    let meet = |at: usize| {
        if FIRST[at].set(()).is_ok() {
            BOTH.get_or_init(|| Barrier::new(2)).wait();
        }
    };
    let container = Container::new();
    let left = move |r: &Resolver<'_>| {
        meet(0);
        r.get::<Right>()?;
        Ok(Arc::new(Left))
    };
    container.register(Lifetime::Singleton, left).expect("registered");
    let right = move |r: &Resolver<'_>| {
        meet(1);
        r.get::<Left>()?;
        Ok(Arc::new(Right))
    };
    container.register(Lifetime::Singleton, right).expect("registered");
    container
}

#[test]
fn a_circle_closed_by_two_threads_is_an_error_for_both_and_no_deadlock() {
    let (left, right) = in_time(|| {
        let container = crossed();
        thread::scope(|threads| {
            let left = threads.spawn(|| container.get::<Left>().map(drop).expect_err("left"));
            let right = threads.spawn(|| container.get::<Right>().map(drop).expect_err("right"));
            (left.join().expect("no panic"), right.join().expect("no panic"))
        })
    });
    for error in [left, right] {
        let path = path(&error);
        assert_eq!(path.len(), 3, "{path:?}");
        assert_eq!(path[0], path[2]);
        assert_ne!(path[0], path[1]);
    }
}

#[test]
fn threads_that_need_the_same_without_a_circle_wait_and_get_it() {
    struct Base;
    struct Top<const N: u8>(Arc<Base>);
    in_time(|| {
        for _ in 0..200 {
            let container = Container::new();
            container
                .register(Lifetime::Singleton, |_: &Resolver<'_>| {
                    thread::yield_now();
                    Ok(Arc::new(Base))
                })
                .expect("registered");
            container
                .register(Lifetime::Singleton, |r: &Resolver<'_>| Ok(Arc::new(Top::<1>(r.get()?))))
                .expect("registered");
            container
                .register(Lifetime::Singleton, |r: &Resolver<'_>| {
                    r.get::<Top<1>>()?;
                    Ok(Arc::new(Top::<2>(r.get()?)))
                })
                .expect("registered");
            let start = Barrier::new(3);
            thread::scope(|threads| {
                let base = threads.spawn(|| (start.wait(), container.get::<Base>()).1);
                let one = threads.spawn(|| (start.wait(), container.get::<Top<1>>()).1);
                let two = threads.spawn(|| (start.wait(), container.get::<Top<2>>()).1);
                let base = base.join().expect("no panic").expect("base");
                let one = one.join().expect("no panic").expect("one");
                let two = two.join().expect("no panic").expect("two");
                assert!(Arc::ptr_eq(&base, &one.0) && Arc::ptr_eq(&base, &two.0));
            });
        }
    });
}
