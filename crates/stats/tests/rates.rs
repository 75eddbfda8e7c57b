//! The verdicts on a few of the made-up systems that the example `rates` has many of.

#[path = "../examples/rates/latency.rs"]
mod latency;
#[path = "../examples/rates/memory.rs"]
mod memory;
#[path = "../examples/rates/queue.rs"]
mod queue;

use rand_pcg::Pcg64;
use victor_stats::{
    BreakingPoint, Criteria, LeakPolicy, LeakVerdict, NextStep, RegressionVerdict, leak_verdict,
    regression_verdict,
};
use victor_types::Millis;

fn rng(case: u64, kind: usize) -> Pcg64 {
    Pcg64::new(u128::from(case) + 77_000, kind as u128)
}

#[test]
fn leaks_are_told_from_what_is_none() {
    let (mut alarms, mut found, mut clean) = (0, 0, 0);
    for (number, kind) in memory::KINDS.iter().enumerate() {
        for case in 0..2 {
            let sample = memory::sample(kind, rng(case, number));
            let verdict = leak_verdict(&sample.series, LeakPolicy::default()).verdict();
            let leaks = kind.truth == memory::Truth::Leak;
            assert_eq!(leaks, sample.leaked > 0.0, "{}", kind.name);
            alarms += u32::from(!leaks && verdict == LeakVerdict::Leak);
            found += u32::from(leaks && verdict == LeakVerdict::Leak);
            clean += u32::from(leaks && verdict == LeakVerdict::NoLeak);
        }
    }
    assert!(alarms <= 2 && found >= 15 && clean <= 3, "{alarms} {found} {clean} of 24 each");
}

#[test]
fn slower_candidates_are_told_from_noise() {
    let (mut alarms, mut found) = (0, 0);
    for (number, kind) in latency::KINDS.iter().enumerate() {
        for case in 0..6 {
            let comparison = latency::sample(kind, rng(case, 100 + number));
            let verdict = regression_verdict(&[comparison]).verdict();
            let regression = u32::from(verdict == RegressionVerdict::Regression);
            if kind.slower {
                found += regression;
            } else {
                alarms += regression;
            }
            assert!(!kind.slower || verdict != RegressionVerdict::Pass, "{}", kind.name);
        }
    }
    // At the measured rate of 0.7 % three alarms or more come once in 300 draws of the seeds.
    assert!(alarms <= 2 && found >= 27, "{alarms} of 42, {found} of 48");
}

#[test]
fn the_capacity_of_a_queue_is_found() {
    let mut good = 0;
    for case in 0..5 {
        let mut queue = queue::Queue::new(4, 0.05, rng(case, 200)).with_freezes(0.05);
        let capacity = queue.capacity();
        let criteria = Criteria::default().with_slo(Millis(2000.0));
        let mut search = BreakingPoint::try_new(0.1 * capacity, criteria).expect("a start");
        while let NextStep::Run { level, long, .. } = search.next() {
            search.record(queue.step(level, if long { 60.0 } else { 20.0 }));
        }
        let limit = search.finding().limit().expect("found");
        let near = (limit.estimate() / capacity - 1.0).abs() <= 0.1;
        good += u32::from(near && limit.low() <= capacity && capacity <= limit.high());
        assert!(search.steps() <= 25);
    }
    assert!(good >= 4, "{good} of 5");
}
