//! From a series of samples to the few points that a verdict stands on.

use super::Driver;
use super::posterior::{Points, WAVES};
use super::series::MemorySeries;
use crate::linear::fit;
use crate::percentile::{as_count, as_f64};
use crate::trend::{median_of_sorted, trend};

/// Points that a series is reduced to.
const POINTS: usize = 40;
/// Fewest large drops that make a sawtooth.
const DROPS: usize = 4;
/// The longest lag, in samples, with which memory follows the turns in flight.
const LAGS: usize = 5;
/// Share of its middle by which the number in flight must vary to be worth a column.
const VARIES: f64 = 0.2;
/// Two drivers that never differ by more than this share of the run are one.
const ALIKE: f64 = 0.02;
/// Memory is taken in pages of so many bytes, so nothing is known more exactly.
const PAGE: f64 = 4096.0;
/// A fall by this many usual changes and this share of the whole range is a release.
const RELEASE: (f64, f64) = (6.0, 0.3);

/// The points of a series, and how many cycles of a sawtooth were found.
pub(super) fn points(series: &MemorySeries) -> (Points, usize) {
    let samples = series.memory().len();
    let drops = collections(series.memory());
    let live = series.live().filter(|live| varies(live)).map(|live| lagged(series, live));
    let phases = drops.as_deref().map(|drops| phases(samples, drops));
    let judged: Vec<usize> = match &phases {
        Some(phases) => (0..samples).filter(|&i| phases[i].is_some()).collect(),
        None => since_release(series.memory()),
    };
    let start = as_f64(judged.first().copied().unwrap_or(0) as u64) / as_f64(samples as u64);
    let phase: Option<Vec<f64>> =
        phases.map(|phases| phases.into_iter().map(Option::unwrap_or_default).collect());
    let blocks: Vec<Vec<usize>> = blocks(judged.len())
        .into_iter()
        .map(|block| block.into_iter().map(|i| judged[i]).collect())
        .collect();
    let known: Vec<Vec<f64>> =
        live.iter().chain(&phase).map(|column| means(column, &blocks)).collect();
    let memory: Vec<f64> = if known.is_empty() {
        blocks.iter().map(|block| lower_quartile(series.memory(), block)).collect()
    } else {
        means(series.memory(), &blocks)
    };
    let (names, drivers) = drivers(series)
        .into_iter()
        .map(|(name, place)| {
            (name, means(&place, &blocks).into_iter().map(|at| at - start).collect())
        })
        .unzip();
    let wave = wave(&memory);
    let points = Points { names, drivers, known, wave, memory, floor: PAGE * PAGE / 12.0 };
    (points, drops.map_or(0, |drops| drops.len()))
}

/// How far each sample is through its cycle, 0 to 1, between the first drop and the last; `None`
/// for samples of the cycles that the run cut off.
fn phases(samples: usize, drops: &[usize]) -> Vec<Option<f64>> {
    let mut phases = vec![None; samples];
    for pair in drops.windows(2) {
        let (start, end) = (pair[0] + 1, pair[1]);
        let length = as_f64((end - start).max(1) as u64);
        for (place, phase) in phases[start..=end].iter_mut().enumerate() {
            *phase = Some(as_f64(place as u64) / length);
        }
    }
    phases
}

/// The samples after the last release: a fall that stays, far beyond the usual changes. What filled
/// before it fills anew.
fn since_release(memory: &[f64]) -> Vec<usize> {
    let blocks = blocks(memory.len());
    let levels: Vec<f64> = blocks.iter().map(|block| lower_quartile(memory, block)).collect();
    let changes: Vec<f64> = levels.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut sizes: Vec<f64> = changes.iter().map(|change| change.abs()).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let usual = 1.4826 * median_of_sorted(&sizes);
    let highest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lowest = levels.iter().copied().fold(f64::INFINITY, f64::min);
    let large = (RELEASE.0 * usual).max(RELEASE.1 * (highest - lowest));
    let release = changes.iter().rposition(|change| *change < -large);
    let start = release.map_or(0, |at| blocks[at + 1][0]);
    let start = if 4 * (memory.len() - start) >= memory.len() { start } else { 0 };
    (start..memory.len()).collect()
}

/// The wave, sine and cosine, that explains the points best beside a line.
fn wave(memory: &[f64]) -> Option<[Vec<f64>; 2]> {
    let n = memory.len();
    let one = vec![1.0; n];
    let z: Vec<f64> = (0..n).map(|i| as_f64(i as u64) / as_f64(n as u64)).collect();
    let turn = |halves: u32, f: fn(f64) -> f64| -> Vec<f64> {
        z.iter().map(|z| f(f64::from(halves) * std::f64::consts::PI * z)).collect()
    };
    let fitted = WAVES.filter_map(|halves| {
        let pair = [turn(halves, f64::sin), turn(halves, f64::cos)];
        let squares = fit(&[&one, &z, &pair[0], &pair[1]], memory)?.squares;
        Some((squares, pair))
    });
    fitted.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, pair)| pair)
}

