use super::*;
use crate::simulate::{in_blocks, queue, rng};

const BELOW: ExceedanceVerdict = ExceedanceVerdict::Below;
const ABOVE: ExceedanceVerdict = ExceedanceVerdict::Above;

fn needed(verdict: ExceedanceVerdict) -> u64 {
    match verdict {
        ExceedanceVerdict::Unclear { needed: Some(needed) } => needed,
        other => panic!("expected a number of turns, got {other:?}"),
    }
}

/// How many of `runs` simulated runs of a queue are judged below and above a limit that is
/// `factor` times the true 95th percentile.
fn judged(runs: u64, turns: usize, load: f64, factor: f64) -> (u64, u64) {
    let limit = Millis(-0.05_f64.ln() / (1.0 - load) * factor);
    let mut counts = (0, 0);
    for case in 0..runs {
        let blocks = in_blocks(&queue(&mut rng(case), turns, load), 60);
        let blocks: Vec<_> = blocks.iter().map(|block| (block, 0)).collect();
        match percentile_verdict(&blocks, limit, 0.95, 0.95) {
            ExceedanceVerdict::Below => counts.0 += 1,
            ExceedanceVerdict::Above => counts.1 += 1,
            ExceedanceVerdict::Unclear { .. } => {}
        }
    }
    counts
}

#[test]
fn at_the_limit_independent_turns_are_misjudged_in_at_most_5_percent() {
    for turns in [100, 400, 1000] {
        let (below, above) = judged(300, turns, 0.0, 1.0);
        assert!(below <= 15 && above <= 15, "{turns} turns: {below} below, {above} above of 300");
    }
}

#[test]
fn at_the_limit_correlated_turns_are_misjudged_in_at_most_10_percent() {
    for (turns, load) in [(100, 0.5), (1000, 0.5), (400, 0.7), (1000, 0.7), (4000, 0.9)] {
        let (below, above) = judged(100, turns, load, 1.0);
        assert!(below <= 10 && above <= 5, "{turns} turns, load {load}: {below}, {above} of 100");
    }
}

#[test]
fn clear_cases_are_decided() {
    assert!(judged(100, 400, 0.0, 1.5).0 >= 95, "well below");
    assert!(judged(100, 400, 0.0, 0.6).1 >= 95, "well above");
    assert!(judged(100, 4000, 0.5, 1.5).0 >= 90, "well below, correlated");
    assert!(judged(100, 4000, 0.5, 0.6).1 >= 90, "well above, correlated");
}

#[test]
fn without_exceedance_59_turns_show_that_it_is_under_5_percent() {
    assert_eq!(exceedance_verdict(&[(0, 30), (0, 29)], 0.05, 0.95), BELOW);
    assert_eq!(needed(exceedance_verdict(&[(0, 58)], 0.05, 0.95)), 59);
    assert_eq!(needed(exceedance_verdict(&[], 0.01, 0.95)), 299);
}

#[test]
fn as_many_turns_as_were_named_decide() {
    for (hits, share_of) in [(3, 100), (7, 100)] {
        let blocks = vec![(hits, share_of); 3];
        let turns = needed(exceedance_verdict(&blocks, 0.05, 0.95));
        assert!(turns > 300, "{turns}");
        let more = usize::try_from(turns.div_ceil(share_of)).expect("few");
        let verdict = exceedance_verdict(&vec![(hits, share_of); more], 0.05, 0.95);
        assert_eq!(verdict, if hits < 5 { BELOW } else { ABOVE }, "{turns}");
    }
    let at_the_limit = exceedance_verdict(&[(5, 100); 3], 0.05, 0.95);
    assert_eq!(at_the_limit, ExceedanceVerdict::Unclear { needed: None });
}

#[test]
fn one_bad_spell_weighs_less_than_evenly_spread_exceedances() {
    let spread = [(1, 10); 60];
    let mut bunched = [(0, 10); 60];
    bunched[..6].fill((10, 10));
    assert_eq!(exceedance_verdict(&spread, 0.05, 0.95), ABOVE);
    assert!(needed(exceedance_verdict(&bunched, 0.05, 0.95)) > 600);
    let width = |blocks| {
        let interval = exceedance_interval(blocks, 0.95).expect("turns");
        assert!(interval.low() < 0.1 && 0.1 < interval.high());
        interval.high() - interval.low()
    };
    assert!(width(&bunched) > 3.0 * width(&spread));
}

#[test]
fn failures_are_slower_than_any_limit() {
    let fast: Histogram = [(1000, 90)].into_iter().collect();
    let limit = Millis(1e9);
    assert_eq!(percentile_verdict(&vec![(&fast, 10); 20], limit, 0.95, 0.95), ABOVE);
    assert_eq!(percentile_verdict(&vec![(&fast, 0); 20], limit, 0.95, 0.95), BELOW);
    let none = Histogram::default();
    assert_eq!(percentile_verdict(&vec![(&none, 100); 20], limit, 0.95, 0.95), ABOVE);
}

#[test]
fn limits_that_no_share_can_break_or_keep() {
    assert_eq!(
        exceedance_verdict(&[(10, 10)], 1.0, 0.95),
        ExceedanceVerdict::Unclear { needed: None }
    );
    assert_eq!(
        exceedance_verdict(&[(0, 10)], 0.0, 0.95),
        ExceedanceVerdict::Unclear { needed: None }
    );
    assert_eq!(exceedance_verdict(&[(1, 10)], 0.0, 0.95), ABOVE);
    assert_eq!(exceedance_interval(&[(0, 0)], 0.95), None);
    assert_eq!(exceedance_interval(&[(1, 2)], 1.0), None);
}

#[test]
fn a_clean_run_of_700_independent_turns_decides_a_p99() {
    let mut decided = 0;
    for case in 0..200 {
        let blocks = in_blocks(&queue(&mut rng(case), 700, 0.0), 30);
        let blocks: Vec<_> = blocks.iter().map(|block| (block, 0)).collect();
        decided += u32::from(percentile_verdict(&blocks, Millis(1e6), 0.99, 0.95) == BELOW);
    }
    assert!(decided >= 180, "{decided} of 200");
}

#[test]
fn many_turns_that_move_together_pass_a_limit_far_away() {
    let second = |s: u64| -> Histogram { [(1500 + 400 * (s % 3), 50_000)].into_iter().collect() };
    let seconds: Vec<Histogram> = (0..8).map(second).collect();
    let blocks: Vec<_> = seconds.iter().map(|second| (second, 0)).collect();
    assert_eq!(percentile_verdict(&blocks, Millis(300.0), 0.95, 0.95), BELOW);
    assert_ne!(percentile_verdict(&blocks, Millis(2.4), 0.95, 0.95), BELOW);
}
