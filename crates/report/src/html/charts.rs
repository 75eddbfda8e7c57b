//! Which charts the page has, and from what.

mod distribution;
mod server;

use super::figures::Figure;
use crate::recent::{Recent, nearest_rank};
use crate::svg::{Baseline, Chart, Horizontal, Line};
use victor_types::{HistoryPoint, RunReport};

/// All charts that have something to show.
pub(crate) fn charts(report: &RunReport) -> Vec<Figure> {
    let mut figures = Vec::new();
    let end = report.history.last().map_or(0.0, |point| point.at.0).max(report.run.duration.0);
    if !report.history.is_empty() {
        figures.push(throughput(&report.history, end));
        figures.push(latency(&report.history, end));
        figures.push(users(&report.history, end));
    }
    figures.extend(distribution::distribution(&report.total));
    if let Some(server) = report.server.as_ref().filter(|server| !server.samples.is_empty()) {
        figures.extend(server::figures(server, end));
    }
    figures
}

fn over_time(title: &str, unit: &'static str, end: f64, lines: Vec<Line>) -> Chart {
    Chart {
        title: title.to_owned(),
        unit,
        horizontal: Horizontal::Time(end),
        baseline: Baseline::Zero,
        lines,
        bars: Vec::new(),
        marks: Vec::new(),
    }
}

fn line(name: &str, slot: u8, points: impl Iterator<Item = (f64, Option<f64>)>) -> Line {
    Line { name: name.to_owned(), slot, points: points.collect() }
}

#[expect(clippy::cast_precision_loss, reason = "drawn to a pixel")]
fn throughput(history: &[HistoryPoint], end: f64) -> Figure {
    let rates = |count: fn(&HistoryPoint) -> u64| {
        history
            .iter()
            .filter(|point| point.window.0 > 0.0)
            .map(move |point| (point.at.0, Some(count(point) as f64 / point.window.0)))
    };
    let lines = vec![
        line("successes", 0, rates(|point| point.succeeded)),
        line("failures", 1, rates(|point| point.failed)),
    ];
    let chart = over_time("Throughput and failures", "turns/s", end, lines);
    Figure { chart, note: None, bars: Vec::new() }
}

fn latency(history: &[HistoryPoint], end: f64) -> Figure {
    let mut recent = Recent::default();
    let mut lines =
        [("p50", 0), ("p95", 1), ("p99", 2)].map(|(name, slot)| line(name, slot, [].into_iter()));
    for point in history {
        recent.push(point);
        let times = recent.latency();
        for (line, percent) in lines.iter_mut().zip([50.0, 95.0, 99.0]) {
            line.points.push((point.at.0, nearest_rank(&times, percent).map(|value| value.0)));
        }
    }
    let chart = over_time("Latency", "ms", end, lines.into());
    let note = "Of successes, each point over the last 10 s; a line stops where nothing succeeded.";
    Figure { chart, note: Some(note), bars: Vec::new() }
}

#[expect(clippy::cast_precision_loss, reason = "drawn to a pixel")]
fn users(history: &[HistoryPoint], end: f64) -> Figure {
    let counts = |count: fn(&HistoryPoint) -> u64| {
        history.iter().map(move |point| (point.at.0, Some(count(point) as f64)))
    };
    let lines = vec![
        line("users", 0, counts(|point| point.users)),
        line("turns in flight", 1, counts(|point| point.in_flight)),
    ];
    let chart = over_time("Users and turns in flight", "", end, lines);
    Figure { chart, note: None, bars: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use victor_types::Histogram;

    #[test]
    fn percentiles_skip_what_is_empty() {
        let mut history = golden::report().history;
        for point in &mut history[5..20] {
            point.latency = Histogram::default();
        }
        let figure = latency(&history, 30.0);
        let p95 = &figure.chart.lines[1].points;
        assert!(p95[13].1.is_some(), "the last ten seconds still hold the fifth point");
        assert_eq!(p95[14].1, None);
        assert_eq!(p95[19].1, None);
        assert!(p95[20].1.is_some());
        assert!(figure.chart.lines.iter().flat_map(Line::values).all(|value| value > 0.0));
    }

    #[test]
    fn a_run_without_a_server_or_history_has_no_empty_charts() {
        let mut report = golden::report();
        assert_eq!(charts(&report).len(), 10);
        report.server = None;
        report.history.clear();
        assert_eq!(charts(&report).len(), 1);
    }
}
