//! The verdicts on labelled series made by others, where they are at hand: in the folder that
//! `VICTOR_DATA` names, or beside the repository.

use super::input::Source;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use victor_stats::{
    Comparison, Design, LeakPolicy, LeakVerdict, MemorySeries, RegressionVerdict, UslLoss,
    leak_verdict, regression_verdict, usl,
};

/// The file, or `None` with a message that the test is skipped.
fn labelled(name: &str) -> Option<Source> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder =
        std::env::var_os("VICTOR_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        crate::talk::say(&format!("skipped: no {name}; VICTOR_DATA names the folder"));
        return None;
    }
    Some(Source::read(&path).expect("a readable file"))
}

#[derive(Debug, Deserialize)]
struct Memory {
    label: String,
    dt_s: f64,
    req: Vec<f64>,
    rss_kib: Vec<f64>,
    live: Option<Vec<f64>>,
    sessions_done: Option<Vec<f64>>,
}

impl Memory {
    fn verdict(self) -> LeakVerdict {
        let bytes: Vec<f64> = self.rss_kib.iter().map(|kib| kib * 1024.0).collect();
        let time = (1..=bytes.len()).map(|i| self.dt_s * i as f64).collect();
        let mut series = MemorySeries::try_new(time, self.req, bytes).expect("a series");
        if let Some(live) = self.live {
            series = series.with_live(live).expect("as long");
        }
        if let Some(sessions) = self.sessions_done {
            series = series.with_sessions(sessions).expect("as long");
        }
        leak_verdict(&series, LeakPolicy::default()).verdict()
    }
}

/// False alarms, series without a leak, leaks found, leaks, inconclusive of both.
fn leaks(every: usize) -> Option<[usize; 5]> {
    let source = labelled("leakbench/dev.jsonl.gz")?;
    let mut counts = [0; 5];
    for (_, run) in source.lines::<Memory>().expect("series").into_iter().step_by(every) {
        let leaks = match run.label.as_str() {
            "leak" => true,
            "no_leak" => false,
            _ => continue,
        };
        let verdict = run.verdict();
        let first = if leaks { 2 } else { 0 };
        counts[first] += usize::from(verdict == LeakVerdict::Leak);
        counts[first + 1] += 1;
        counts[4] += usize::from(verdict == LeakVerdict::Inconclusive);
    }
    Some(counts)
}

#[test]
fn labelled_leaks_are_found_without_false_alarms() {
    let Some([alarms, clean, found, leaks, open]) = leaks(8) else { return };
    assert!(alarms <= 1, "{alarms} of {clean}");
    assert!(
        10 * found >= 7 * leaks && 10 * open <= 4 * (leaks + clean),
        "{found} of {leaks}, {open} open"
    );
}

#[test]
#[ignore = "takes half a minute: cargo test -p victor-cli -- --ignored labelled"]
fn all_labelled_leaks() {
    let Some([alarms, clean, found, leaks, open]) = leaks(1) else { return };
    assert!(1000 * alarms <= 15 * clean, "false alarms: {alarms} of {clean}");
    assert!(100 * found >= 80 * leaks, "found: {found} of {leaks}");
    assert!(100 * open <= 30 * (leaks + clean), "inconclusive: {open} of {}", leaks + clean);
}

#[derive(Debug, Deserialize)]
struct Pair {
    label: String,
    design: String,
    a: Vec<Vec<f64>>,
    b: Vec<Vec<f64>>,
}

#[test]
fn labelled_regressions_are_found_with_one_false_alarm_at_most() {
    let Some(source) = labelled("regbench/dev.jsonl.gz") else { return };
    let (mut alarms, mut found) = (0, 0);
    for (_, pair) in source.lines::<Pair>().expect("pairs") {
        if pair.design != "interleaved" || !["none", "regression"].contains(&pair.label.as_str()) {
            continue;
        }
        let comparison = Comparison::try_new("x", pair.a, pair.b, Design::Interleaved);
        let verdict = regression_verdict(&[comparison.expect("ten blocks")]).verdict();
        let regression = usize::from(verdict == RegressionVerdict::Regression);
        if pair.label == "none" {
            alarms += regression;
        } else {
            found += regression;
        }
    }
    assert!(alarms <= 1 && found >= 84, "{alarms} of 90, {found} of 105");
}

#[derive(Debug, Deserialize)]
struct Published {
    data: Vec<(f64, f64)>,
    gamma: f64,
    alpha: f64,
    beta: f64,
}

#[test]
fn published_coefficients_are_found_to_three_digits() {
    let Some(source) = labelled("usl/usl_reference.json") else { return };
    let sets: BTreeMap<String, Published> = serde_json::from_str(source.text()).expect("sets");
    for (name, set) in sets {
        let fit = usl(&set.data, UslLoss::Absolute).expect("levels");
        let pairs = [(fit.gamma(), set.gamma), (fit.alpha(), set.alpha), (fit.beta(), set.beta)];
        for (own, published) in pairs {
            let off = (own.value - published).abs();
            assert!(off <= 5e-4 * published, "{name}: {} is not {published}", own.value);
        }
    }
}
