use super::*;
use crate::simulate::{in_blocks, queue, rng};

/// How many of `runs` simulated runs have an interval that covers the true `q` quantile (an upper
/// end that is absent covers everything above), and the mean effective count.
fn covered(runs: u64, turns: usize, load: f64, q: f64) -> (u64, f64) {
    let truth = -(1.0 - q).ln() / (1.0 - load);
    let mut hits = 0;
    let mut effective = 0.0;
    for case in 0..runs {
        let blocks = in_blocks(&queue(&mut rng(case), turns, load), 120);
        let found = percentile_interval(&blocks, q).expect("many values");
        let Interval { low, high } = found.interval();
        // A recorder rounds up by at most 0.1 %.
        let holds = low.0 <= truth * 1.001 && high.is_none_or(|high| high.0 >= truth);
        hits += u64::from(holds);
        effective += found.effective_count() / as_f64(runs);
    }
    (hits, effective)
}

#[test]
fn intervals_of_independent_turns_cover_as_promised_and_waste_little() {
    for q in [0.5, 0.95, 0.99] {
        let (hits, effective) = covered(200, 1000, 0.0, q);
        assert!(hits >= 186, "q {q}: {hits} of 200");
        assert!(effective > 700.0, "q {q}: {effective} of 1000");
    }
}

#[test]
fn intervals_of_correlated_turns_cover_as_promised() {
    for (load, q) in [(0.5, 0.5), (0.5, 0.95), (0.7, 0.95), (0.7, 0.99), (0.9, 0.5), (0.9, 0.95)] {
        let (hits, effective) = covered(100, 4000, load, q);
        assert!(hits >= 90, "load {load}, q {q}: {hits} of 100");
        assert!(effective < 2000.0, "correlation was noticed: {effective}");
    }
}

#[test]
fn a_side_that_few_values_cannot_bound_is_open() {
    let blocks: Vec<Histogram> =
        (1..=20).map(|i| [(i * 1000, 1), (i * 1000 + 500, 1)].into_iter().collect()).collect();
    let p99 = percentile_interval(&blocks, 0.99).expect("40 values");
    assert_eq!(p99.value(), Millis(20.5));
    assert_eq!(p99.interval().high, None, "40 values cannot bound a 99th percentile");
    assert!(p99.interval().low > Millis(0.0));
    let two = percentile_interval(&blocks[..1], 0.5).expect("two values");
    assert_eq!(two.interval(), Interval { low: Millis(0.0), high: None });
}

#[test]
fn it_holds_the_value_and_needs_two_values_and_a_proper_quantile() {
    let blocks = in_blocks(&queue(&mut rng(1), 500, 0.0), 10);
    for q in [0.1, 0.5, 0.9] {
        let found = percentile_interval(&blocks, q).expect("500 values");
        assert!(found.interval().low <= found.value());
        assert!(found.interval().high.expect("500 values bound it") >= found.value());
        assert!(found.design_effect() >= 1.0);
    }
    let one: Histogram = [(5, 1)].into_iter().collect();
    assert_eq!(percentile_interval(&[one], 0.5), None);
    assert_eq!(percentile_interval(&blocks, 1.0), None);
    assert_eq!(percentile_interval(&blocks, f64::NAN), None);
}

#[test]
fn a_design_effect_from_elsewhere_widens_the_interval() {
    let values: Histogram = (1..=1000).map(|i| (i * 1000, 1)).collect();
    let narrow = interval_with_design_effect(&values, 0.5, 1.0).expect("1000 values");
    let wide = interval_with_design_effect(&values, 0.5, 9.0).expect("1000 values");
    let width = |interval: Interval| interval.high.expect("bounded").0 - interval.low.0;
    assert!((width(wide) / width(narrow) - 3.0).abs() < 0.2);
    // Independent values, by the ranks of Conover: 469 and 532 of 1000 for the median.
    assert!((narrow.low.0 - 469.0).abs() <= 1.0);
    assert!((narrow.high.expect("bounded").0 - 532.0).abs() <= 1.0);
    assert_eq!(interval_with_design_effect(&values, 0.99, 9.0).expect("1000 values").high, None);
}
