//! Seeded series with a known truth, for tests alone.

use rand::RngExt;
use rand_distr::{Distribution, Exp};
use rand_pcg::Pcg64;
use victor_types::Histogram;

/// A generator for case number `case`.
pub(crate) fn rng(case: u64) -> Pcg64 {
    Pcg64::new(0xcafe_f00d_d15e_a5e5, u128::from(case) * 2 + 1)
}

/// Sojourn times of a stationary M/M/1 queue with mean service 1 ms and utilisation `load`: the
/// arrival instants in ms, and the times in microseconds. The truth: exponential with mean
/// `1 / (1 - load)` ms. With `load` 0 the times are independent, arrivals one a ms.
pub(crate) fn queue(rng: &mut Pcg64, turns: usize, load: f64) -> Vec<(f64, u64)> {
    let service = Exp::new(1.0).expect("a rate");
    let gap = Exp::new(if load > 0.0 { load } else { 1.0 }).expect("a rate");
    // The waiting time starts in its stationary law: 0 with 1 - load, else exponential.
    let mut wait = if load > 0.0 && rng.random::<f64>() < load {
        service.sample(rng) / (1.0 - load)
    } else {
        0.0
    };
    let mut at = 0.0;
    (0..turns)
        .map(|_| {
            let time = wait + service.sample(rng);
            let step = gap.sample(rng);
            let turn = (at, quantised(time * 1e3));
            at += step;
            wait = if load > 0.0 { (time - step).max(0.0) } else { 0.0 };
            turn
        })
        .collect()
}

/// Whole microseconds at three significant digits, as a recorder keeps them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and small")]
fn quantised(micros: f64) -> u64 {
    let step = 10_f64.powf((micros.max(1.0).log10() - 3.0).floor().max(0.0));
    ((micros / step).ceil() * step) as u64
}

/// The turns in `blocks` equally long stretches of time.
pub(crate) fn in_blocks(turns: &[(f64, u64)], blocks: usize) -> Vec<Histogram> {
    let end = turns.last().map_or(1.0, |turn| turn.0) * (1.0 + 1e-12);
    let mut sorted: Vec<Vec<u64>> = vec![Vec::new(); blocks];
    for &(at, micros) in turns {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a block number"
        )]
        let block = (at / end * blocks as f64) as usize;
        sorted[block.min(blocks - 1)].push(micros);
    }
    sorted
        .into_iter()
        .map(|mut values| {
            values.sort_unstable();
            values.into_iter().map(|value| (value, 1)).collect()
        })
        .collect()
}
