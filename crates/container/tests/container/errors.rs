//! What is refused, and how it is said.

use crate::support::{Holder, Log, Service, in_time, register, register_holder};
use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use victor_container::{BoxError, Container, Lifetime, RegisterError, ResolveError, Resolver};

type One = Service<1>;

#[test]
fn what_was_not_registered_is_not_found_and_who_needed_it_is_told() {
    let container = Container::new();
    let error = container.get::<One>().map(drop).expect_err("unknown");
    assert!(matches!(&error, ResolveError::NotFound { path, .. } if path.is_empty()), "{error}");
    register_holder::<One>(&container, Lifetime::Singleton, &Log::default()).expect("registered");
    let error = container.get::<Holder<One>>().map(drop).expect_err("unknown").to_string();
    assert!(error.contains("Service") && error.contains("needed by"), "{error}");
    assert!(error.contains("Holder"), "{error}");
}

#[test]
fn a_type_is_registered_once() {
    let container = Container::new();
    register::<1>(&container, Lifetime::Scoped, &Log::default()).expect("registered");
    let already = |result: Result<(), RegisterError>| matches!(result, Err(RegisterError::AlreadyRegistered { service }) if service.contains("Service"));
    assert!(already(register::<1>(&container, Lifetime::Singleton, &Log::default())));
    assert!(already(container.register_instance(Arc::new(Service::<1>(Log::default())))));
    let given = Arc::new(Service::<2>(Log::default()));
    container.register_instance(Arc::clone(&given)).expect("registered");
    assert!(already(register::<2>(&container, Lifetime::Singleton, &Log::default())));
    assert!(already(container.register_instance(Arc::clone(&given))));
    assert!(already(container.scope().expect("open").provide(given)));
}

#[test]
fn a_frozen_container_takes_no_more() {
    let container = Container::new();
    register::<1>(&container, Lifetime::Singleton, &Log::default()).expect("registered");
    container.freeze();
    let error = register::<2>(&container, Lifetime::Singleton, &Log::default());
    assert!(matches!(error, Err(RegisterError::Frozen { .. })));
    let error = container.register_instance(Arc::new(1_u8));
    assert!(matches!(error, Err(RegisterError::Frozen { .. })));
    assert!(container.get::<One>().is_ok());
}

#[test]
fn a_scoped_service_cannot_be_had_from_the_container() {
    let container = Container::new();
    let log = Log::default();
    register::<1>(&container, Lifetime::Scoped, &log).expect("registered");
    register_holder::<One>(&container, Lifetime::Transient, &log).expect("registered");
    for error in [
        container.get::<One>().map(drop).expect_err("scoped"),
        container.get::<Holder<One>>().map(drop).expect_err("needs a scoped one"),
    ] {
        assert!(matches!(error, ResolveError::NeedsScope { .. }), "{error}");
        assert!(error.to_string().contains("ask a scope"), "{error}");
    }
}

#[test]
fn a_singleton_cannot_hold_a_scoped_service() {
    let container = Container::new();
    let log = Log::default();
    register::<1>(&container, Lifetime::Scoped, &log).expect("registered");
    register_holder::<One>(&container, Lifetime::Singleton, &log).expect("registered");
    let scope = container.scope().expect("open");
    // Also not when the scoped one is there already, or stands behind a transient.
    scope.get::<One>().expect("made");
    let error = scope.get::<Holder<One>>().map(drop).expect_err("captive");
    let ResolveError::Captive { singleton, service } = &error else { panic!("{error}") };
    assert!(singleton.contains("Holder") && !service.contains("Holder"), "{error}");
    assert!(error.to_string().contains("make"), "{error}");

    let container = Container::new();
    register::<1>(&container, Lifetime::Scoped, &log).expect("registered");
    register_holder::<One>(&container, Lifetime::Transient, &log).expect("registered");
    register_holder::<Holder<One>>(&container, Lifetime::Singleton, &log).expect("registered");
    let scope = container.scope().expect("open");
    let error = scope.get::<Holder<Holder<One>>>().map(drop).expect_err("captive");
    assert!(matches!(error, ResolveError::Captive { .. }), "{error}");
}

#[test]
fn what_has_ended_gives_nothing() {
    let container = Container::new();
    register::<1>(&container, Lifetime::Singleton, &Log::default()).expect("registered");
    let scope = container.scope().expect("open");
    scope.dispose().expect("disposed");
    let error = scope.get::<One>().map(drop).expect_err("ended");
    assert!(matches!(error, ResolveError::Disposed { owner: "scope", .. }), "{error}");
    let error = scope.provide(Arc::new(1_u8));
    assert!(matches!(error, Err(RegisterError::Disposed { owner: "scope", .. })));

    let open = container.scope().expect("open");
    container.dispose().expect("disposed");
    assert!(matches!(open.get::<One>(), Err(ResolveError::Disposed { .. })));
    assert!(matches!(container.get::<One>(), Err(ResolveError::Disposed { .. })));
    assert!(matches!(container.scope(), Err(ResolveError::Disposed { .. })));
    let late = register::<2>(&container, Lifetime::Singleton, &Log::default());
    assert!(matches!(late, Err(RegisterError::Disposed { .. })));
}

#[test]
fn a_factory_that_fails_or_panics_is_run_again_for_the_next() {
    let attempts = AtomicU32::new(0);
    let factory = move |_: &Resolver<'_>| -> Result<Arc<String>, BoxError> {
        match attempts.fetch_add(1, Ordering::Relaxed) {
            0 => Err("disk full".into()),
            1 => panic!("on purpose"),
            _ => Ok(Arc::new("made".to_owned())),
        }
    };
    in_time(move || {
        let container = Container::new();
        container.register(Lifetime::Singleton, factory).expect("registered");
        let error = container.get::<String>().expect_err("first");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("disk full"));
        let get = std::panic::AssertUnwindSafe(|| container.get::<String>().map(drop));
        assert!(std::panic::catch_unwind(get).is_err());
        assert_eq!(*container.get::<String>().expect("third"), "made");
    });
}
