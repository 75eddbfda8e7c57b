use super::*;
use crate::simulate::rng;
use rand_distr::{Distribution, StandardNormal};

const MIB: f64 = 1024.0 * 1024.0;

/// A name and MiB at each place in the run.
type Named = (&'static str, fn(f64) -> f64);

/// 240 samples at 100 requests each: 500 MiB, `shape` of the place in the run in MiB, noise.
fn run(case: u64, noise: f64, shape: impl Fn(f64) -> f64) -> MemorySeries {
    let mut rng = rng(case);
    let memory = (1..=240)
        .map(|i| {
            let fresh: f64 = StandardNormal.sample(&mut rng);
            MIB * (500.0 + shape(f64::from(i) / 240.0) + noise * fresh)
        })
        .collect();
    let count = |each: f64| (1..=240).map(|i| each * f64::from(i)).collect();
    MemorySeries::try_new(count(5.0), count(100.0), memory).expect("a series")
}

fn verdict(series: &MemorySeries) -> LeakFinding {
    leak_verdict(series, LeakPolicy::default())
}

#[test]
fn a_leak_is_found_with_its_bytes_per_request() {
    let finding = verdict(&run(1, 2.0, |z| 60.0 * z));
    assert_eq!(finding.verdict(), LeakVerdict::Leak);
    let truth = 60.0 * MIB / 24_000.0;
    let bytes = finding.bytes_per_request().expect("requests were made");
    assert!((bytes.value / truth - 1.0).abs() < 0.1, "{bytes:?} is not {truth}");
    assert!(bytes.low < truth && truth < bytes.high);
    let hourly = 60.0 * MIB * 3600.0 / 1200.0;
    assert!((finding.bytes_per_hour().value / hourly - 1.0).abs() < 0.1);
    assert!(finding.shape().is_unbounded());
}

#[test]
fn what_ends_is_no_leak() {
    let shapes: [Named; 5] = [
        ("flat", |_| 0.0),
        ("warm-up", |z| 150.0 * (1.0 - (-z / 0.04).exp())),
        ("full cache", |z| 200.0 * (z / 0.3).min(1.0)),
        ("burst kept", |z| if z < 0.6 { 0.0 } else { 80.0 }),
        ("periodic", |z| 20.0 * (z * 30.0).sin()),
    ];
    for (name, shape) in shapes {
        assert_eq!(verdict(&run(2, 1.0, shape)).verdict(), LeakVerdict::NoLeak, "{name}");
    }
}

#[test]
fn leaks_behind_something_else_are_found() {
    let shapes: [Named; 4] = [
        ("warm-up", |z| 80.0 * (1.0 - (-z / 0.04).exp()) + 60.0 * z),
        ("cache", |z| 100.0 * (z / 0.2).min(1.0) + 60.0 * z),
        ("chunks", |z| (z * 12.0).floor() * 5.0),
        ("collector", |z| 60.0 * z + 100.0 * (z * 17.0).fract()),
    ];
    for (name, shape) in shapes {
        let finding = verdict(&run(3, 0.5, shape));
        assert_eq!(finding.verdict(), LeakVerdict::Leak, "{name}: {finding:?}");
        let growth = finding.growth().value / MIB;
        assert!((growth / 60.0 - 1.0).abs() < 0.2, "{name}: {growth}");
    }
}

#[test]
fn a_collector_alone_is_counted_and_is_no_leak() {
    let finding = verdict(&run(4, 0.5, |z| 100.0 * (z * 17.0).fract()));
    assert_eq!(finding.verdict(), LeakVerdict::NoLeak);
    assert_eq!(finding.cycles(), 17);
}

#[test]
fn memory_of_turns_in_flight_is_no_leak() {
    let stages = |z: f64| (z * 5.0).ceil() * 10.0;
    let series = run(5, 0.5, |z| 2.0 * stages(z));
    let live: Vec<f64> = (1..=240).map(|i| stages(f64::from(i) / 240.0)).collect();
    assert_ne!(verdict(&series).verdict(), LeakVerdict::NoLeak, "nothing says it is not one");
    let series = series.with_live(live).expect("as long");
    assert_eq!(verdict(&series).verdict(), LeakVerdict::NoLeak);
}

#[test]
fn a_leak_below_the_resolution_is_not_reported_until_it_is_asked_for() {
    let series = run(6, 0.1, |z| 3.0 * z);
    assert_eq!(verdict(&series).verdict(), LeakVerdict::NoLeak);
    let fine = leak_verdict(&series, LeakPolicy::new(MIB, 0.0));
    assert_eq!(fine.verdict(), LeakVerdict::Leak);
}

#[test]
fn memory_that_never_moves_is_judged_too() {
    assert_eq!(verdict(&run(7, 0.0, |_| 0.0)).verdict(), LeakVerdict::NoLeak);
}

#[test]
fn a_series_that_makes_no_sense_is_refused_by_column() {
    let good = || (1..=30).map(f64::from).collect::<Vec<f64>>();
    let text = |time, requests, memory| {
        MemorySeries::try_new(time, requests, memory).expect_err("refused").to_string()
    };
    assert!(text(vec![1.0], good(), good()).contains("`time` has 1 values where `memory` has 30"));
    assert!(text(good(), good(), vec![1.0; 5]).contains("5 samples are too few"));
    let mut holed = good();
    holed[3] = f64::NAN;
    assert!(text(good(), good(), holed).contains("`memory` is not a finite number at sample 4"));
    let mut falling = good();
    falling[9] = 2.0;
    assert!(text(good(), falling, good()).contains("`requests` must rise: sample 10"));
}
