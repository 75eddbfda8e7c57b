//! Latencies of a made-up baseline and candidate, with a known truth.

use rand::RngExt;
use rand_distr::{Distribution, Normal};
use rand_pcg::Pcg64;
use victor_stats::{Comparison, Design};

/// One kind of pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The candidate is slower.
    pub(crate) slower: bool,
    noise: Noise,
    change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Noise {
    Plain,
    /// One in 50 takes up to a hundred times as long.
    HeavyTail,
    /// One in 20 takes the slow path.
    Bimodal,
    /// The machine gets slower by 15 % over the experiment.
    Drift,
    /// Blocks differ by 4 %.
    Blocks,
    /// Neighbouring requests are alike.
    Correlated,
    /// Spells of 5 requests three times as slow.
    Bursts,
}

#[derive(Debug, Clone, Copy)]
enum Change {
    None,
    /// Everything by a factor.
    All(f64),
    /// One in 20 by a factor.
    Tail(f64),
    /// What is under the 80th percentile by a factor.
    Body(f64),
    /// The slow path is taken by so many more.
    SlowPath(f64),
}

/// Every kind.
pub(crate) const KINDS: [Kind; 15] = {
    const fn kind(name: &'static str, noise: Noise, change: Change) -> Kind {
        let slower = !matches!(change, Change::None);
        Kind { name, slower, noise, change }
    }
    use Change::{All, Body, SlowPath, Tail};
    [
        kind("no change", Noise::Plain, Change::None),
        kind("no change, heavy tail", Noise::HeavyTail, Change::None),
        kind("no change, two modes", Noise::Bimodal, Change::None),
        kind("no change, drifting machine", Noise::Drift, Change::None),
        kind("no change, blocks differ", Noise::Blocks, Change::None),
        kind("no change, correlated", Noise::Correlated, Change::None),
        kind("no change, bursts", Noise::Bursts, Change::None),
        kind("all + 10 %", Noise::Plain, All(1.1)),
        kind("all + 10 %, heavy tail", Noise::HeavyTail, All(1.1)),
        kind("all + 10 %, drifting machine", Noise::Drift, All(1.1)),
        kind("all + 10 %, blocks differ", Noise::Blocks, All(1.1)),
        kind("all + 15 %, correlated", Noise::Correlated, All(1.15)),
        kind("one in 20 takes twice as long", Noise::Plain, Tail(2.0)),
        kind("body + 12 %", Noise::Plain, Body(1.12)),
        kind("slow path taken 10 % more often", Noise::Bimodal, SlowPath(0.1)),
    ]
};

/// A pair of sides measured in turn: 10 blocks of 80 requests each.
pub(crate) fn sample(kind: &Kind, mut rng: Pcg64) -> Comparison {
    let blocks = 10;
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for pair in 0..blocks {
        let swapped = rng.random::<bool>();
        for second in [false, true] {
            let candidate = second != swapped;
            let place = (2.0 * f64::from(pair) + f64::from(u8::from(second))) / 20.0;
            let block = block(kind, candidate, place, &mut rng);
            if candidate {
                b.push(block);
            } else {
                a.push(block);
            }
        }
    }
    Comparison::try_new(kind.name, a, b, Design::Interleaved).expect("twenty blocks")
}

fn block(kind: &Kind, candidate: bool, place: f64, rng: &mut Pcg64) -> Vec<f64> {
    let normal = Normal::<f64>::new(0.0, 1.0).expect("a spread");
    let spread: f64 = if kind.noise == Noise::Blocks { 0.04 } else { 0.01 };
    let mut level = 100.0 * (spread * normal.sample(rng)).exp();
    if kind.noise == Noise::Drift {
        level *= 1.0 + 0.15 * place;
    }
    let rho: f64 = if kind.noise == Noise::Correlated { 0.6 } else { 0.0 };
    let mut state: f64 = normal.sample(rng);
    let mut spell = 0;
    (0..80)
        .map(|_| {
            let value = level * (0.35 * state).exp() * slowness(kind, &mut spell, candidate, rng);
            let changed = if candidate { changed(kind.change, value, level, rng) } else { value };
            state = rho * state + (1.0 - rho * rho).sqrt() * normal.sample(rng);
            changed
        })
        .collect()
}

fn slowness(kind: &Kind, spell: &mut u32, candidate: bool, rng: &mut Pcg64) -> f64 {
    let chance = rng.random::<f64>();
    match kind.noise {
        Noise::HeavyTail if chance < 0.02 => rng.random::<f64>().max(0.01).powf(-1.0),
        Noise::Bimodal => {
            let more = match kind.change {
                Change::SlowPath(more) if candidate => more,
                _ => 0.0,
            };
            if chance < 0.05 + more { 3.0 } else { 1.0 }
        }
        Noise::Bursts => {
            if *spell > 0 {
                *spell -= 1;
            } else if chance < 0.01 {
                *spell = 5;
            }
            if *spell > 0 { 3.0 } else { 1.0 }
        }
        _ => 1.0,
    }
}

fn changed(change: Change, value: f64, level: f64, rng: &mut Pcg64) -> f64 {
    match change {
        Change::None | Change::SlowPath(_) => value,
        Change::All(factor) => value * factor,
        Change::Tail(factor) => {
            if rng.random::<f64>() < 0.05 {
                value * factor
            } else {
                value
            }
        }
        Change::Body(factor) => {
            // The 80th percentile of the lognormal.
            let limit = level * (0.35_f64 * 0.8416).exp();
            if value < limit { (value * factor).min(limit.max(value)) } else { value }
        }
    }
}
