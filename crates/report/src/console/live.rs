//! What is printed every two seconds during a run.

use super::NARROWEST;
use super::requests::live_table;
use crate::number::{ms_or_dash, rate};
use crate::recent::{Recent, nearest_rank};
use crate::text::width as columns;
use victor_types::{HistoryPoint, RequestRow, Seconds};

/// The run so far.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// One row for each request name.
    pub rows: &'a [RequestRow],
    /// All rows together.
    pub total: &'a RequestRow,
    /// Since the start of the run.
    pub elapsed: Seconds,
    /// Until its end; `None` when it runs until interrupted.
    pub remaining: Option<Seconds>,
    /// Users running.
    pub users: u64,
    /// Turns in flight.
    pub in_flight: u64,
    /// The newest points of the history, oldest first; ten seconds are enough.
    pub recent: &'a [HistoryPoint],
}

impl Live<'_> {
    /// The table of requests and, below it, the progress, in lines of at most `width` columns (at
    /// least 40).
    #[must_use]
    pub fn render(&self, width: usize) -> String {
        let width = width.max(NARROWEST);
        let mut text = live_table(self.rows, self.total, width);
        let mut line = String::new();
        for part in self.parts() {
            if !line.is_empty() && columns(&line) + 3 + columns(&part) > width {
                text += &(line + "\n");
                line = part;
            } else {
                line += &(if line.is_empty() { part } else { format!(" · {part}") });
            }
        }
        text + &line + "\n"
    }

    fn parts(&self) -> Vec<String> {
        let mut parts = vec![span(self.elapsed)];
        parts.extend(self.remaining.map(|left| format!("{} left", span(left))));
        parts.push(format!("{} users", self.users));
        parts.push(format!("{} in flight", self.in_flight));
        parts.extend(self.recent.last().map(last_second));
        let mut recent = Recent::default();
        self.recent.iter().for_each(|point| recent.push(point));
        let latency = recent.latency();
        let show = |percent| ms_or_dash(nearest_rank(&latency, percent));
        parts.push(format!("last 10 s p50 {} p95 {} ms", show(50.0), show(95.0)));
        parts
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
fn last_second(point: &HistoryPoint) -> String {
    let a_second = |count: u64| rate(count as f64 / point.window.0.max(1e-3));
    let mut text = format!("{} turns/s", a_second(point.succeeded));
    if point.failed > 0 {
        text += &format!(", {} failures/s", a_second(point.failed));
    }
    text
}

/// `0:07`, `12:30`, `1:02:03`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a span is positive")]
fn span(seconds: Seconds) -> String {
    let whole = seconds.0.max(0.0).round() as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    fn render(width: usize) -> String {
        let report = golden::report();
        Live {
            rows: &report.rows,
            total: &report.total,
            elapsed: Seconds(13.6),
            remaining: Some(Seconds(16.4)),
            users: 50,
            in_flight: 4,
            recent: &report.history[..13],
        }
        .render(width)
    }

    #[test]
    fn at_80_columns() {
        insta::assert_snapshot!(render(80));
    }

    #[test]
    fn at_140_columns() {
        insta::assert_snapshot!(render(140));
    }

    #[test]
    fn before_the_first_answer_there_is_no_latency() {
        let report = golden::report();
        let live = Live {
            rows: &[],
            total: &report.total,
            elapsed: Seconds(3725.0),
            remaining: None,
            users: 0,
            in_flight: 0,
            recent: &[],
        };
        let text = live.render(100);
        assert!(
            text.contains("1:02:05 · 0 users · 0 in flight · last 10 s p50 - p95 - ms"),
            "{text}"
        );
        assert!(!text.contains("left"));
    }
}
