//! No test of the catalogue passes on a target that is no assistant.

use crate::support::{Place, Pretend};
use serde_json::Value;

/// Small numbers for every parameter of every test, so that each ends in seconds.
const SMALL: [(&str, u64); 23] = [
    ("users", 4),
    ("sessions", 4),
    ("turns", 10),
    ("seconds", 1),
    ("first", 2),
    ("second", 4),
    ("third", 0),
    ("fourth", 0),
    ("streams", 20),
    ("short", 10),
    ("long", 1),
    ("long_kib", 1),
    ("at_once", 2),
    ("rounds", 3),
    ("messages", 20),
    ("facts", 3),
    ("step_seconds", 1),
    ("steps", 2),
    ("requests", 20),
    ("drain", 0),
    ("budget", 1),
    ("settle", 1),
    ("expiry", 1),
];

/// The tests with their parameters, as `--list` names them.
fn listed(place: &Place, words: &[&str]) -> Vec<(String, Vec<String>)> {
    let mut all = vec!["scale", "--list"];
    all.extend(words);
    let mut tests: Vec<(String, Vec<String>)> = Vec::new();
    for line in place.victor(&all).with_code(0).out.lines() {
        let word = line.split_whitespace().next().unwrap_or_default().to_owned();
        if !line.starts_with(' ') {
            tests.push((word, Vec::new()));
        } else if line.contains(" = ")
            && let Some((_, params)) = tests.last_mut()
        {
            params.push(word);
        }
    }
    tests
}

/// Runs the chosen tests on `host`: each must be there, and none may pass.
fn none_passes(host: &str, words: &[&str]) {
    let place = Place::new();
    let tests = listed(&place, words);
    let mut set = Vec::new();
    for (id, params) in &tests {
        let test = id.split("::").last().expect("a name");
        let known = |param: &&String| SMALL.iter().find(|(name, _)| name == param);
        for (name, value) in params.iter().filter_map(|param| known(&param)) {
            set.push(format!("{test}.{name}={value}"));
        }
    }
    let mut all = vec!["scale", "--host", host, "--json", "s.json"];
    all.extend(words);
    set.iter().for_each(|set| all.extend(["--set", set]));
    let ended = place.start(&all, &[]).wait(180);
    assert_ne!(ended.code(), 0, "{ended}");
    let written: Value = serde_json::from_str(&place.read("s.json")).expect("JSON");
    let results = written["tests"].as_array().expect("tests");
    assert_eq!(results.len(), tests.len(), "each was tried: {ended}");
    for result in results {
        let outcome = result["outcome"].as_str().expect("an outcome");
        assert!(matches!(outcome, "fail" | "invalid"), "{} is {outcome}: {ended}", result["test"]);
    }
}

#[test]
fn nothing_passes_where_nobody_is() {
    none_passes("http://127.0.0.1:1", &[]);
}

#[test]
fn nothing_passes_where_nothing_is_found() {
    none_passes(&Pretend::http("404 Not Found").host(), &[]);
}

#[test]
fn nothing_passes_where_every_turn_ends_in_an_apology() {
    none_passes(&Pretend::apologising().host(), &["-k", "not Stress"]);
}

#[test]
fn no_stress_is_passed_by_apologies() {
    none_passes(&Pretend::apologising().host(), &["TestStressTesting"]);
}
