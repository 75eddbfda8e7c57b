//! What a server keeps: each leak is found by the tests that are for it, and nothing is found where
//! nothing leaks.

use crate::scale_faults::tried;

#[test]
fn bytes_kept_of_each_request_are_found() {
    let set = "requests=200 seconds=6 drain=1 budget=25";
    tried("--fault leak-request=8KiB", "test_1000_requests", set).finds("memory of requests");
    tried("", "test_1000_requests", set).is_clean();
}

#[test]
fn bytes_kept_of_each_session_are_found_after_its_end() {
    let set = "sessions=40 rounds=8";
    let found = tried("--fault leak-session=64KiB", "test_session_cleanup", set);
    found.finds("memory of ended sessions");
    assert_eq!(found.outcome("live sessions"), "pass", "the sessions themselves ended");
    let clean = tried("", "test_session_cleanup", set);
    clean.is_clean();
    assert_eq!(clean.outcome("live sessions"), "pass");
}

#[test]
fn files_that_stay_open_are_found_after_a_load_and_during_one() {
    let few = "users=10 turns=20 sessions=5 settle=1";
    let found = tried("--fault leak-fd=0.1", "test_resource_cleanup", few);
    found.finds("open files");
    assert_eq!(found.outcome("threads"), "pass", "only files leak");
    tried("", "test_resource_cleanup", few).is_clean();

    let short = "seconds=9";
    tried("--fault leak-fd=0.3", "test_resource_leaks", short).finds("open files");
    tried("", "test_resource_leaks", short).is_clean();
}

#[test]
fn latency_that_creeps_is_found() {
    let set = "seconds=12 drift_percent=50";
    let slower = "--fault latency-creep=300%/12s";
    tried(slower, "test_performance_stability", set).finds("p95 over the run");
    tried("", "test_performance_stability", set).is_clean();
}

#[test]
fn scopes_begin_and_end_with_their_sessions() {
    let tried = tried("", "test_service_container_lifecycle", "sessions=30 rounds=2");
    tried.is_clean();
    for name in ["scopes begun", "scopes ended", "scopes and services left", "singletons added"] {
        assert_eq!(tried.outcome(name), "pass", "{name}");
    }
}