/// Time first, then what else drives growth and is not the same as a driver before it, each as the
/// place from 0 to 1 of every sample.
fn drivers(series: &MemorySeries) -> Vec<(Driver, Vec<f64>)> {
    let mut kept: Vec<(Driver, Vec<f64>)> = Vec::new();
    let all = [
        (Driver::Time, Some(series.time())),
        (Driver::Requests, Some(series.requests())),
        (Driver::Sessions, series.sessions()),
    ];
    for (name, values) in all {
        let ends = values.and_then(|values| values.first().zip(values.last()));
        let (Some(values), Some((first, last))) = (values, ends) else { continue };
        if last <= first {
            continue;
        }
        let place: Vec<f64> = values.iter().map(|v| (v - first) / (last - first)).collect();
        let alike = |other: &[f64]| other.iter().zip(&place).all(|(a, b)| (a - b).abs() <= ALIKE);
        if !kept.iter().any(|(_, other)| alike(other)) {
            kept.push((name, place));
        }
    }
    kept
}

fn blocks(samples: usize) -> Vec<Vec<usize>> {
    let number = POINTS.min(samples);
    (0..number).map(|i| (i * samples / number..(i + 1) * samples / number).collect()).collect()
}

fn means(values: &[f64], blocks: &[Vec<usize>]) -> Vec<f64> {
    let mean = |block: &Vec<usize>| {
        block.iter().map(|&i| values[i]).sum::<f64>() / as_f64(block.len() as u64)
    };
    blocks.iter().map(mean).collect()
}

/// The lower quartile, which short peaks do not touch.
fn lower_quartile(values: &[f64], block: &[usize]) -> f64 {
    let mut sorted: Vec<f64> = block.iter().map(|&i| values[i]).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[(sorted.len() - 1) / 4]
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = as_count(q * as_f64(sorted.len() as u64 - 1));
    usize::try_from(at).ok().and_then(|at| sorted.get(at)).copied().unwrap_or(0.0)
}

fn varies(live: &[f64]) -> bool {
    let mut sorted = live.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile(&sorted, 0.9) - quantile(&sorted, 0.1) > VARIES * quantile(&sorted, 0.5).max(1.0)
}

/// The turns in flight, delayed by as many samples as explain the changes of memory best.
fn lagged(series: &MemorySeries, live: &[f64]) -> Vec<f64> {
    let delayed = |lag: usize| -> Vec<f64> {
        let head = std::iter::repeat_n(live[0], lag);
        head.chain(live[..live.len() - lag].iter().copied()).collect()
    };
    let changes = |values: &[f64]| -> Vec<f64> { values.windows(2).map(|p| p[1] - p[0]).collect() };
    let memory = changes(series.memory());
    let explained = |values: &Vec<f64>| -> f64 {
        let changes = changes(values);
        let (mut product, mut square) = (0.0, 0.0);
        for (x, y) in changes.iter().zip(&memory) {
            product += x * y;
            square += x * x;
        }
        if square > 0.0 { product.max(0.0).powi(2) / square } else { 0.0 }
    };
    let most = LAGS.min(live.len().saturating_sub(2));
    (0..=most)
        .map(delayed)
        .max_by(|a, b| explained(a).total_cmp(&explained(b)))
        .unwrap_or_else(|| live.to_vec())
}

/// The last samples before the drops of a sawtooth: many large drops, few large rises.
fn collections(memory: &[f64]) -> Option<Vec<usize>> {
    let place: Vec<f64> = (0..memory.len()).map(|i| as_f64(i as u64)).collect();
    let sparse = |values: &[f64]| -> Vec<f64> { values.iter().copied().step_by(4).collect() };
    let line = trend(&sparse(&place), &sparse(memory))?;
    let mut detrended: Vec<f64> =
        place.iter().zip(memory).map(|(x, y)| y - line.slope() * x).collect();
    detrended.sort_unstable_by(f64::total_cmp);
    let large = 0.4 * (quantile(&detrended, 0.95) - quantile(&detrended, 0.05));
    if large <= 0.0 {
        return None;
    }
    let change = |i: usize| memory[i + 1] - memory[i];
    let drops: Vec<usize> = (0..memory.len() - 1).filter(|&i| change(i) < -large).collect();
    let rises = (0..memory.len() - 1).filter(|&i| change(i) > large).count();
    (drops.len() >= DROPS && rises <= drops.len() / 4).then_some(drops)
}
