use super::*;
use victor_types::Millis;

/// A server that serves 100 a second and not one more.
fn sharp(level: f64) -> StepResult {
    let p95 = if level <= 100.0 { 20.0 } else { 2000.0 };
    StepResult::new(level, level.min(100.0)).with_offered(level).with_p95(Millis(p95))
}

fn search(start: f64, mut run: impl FnMut(f64, usize) -> StepResult) -> BreakingPoint {
    let criteria = Criteria::default().with_slo(Millis(300.0));
    let mut search = BreakingPoint::try_new(start, criteria).expect("a start");
    while let NextStep::Run { level, .. } = search.next() {
        let step = search.steps();
        search.record(run(level, step));
    }
    search
}

#[test]
fn a_sharp_limit_is_found_from_below_and_from_above() {
    for start in [1.0, 10.0, 99.0, 101.0, 1000.0] {
        let search = search(start, |level, _| sharp(level));
        let limit = search.finding().limit().expect("found");
        assert!((limit.estimate() / 100.0 - 1.0).abs() < 0.05, "from {start}: {limit:?}");
        assert!(limit.low() <= 100.0 && limit.high() >= 100.0, "from {start}: {limit:?}");
        assert!(search.steps() <= 25, "from {start}: {} steps", search.steps());
    }
}

#[test]
fn one_false_step_anywhere_does_not_mislead_it() {
    for wrong in 0..12 {
        let lucky = |level: f64| StepResult::new(level, level).with_p95(Millis(1.0));
        let search =
            search(10.0, |level, step| if step == wrong { lucky(level) } else { sharp(level) });
        let limit = search.finding().limit().expect("found");
        assert!((limit.estimate() / 100.0 - 1.0).abs() < 0.1, "step {wrong}: {limit:?}");
    }
    for wrong in 0..12 {
        let glitch = |level: f64| StepResult::new(level, level).with_errors(0.5);
        let search =
            search(10.0, |level, step| if step == wrong { glitch(level) } else { sharp(level) });
        let limit = search.finding().limit().expect("found");
        assert!((limit.estimate() / 100.0 - 1.0).abs() < 0.1, "step {wrong}: {limit:?}");
    }
}

#[test]
fn latency_limit_and_collapse_are_kept_apart() {
    let search = search(10.0, |level, _| {
        let p95 = if level < 60.0 { 100.0 } else { 400.0 };
        let errors = if level < 90.0 { 0.0 } else { 0.3 };
        StepResult::new(level, level).with_offered(level).with_p95(Millis(p95)).with_errors(errors)
    });
    let finding = search.finding();
    assert_eq!(finding.cause(), Some(Cause::Latency));
    let latency = finding.latency_limit().expect("seen").estimate();
    assert!((latency / 60.0 - 1.0).abs() < 0.1, "{latency}");
    assert!(finding.collapse().is_none_or(|collapse| collapse.low() > latency));
    let knee = finding.knee().expect("latency quadruples");
    assert!(knee.before < 60.0 && knee.at >= 60.0, "{knee:?}");
}

#[test]
fn recovery_is_asked_for_after_an_overload_only() {
    let mut search = BreakingPoint::try_new(50.0, Criteria::default()).expect("a start");
    assert!(matches!(search.next(), NextStep::Run { recover: false, .. }));
    search.record(sharp(50.0));
    assert!(matches!(search.next(), NextStep::Run { recover: false, .. }));
    search.record(sharp(150.0));
    let NextStep::Run { level, recover, .. } = search.next() else { panic!("not done") };
    assert!(recover && (level - 150.0).abs() < 1e-9, "the bad level once more");
    assert!(BreakingPoint::try_new(0.0, Criteria::default()).is_err());
}

#[test]
fn a_server_without_a_limit_ends_with_the_steps_and_says_how_far_it_went() {
    let search = search(1.0, |level, _| StepResult::new(level, level).with_p95(Millis(1.0)));
    assert_eq!((search.steps(), search.finding().limit()), (25, None));
    assert!(search.finding().highest_good().expect("all good") > 1e4);
}
