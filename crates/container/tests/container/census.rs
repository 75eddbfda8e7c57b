//! What is counted as alive.

use crate::support::{Log, Service, register};
use std::sync::Arc;
use victor_container::{Census, Container, Lifetime};

#[test]
fn the_living_are_counted_and_the_transient_made() {
    let (container, log) = (Container::new(), Log::default());
    container.register_instance(Arc::new(1_u8)).expect("registered");
    register::<1>(&container, Lifetime::Singleton, &log).expect("registered");
    register::<2>(&container, Lifetime::Scoped, &log).expect("registered");
    register::<3>(&container, Lifetime::Transient, &log).expect("registered");
    let given = Census { singletons: 1, ..Census::default() };
    assert_eq!(container.census(), given);

    let (one, other) = (container.scope().expect("open"), container.scope().expect("open"));
    for scope in [&one, &other, &one] {
        drop((scope.get::<Service<1>>(), scope.get::<Service<2>>(), scope.get::<Service<3>>()));
    }
    one.provide(Arc::new(1_u16)).expect("given");
    let full =
        Census { singletons: 2, scopes: 2, scoped: 3, transients_created: 3, ..Census::default() };
    assert_eq!(container.census(), full);

    one.dispose().expect("disposed");
    let less = Census { scopes: 1, scoped: 1, scopes_ended: 1, disposed: 2, ..full };
    assert_eq!(container.census(), less);
    drop(one);
    assert_eq!(container.census(), less);
    container.dispose().expect("disposed");
    drop(other);
    let ended = Census { transients_created: 3, scopes_ended: 2, disposed: 5, ..Census::default() };
    assert_eq!(container.census(), ended);
}

#[test]
fn what_could_not_be_made_is_not_counted() {
    let container = Container::new();
    register::<1>(&container, Lifetime::Scoped, &Log::default()).expect("registered");
    assert!(container.get::<Service<1>>().is_err());
    assert_eq!(container.census(), Census::default());
}
