//! How services end.

use crate::support::{Holder, Log, Service, register, register_holder};
use std::sync::Arc;
use victor_container::{BoxError, Container, Dispose, Lifetime, Resolver, Scope};

/// A scope in which services 3, 1 and 2 were made in this order.
fn made(container: &Container, log: &Log) -> Scope {
    register::<1>(container, Lifetime::Scoped, log).expect("registered");
    register::<2>(container, Lifetime::Scoped, log).expect("registered");
    register::<3>(container, Lifetime::Scoped, log).expect("registered");
    let scope = container.scope().expect("open");
    scope.get::<Service<3>>().expect("made");
    scope.get::<Service<1>>().expect("made");
    scope.get::<Service<2>>().expect("made");
    scope
}

const REVERSED: [&str; 3] = ["disposed 2", "disposed 1", "disposed 3"];

#[test]
fn what_was_made_last_ends_first_and_only_once() {
    let (container, log) = (Container::new(), Log::default());
    let scope = made(&container, &log);
    scope.dispose().expect("disposed");
    assert_eq!(log.lines(), REVERSED);
    scope.dispose().expect("nothing left to do");
    drop(scope);
    container.dispose().expect("nothing left to do");
    assert_eq!(log.lines(), REVERSED);
}

#[test]
fn a_holder_ends_before_what_it_holds_although_it_was_begun_before() {
    let (container, log) = (Container::new(), Log::default());
    register::<1>(&container, Lifetime::Singleton, &log).expect("registered");
    register_holder::<Service<1>>(&container, Lifetime::Singleton, &log).expect("registered");
    container.get::<Holder<Service<1>>>().expect("made");
    container.dispose().expect("disposed");
    assert_eq!(log.lines(), ["disposed holder", "disposed 1"]);
}

#[test]
fn a_dropped_scope_ends_its_services() {
    let (container, log) = (Container::new(), Log::default());
    drop(made(&container, &log));
    assert_eq!(log.lines(), REVERSED);
}

#[test]
fn the_end_of_the_container_ends_open_scopes_first_the_newest_before_the_others() {
    let (container, log) = (Container::new(), Log::default());
    register::<7>(&container, Lifetime::Singleton, &log).expect("registered");
    let old = made(&container, &log);
    old.get::<Service<7>>().expect("made");
    let new = container.scope().expect("open");
    new.get::<Service<3>>().expect("made");
    drop(container);
    let mut expected = vec!["disposed 3"];
    expected.extend(REVERSED);
    expected.push("disposed 7");
    assert_eq!(log.lines(), expected);
    drop((old, new));
    assert_eq!(log.lines(), expected);
}

#[test]
fn a_disposable_transient_ends_with_the_scope_it_was_asked_from() {
    let (container, log) = (Container::new(), Log::default());
    register::<1>(&container, Lifetime::Transient, &log).expect("registered");
    let scope = container.scope().expect("open");
    drop((scope.get::<Service<1>>(), scope.get::<Service<1>>(), container.get::<Service<1>>()));
    assert!(log.lines().is_empty());
    scope.dispose().expect("disposed");
    assert_eq!(log.lines().len(), 2);
    container.dispose().expect("disposed");
    assert_eq!(log.lines().len(), 3);
}

#[test]
fn a_plain_service_is_let_go_of() {
    let container = Container::new();
    let made = |_: &Resolver<'_>| Ok(Arc::new(String::new()));
    container.register(Lifetime::Scoped, made).expect("registered");
    let given = Arc::new(7_u8);
    container.register_instance(Arc::clone(&given)).expect("registered");
    let scope = container.scope().expect("open");
    let service = Arc::downgrade(&scope.get::<String>().expect("made"));
    assert!(service.upgrade().is_some());
    scope.dispose().expect("disposed");
    assert!(service.upgrade().is_none());
    container.dispose().expect("disposed");
    assert_eq!(Arc::strong_count(&given), 1);
}

/// A service that panics in its end.
struct Explosive;

impl Dispose for Explosive {
    fn dispose(&self) -> Result<(), BoxError> {
        panic!("on purpose")
    }
}

#[test]
fn one_that_fails_or_panics_does_not_stop_the_others() {
    let (container, log) = (Container::new(), Log::default());
    register::<1>(&container, Lifetime::Scoped, &log).expect("registered");
    register::<2>(&container, Lifetime::Scoped, &log).expect("registered");
    let noted = log.clone();
    let failing = move |_: &Resolver<'_>| Ok(Arc::new(Service::<3, true>(noted.clone())));
    container.register_disposable(Lifetime::Scoped, failing).expect("registered");
    let explosive = |_: &Resolver<'_>| Ok(Arc::new(Explosive));
    container.register_disposable(Lifetime::Scoped, explosive).expect("registered");
    let scope = container.scope().expect("open");
    scope.get::<Service<1>>().expect("made");
    scope.get::<Explosive>().expect("made");
    scope.get::<Service<3, true>>().expect("made");
    scope.get::<Service<2>>().expect("made");

    let errors = scope.dispose().expect_err("two failures");
    assert_eq!(log.lines(), ["disposed 2", "disposed 3", "disposed 1"]);
    let [failing, explosive] = errors.failures() else { panic!("{errors}") };
    assert!(failing.service().contains("Service") && explosive.service().contains("Explosive"));
    assert_eq!(failing.error().to_string(), "failure of 3");
    assert!(errors.to_string().contains("failure of 3; ") && errors.to_string().contains("panic"));
    assert!(scope.dispose().is_ok());
}

#[test]
fn what_is_made_while_its_scope_ends_is_disposed_at_once() {
    let (container, log) = (Container::new(), Log::default());
    let scope = Arc::new(container.scope().expect("open"));
    let ending = Arc::downgrade(&scope);
    let noted = log.clone();
    let factory = move |_: &Resolver<'_>| {
        ending.upgrade().ok_or("gone")?.dispose()?;
        Ok(Arc::new(Service::<1>(noted.clone())))
    };
    container.register_disposable(Lifetime::Scoped, factory).expect("registered");
    assert!(scope.get::<Service<1>>().is_err());
    assert_eq!(log.lines(), ["disposed 1"]);
    assert_eq!(container.census().scoped, 0);
}
