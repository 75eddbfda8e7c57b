//! Each detector of the scalability suite against the fault it is for, and against none.

use crate::support::{Ended, Place, Server, truth};
use serde_json::Value;

/// A test of the suite on a server of its own.
pub(crate) struct Tried {
    ended: Ended,
    result: Value,
    place: Place,
}

/// Runs `test` with `set` (`param=value`, divided at blanks) on a server with `words`.
pub(crate) fn tried(words: &str, test: &str, set: &str) -> Tried {
    let place = Place::new();
    let server = Server::start(&place, &format!("--seed 7 {words}"));
    let host = server.host();
    let mut all = vec!["scale", test, "--host", &host, "--json", "s.json"];
    let set: Vec<String> = set.split_whitespace().map(|set| format!("{test}.{set}")).collect();
    set.iter().for_each(|set| all.extend(["--set", set]));
    let ended = place.victor(&all);
    server.stop();
    let written: Value = serde_json::from_str(&place.read("s.json")).expect("JSON");
    Tried { ended, result: written["tests"][0].clone(), place }
}

impl Tried {
    fn verdict(&self, name: &str) -> &Value {
        let verdicts = self.result["verdicts"].as_array().expect("verdicts");
        let found = verdicts.iter().find(|verdict| verdict["name"] == name);
        found.unwrap_or_else(|| panic!("no verdict `{name}`: {}", self.ended))
    }

    pub(crate) fn outcome(&self, name: &str) -> &str {
        self.verdict(name)["outcome"].as_str().expect("an outcome")
    }

    /// The fault was found. A machine too busy to make the load says so instead.
    pub(crate) fn finds(&self, name: &str) {
        let outcome = self.outcome(name);
        assert!(matches!(outcome, "fail" | "invalid"), "{name} is {outcome}: {}", self.ended);
        assert_ne!(self.ended.code(), 0, "{}", self.ended);
    }

    /// Nothing was found where nothing is.
    pub(crate) fn is_clean(&self) {
        assert_ne!(self.result["outcome"], "fail", "{}", self.ended);
        assert!(matches!(self.ended.code(), 0 | 4 | 5), "{}", self.ended);
    }

    /// Turns in which the server's log names `fault`.
    fn struck(&self, fault: &str) -> usize {
        let named = |name: &String| name == fault;
        truth(&self.place).iter().filter(|record| record.faults.iter().any(named)).count()
    }
}

#[test]
fn errors_inside_a_success_are_counted_and_nothing_else_is() {
    let few = "turns=400 sessions=10";
    let found = tried("--fault error-in-200=2%", "test_masked_failures", few);
    found.finds("masked failures");
    let struck = found.struck("error_in_200");
    assert!(struck > 0, "the fault did not strike");
    let measured = found.verdict("masked failures")["measured"].to_string();
    assert!(measured.contains(&format!("{struck} of 400")), "{struck} struck: {measured}");

    let clean = tried("", "test_masked_failures", few);
    clean.is_clean();
    assert_eq!(clean.outcome("masked failures"), "inconclusive", "400 turns are too few to pass");
}

#[test]
fn forgotten_facts_are_found() {
    let set = "sessions=20 turns=20";
    let found = tried("--fault forget=5%", "test_memory_recall", set);
    found.finds("memory recall");
    tried("", "test_memory_recall", set).is_clean();
}

#[test]
fn streams_that_come_in_one_piece_are_found() {
    tried("--fault fake-stream", "test_real_streaming", "streams=60").finds("streams in one piece");
    let clean = tried("", "test_real_streaming", "streams=60");
    clean.is_clean();
    assert_eq!(clean.outcome("streams in one piece"), "inconclusive", "60 are too few to pass");
}

#[test]
fn turns_that_wait_for_those_of_others_are_found() {
    let set = "seconds=5 short=20 long=2 long_kib=32";
    let found = tried("--fault serialise", "test_head_of_line_blocking", set);
    found.finds("turns side by side");
    found.finds("short beside long turns");
    tried("", "test_head_of_line_blocking", set).is_clean();
}

#[test]
fn work_after_a_hang_up_is_found() {
    let set = "turns=25 at_once=5";
    let found = tried("--fault work-after-hangup=5s", "test_abandonment", set);
    found.finds("next turn of the session");
    assert!(found.struck("work_after_hangup") > 0);
    tried("", "test_abandonment", set).is_clean();
}

#[test]
fn a_slow_recovery_is_found() {
    let set = "users=10 overload=120 seconds=4 watched=6 within=2";
    let words = "--fault slow-recovery=1m,above=60";
    tried(words, "test_error_recovery", set).finds("recovered");
}

#[test]
fn a_deep_queue_collapses_and_a_short_one_degrades_gracefully() {
    let set = "start=10 step_seconds=3 seconds=7 within_ms=1000";
    let deep = "--profile instant --capacity 80";
    tried(deep, "test_graceful_degradation", set).finds("goodput kept");
    let short = "--profile instant --capacity 80 --max-concurrent 15 --queue 10";
    let clean = tried(short, "test_graceful_degradation", set);
    clean.is_clean();
    let measured = clean.verdict("goodput kept")["measured"].to_string();
    assert!(measured.contains("graceful") || clean.ended.code() != 0, "{}", clean.ended);
}

#[test]
fn the_breaking_point_lies_where_the_capacity_says() {
    // 100 turns a second and 300 ms: by Little's law about 30 users.
    let set = "start=8 step_seconds=3 steps=4 least=200";
    let found = tried("--capacity 100", "test_breaking_point", set);
    found.finds("breaking point");
}

#[test]
fn long_conversations_are_measured_and_made_smaller() {
    let grown = tried("", "test_100_turns", "turns=40 users=5");
    grown.is_clean();
    assert_eq!(grown.outcome("facts kept"), "pass", "{}", grown.ended);
    let set = "messages=60 facts=5";
    let compacted = tried("", "test_compaction", set);
    assert_eq!(compacted.outcome("after hybrid"), "pass", "{}", compacted.ended);
    assert_eq!(compacted.outcome("compaction by summary"), "not_applicable");
}
