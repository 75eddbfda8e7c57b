//! The distribution of latency, by ratio: equally wide bars for equal ratios, so that a tail of
//! seconds and a body of milliseconds are both seen.

use super::Figure;
use crate::number::{counted, percentile};
use crate::svg::{Bar, Baseline, Chart, Horizontal, Mark};
use victor_types::{Histogram, Millis, RequestRow};

/// Bars for each tenfold of latency.
const BARS_A_DECADE: f64 = 20.0;

pub(crate) fn distribution(total: &RequestRow) -> Option<Figure> {
    let both = [&total.latency.histogram, &total.failed_latency];
    let values = || both.iter().flat_map(|times| times.buckets()).map(|bucket| bucket.0);
    let first = edge_below(values().min()?);
    let last = edge_below(values().max()?) + 1;
    let mut series = vec![(0, bars(both[0], first, last))];
    let mut legend = vec![(0, "successes")];
    if !both[1].is_empty() {
        series.push((1, bars(both[1], first, last)));
        legend.push((1, "failures"));
    }
    let marks = [50.0, 95.0, 99.0].into_iter().filter_map(|percent| {
        let value = percentile(&total.latency, percent)?.value;
        Some(Mark { name: format!("p{percent:.0} {value}"), at: value.0 })
    });
    let chart = Chart {
        title: "Latency distribution".to_owned(),
        unit: "turns",
        horizontal: Horizontal::LogMs(edge(first), edge(last)),
        baseline: Baseline::Zero,
        lines: Vec::new(),
        bars: series,
        marks: marks.collect(),
    };
    let note = "Logarithmic: each bar is 12 % wide. Percentiles are of successes.";
    Some(Figure { chart, note: Some(note), bars: legend })
}

/// The number of the last edge at or below `micros`.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a small number")]
fn edge_below(micros: u64) -> i32 {
    let ms = micros.max(1) as f64 / 1e3;
    (ms.log10() * BARS_A_DECADE + 1e-9).floor() as i32
}

/// The edge of this number in milliseconds.
fn edge(number: i32) -> f64 {
    10_f64.powf(f64::from(number) / BARS_A_DECADE)
}

#[expect(clippy::cast_precision_loss, reason = "drawn to a pixel")]
fn bars(times: &Histogram, first: i32, last: i32) -> Vec<Bar> {
    let bar = |number: i32| {
        let within = times.buckets().iter().filter(|bucket| edge_below(bucket.0) == number);
        let count: u64 = within.map(|bucket| bucket.1).sum();
        let (low, high) = (edge(number), edge(number + 1));
        Bar {
            low,
            high,
            count: count as f64,
            tip: format!("{} to {}: {}", Millis(low), Millis(high), counted(count, "turn")),
        }
    };
    (first..last).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn every_turn_is_in_one_bar() {
        let total = golden::report().total;
        let figure = distribution(&total).expect("turns");
        let sums: Vec<f64> = figure
            .chart
            .bars
            .iter()
            .map(|(_, bars)| bars.iter().map(|bar| bar.count).sum())
            .collect();
        assert_eq!(sums, [total.succeeded as f64, total.failed as f64]);
    }

    #[test]
    fn edges_hold_their_own_value() {
        for micros in [1, 10, 999, 1_000, 1_122, 1_123, 100_000, 3_600_000_000] {
            let number = edge_below(micros);
            let ms = micros as f64 / 1e3;
            assert!(edge(number) <= ms * 1.000_001 && ms < edge(number + 1), "{micros}");
        }
    }
}
