use super::*;
use crate::parse_stages;
use proptest::prelude::*;

const SPACINGS: [Spacing; 4] =
    [Spacing::Constant, Spacing::Poisson, Spacing::Gamma(2.0), Spacing::Gamma(0.5)];

const END: Duration = Duration::from_secs(1_000_000_000);

fn take(queue: &mut Queue, most: usize) -> Vec<(u64, Duration)> {
    std::iter::from_fn(|| queue.next_if_due(END)).take(most).collect()
}

#[test]
fn rate_and_variation_are_as_asked() {
    for spacing in SPACINGS {
        let arrivals = Arrivals::try_new(50.0, spacing).expect("valid");
        let taken = take(&mut arrivals.for_shard(7, 0, 1), 20_001);
        let at: Vec<f64> = taken.iter().map(|(_, at)| at.as_secs_f64()).collect();
        let gaps: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / 20_000.0;
        let square = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!((mean * 50.0 - 1.0).abs() < 0.05, "{spacing:?}: mean {mean}");
        let cv = square.sqrt() / mean;
        assert!((cv - arrivals.variation()).abs() < 0.08, "{spacing:?}: cv {cv}");
    }
}

#[test]
fn a_ramp_offers_the_area_below_it() {
    let stages = parse_stages("100s:50,100s:50,100s:0").expect("stages");
    for spacing in SPACINGS {
        let arrivals = Arrivals::staged(stages.clone(), spacing).expect("valid");
        let taken = take(&mut arrivals.for_shard(7, 0, 1), usize::MAX);
        let within = |from: u64, until: u64| {
            let inside = |at: &Duration| (from..until).contains(&at.as_secs());
            taken.iter().filter(|(_, at)| inside(at)).count()
        };
        let even = spacing == Spacing::Constant;
        for (from, until, turns) in
            [(0, 50, 625), (0, 100, 2500), (100, 200, 5000), (250, 300, 625)]
        {
            let found = within(from, until);
            let off = if even { 1 } else { turns / 4 };
            assert!(found.abs_diff(turns) <= off, "{spacing:?}: {found} of {turns}");
        }
        assert!(taken.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    }
    let expected = Arrivals::staged(stages, Spacing::Poisson).expect("valid");
    assert!((expected.expected(Duration::from_secs(150)) - 5000.0).abs() < 1e-6);
}

#[test]
fn even_arrivals_do_not_drift() {
    let arrivals = Arrivals::try_new(3.0, Spacing::Constant).expect("valid");
    let taken = take(&mut arrivals.for_shard(1, 0, 1), 300_000);
    let (number, at) = taken[299_999];
    assert_eq!((number, at.as_micros()), (299_999, 99_999_833_333));
}

#[test]
fn a_changed_rate_holds_from_its_instant_on() {
    let arrivals = Arrivals::try_new(10.0, Spacing::Constant).expect("valid");
    let mut queue = arrivals.for_shard(1, 0, 1);
    queue.redirect(Duration::from_secs(2), 100.0);
    queue.redirect(Duration::from_secs(3), 0.0);
    assert_eq!(take(&mut queue, 1000).len(), 120);
    queue.redirect(Duration::from_secs(60), 1.0);
    assert_eq!(queue.due(), Some(Duration::from_millis(60_500)));
}

#[test]
fn a_recorded_sequence_is_offered_as_it_was_and_can_be_left() {
    let trace = ArrivalTrace::parse("0.5\n0.5\n2\n7\n", 1.0).expect("trace");
    let arrivals = Arrivals::recorded(trace);
    let millis = |taken: Vec<(u64, Duration)>| -> Vec<(u64, u128)> {
        taken.into_iter().map(|(number, at)| (number, at.as_millis())).collect()
    };
    let all = millis(take(&mut arrivals.for_shard(1, 0, 1), 99));
    assert_eq!(all, [(0, 0), (1, 0), (2, 1500), (3, 6500)]);
    let mut queue = arrivals.for_shard(1, 1, 2);
    queue.redirect(Duration::from_secs(2), 2.0);
    assert_eq!(queue.next_if_due(Duration::from_secs(3)), Some((3, Duration::from_millis(2250))));
}

proptest! {
    #[test]
    fn shards_partition_the_same_sequence(
        shards in 1_u32..5, seed in any::<u64>(), spacing in prop::sample::select(&SPACINGS[..]),
        rates in prop::collection::vec(0_u32..50, 1..5), change in prop::option::of(0_u64..9000),
    ) {
        let stages: Vec<crate::Stage> = std::iter::once(9)
            .chain(rates)
            .map(|rate| crate::Stage::ramp(Duration::from_secs(2), f64::from(rate)))
            .collect();
        let arrivals = Arrivals::staged(stages, spacing).expect("valid");
        let part = |shard, shards| {
            let mut queue = arrivals.for_shard(seed, shard, shards);
            if let Some(ms) = change {
                queue.redirect(Duration::from_millis(ms), 3.0);
            }
            take(&mut queue, 60)
        };
        let whole = part(0, 1);
        let last = whole.len() as u64;
        let mut parts: Vec<_> =
            (0..shards).flat_map(|shard| part(shard, shards)).filter(|(n, _)| *n < last).collect();
        parts.sort_unstable();
        prop_assert_eq!(parts, whole);
    }
}

#[test]
fn impossible_rates_are_refused() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Arrivals::try_new(rate, Spacing::Poisson).is_err());
        assert!(Arrivals::try_new(1.0, Spacing::Gamma(rate)).is_err());
    }
}
