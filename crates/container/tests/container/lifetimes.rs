//! How often services are made and who sees which.

use crate::support::{Holder, Log, Service, register, register_holder};
use std::fmt::Debug;
use std::sync::Arc;
use victor_container::{Container, Lifetime, Resolver};

type One = Service<1>;

#[test]
fn a_singleton_is_the_same_everywhere() {
    let container = Container::new();
    register::<1>(&container, Lifetime::Singleton, &Log::default()).expect("registered");
    let first = container.get::<One>().expect("made");
    let scope = container.scope().expect("open");
    assert!(Arc::ptr_eq(&first, &scope.get().expect("shared")));
    assert!(Arc::ptr_eq(&first, &container.get().expect("kept")));
}

#[test]
fn a_scoped_service_is_one_for_each_scope() {
    let container = Container::new();
    register::<1>(&container, Lifetime::Scoped, &Log::default()).expect("registered");
    let (one, other) = (container.scope().expect("open"), container.scope().expect("open"));
    let mine = one.get::<One>().expect("made");
    assert!(Arc::ptr_eq(&mine, &one.get().expect("kept")));
    assert!(!Arc::ptr_eq(&mine, &other.get().expect("made")));
}

#[test]
fn a_transient_is_new_each_time() {
    let container = Container::new();
    register::<1>(&container, Lifetime::Transient, &Log::default()).expect("registered");
    let scope = container.scope().expect("open");
    let first = scope.get::<One>().expect("made");
    assert!(!Arc::ptr_eq(&first, &scope.get().expect("made")));
    assert!(!Arc::ptr_eq(&first, &container.get().expect("made")));
}

#[test]
fn an_instance_is_a_singleton() {
    let container = Container::new();
    let given = Arc::new("given".to_owned());
    container.register_instance(Arc::clone(&given)).expect("registered");
    assert!(container.is_registered::<String>() && !container.is_registered::<u8>());
    assert!(Arc::ptr_eq(&given, &container.get().expect("there")));
    assert!(Arc::ptr_eq(&given, &container.scope().expect("open").get().expect("there")));
}

#[test]
fn a_service_may_be_known_by_a_trait() {
    let container = Container::new();
    let factory = |_: &Resolver<'_>| Ok(Arc::new(7_u8) as Arc<dyn Debug + Send + Sync>);
    container.register(Lifetime::Singleton, factory).expect("registered");
    let service = container.get::<dyn Debug + Send + Sync>().expect("made");
    assert_eq!(format!("{service:?}"), "7");
}

#[test]
fn a_scoped_service_is_handed_the_services_of_its_own_scope() {
    let container = Container::new();
    let log = Log::default();
    register::<1>(&container, Lifetime::Scoped, &log).expect("registered");
    register_holder::<One>(&container, Lifetime::Scoped, &log).expect("registered");
    let (one, other) = (container.scope().expect("open"), container.scope().expect("open"));
    for (scope, stranger) in [(&one, &other), (&other, &one)] {
        let held = Arc::clone(&scope.get::<Holder<One>>().expect("made").held);
        assert!(Arc::ptr_eq(&held, &scope.get().expect("kept")));
        assert!(!Arc::ptr_eq(&held, &stranger.get().expect("made")));
    }
}

#[test]
fn a_transient_asked_for_in_a_scope_sees_that_scope() {
    let container = Container::new();
    let log = Log::default();
    register::<1>(&container, Lifetime::Scoped, &log).expect("registered");
    register_holder::<One>(&container, Lifetime::Transient, &log).expect("registered");
    let scope = container.scope().expect("open");
    let held = Arc::clone(&scope.get::<Holder<One>>().expect("made").held);
    assert!(Arc::ptr_eq(&held, &scope.get().expect("kept")));
}

#[test]
fn what_a_scope_is_for_can_be_given_to_it() {
    let container = Container::new();
    register_holder::<str>(&container, Lifetime::Scoped, &Log::default()).expect("registered");
    let (one, other) = (container.scope().expect("open"), container.scope().expect("open"));
    one.provide::<str>("session-1".into()).expect("given");
    other.provide::<str>("session-2".into()).expect("given");
    assert_eq!(&*one.get::<Holder<str>>().expect("made").held, "session-1");
    assert_eq!(&*other.get::<Holder<str>>().expect("made").held, "session-2");
    assert!(one.provide::<str>("again".into()).is_err());
    assert!(container.get::<str>().is_err());
}
