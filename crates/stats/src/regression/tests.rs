use super::*;
use crate::simulate::rng;
use rand_distr::{Distribution, LogNormal};

/// Ten blocks of 80 latencies, each side from its own seeds; block `i` is `level(i)` times as slow.
fn side(case: u64, level: impl Fn(usize) -> f64) -> Vec<Vec<f64>> {
    let law = LogNormal::new(4.0, 0.35).expect("a spread");
    let mut rng = rng(case);
    (0..10).map(|i| (0..80).map(|_| level(i) * law.sample(&mut rng)).collect()).collect()
}

fn judge(a: Vec<Vec<f64>>, b: Vec<Vec<f64>>, design: Design) -> RegressionFinding {
    regression_verdict(&[Comparison::try_new("chat", a, b, design).expect("ten blocks")])
}

#[test]
fn a_slower_candidate_is_found_and_a_faster_one_too() {
    let slower = judge(side(1, |_| 1.0), side(2, |_| 1.2), Design::Interleaved);
    assert_eq!(slower.verdict(), RegressionVerdict::Regression);
    let worst = slower.worse().next().expect("one metric at least");
    let ratio = worst.ratio();
    assert!((ratio.value - 1.2).abs() < 0.1 && ratio.low > 1.05 && ratio.high < 1.35, "{ratio:?}");
    let faster = judge(side(1, |_| 1.2), side(2, |_| 1.0), Design::Interleaved);
    assert_eq!(faster.verdict(), RegressionVerdict::Improved);
}

#[test]
fn no_change_is_hardly_ever_called_one() {
    let alarms = (0..60).filter(|case| {
        let found =
            judge(side(2 * case, |_| 1.0), side(2 * case + 1, |_| 1.0), Design::Interleaved);
        matches!(found.verdict(), RegressionVerdict::Regression | RegressionVerdict::Improved)
    });
    let alarms = alarms.count();
    assert!(alarms <= 2, "{alarms} of 60");
}

#[test]
fn what_the_machine_does_to_both_sides_of_a_pair_is_no_regression() {
    let wild = |i: usize| if i.is_multiple_of(3) { 1.5 } else { 1.0 };
    let found = judge(side(7, wild), side(8, wild), Design::Interleaved);
    assert_ne!(found.verdict(), RegressionVerdict::Regression);
    assert_ne!(found.verdict(), RegressionVerdict::Improved);
}

#[test]
fn a_drifting_machine_leaves_sides_one_after_the_other_open() {
    let drifting = |from: f64| move |i: usize| 1.0 + 0.02 * (from + i as f64);
    let places = |from: u32| (from..from + 10).map(f64::from).collect();
    let design = Design::Sequential { baseline: places(0), candidate: places(10) };
    let found = judge(side(9, drifting(0.0)), side(10, drifting(10.0)), design);
    assert_eq!(found.verdict(), RegressionVerdict::Inconclusive);
    assert!(found.drift().is_some_and(|shift| shift > 1.1), "{:?}", found.drift());
}

#[test]
fn many_endpoints_are_corrected_together() {
    let alone = judge(side(31, |_| 1.0), side(32, |_| 1.09), Design::Interleaved);
    let p_alone = alone.metrics()[0].p_worse();
    let comparisons: Vec<Comparison> = (0..10)
        .map(|i| {
            let slower = if i == 0 { 1.09 } else { 1.0 };
            let (a, b) = (side(31 + 2 * i, |_| 1.0), side(32 + 2 * i, move |_| slower));
            Comparison::try_new(format!("endpoint {i}"), a, b, Design::Interleaved).expect("blocks")
        })
        .collect();
    let together = regression_verdict(&comparisons);
    assert_eq!(together.metrics().len(), 30);
    assert!(together.metrics()[0].p_worse() > 5.0 * p_alone);
    assert_eq!(regression_verdict(&[]).verdict(), RegressionVerdict::Inconclusive);
}

#[test]
fn sides_that_cannot_be_compared_are_refused() {
    let refused = |a, b| {
        Comparison::try_new("x", a, b, Design::Interleaved).expect_err("refused").to_string()
    };
    let good = || side(1, |_| 1.0);
    assert!(refused(good()[..3].to_vec(), good()).contains("`a` has 3 blocks"));
    assert!(refused(good(), good()[..7].to_vec()).contains("10 and 7 blocks"));
    let mut holed = good();
    holed[4][7] = 0.0;
    assert!(refused(good(), holed).contains("block 5 (from 1) of `b` holds 0"));
}
