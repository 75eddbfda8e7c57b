//! One chart: an axis of time or of latency, lines or bars over it.

use super::bars::{Bar, Mark, bars, marks};
use super::escape;
use super::frame::{BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, frame};
use super::line::Line;
use super::scale::Scale;
use super::ticks::{self, Tick};

/// What the level axis shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Horizontal {
    /// Seconds from the start of the run up to this one.
    Time(f64),
    /// Milliseconds from the first to the second, by ratio.
    LogMs(f64, f64),
}

/// Where the upright axis begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Baseline {
    Zero,
    /// Near the smallest value.
    Near,
}

/// Everything drawn in one figure.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    /// What it shows, for readers who cannot see it.
    pub(crate) title: String,
    /// Unit of the upright axis.
    pub(crate) unit: &'static str,
    pub(crate) horizontal: Horizontal,
    pub(crate) baseline: Baseline,
    pub(crate) lines: Vec<Line>,
    /// Bars by colour slot.
    pub(crate) bars: Vec<(u8, Vec<Bar>)>,
    pub(crate) marks: Vec<Mark>,
}

impl Chart {
    /// The `<svg>` element.
    pub(crate) fn draw(&self) -> String {
        let (x, x_ticks) = self.level();
        let (y, y_ticks) = self.upright();
        let mut out = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            escape(&self.label())
        );
        out += &frame(&x, &x_ticks, &y, &y_ticks, self.unit);
        for (slot, series) in &self.bars {
            out += &bars(series, *slot, &x, &y);
        }
        for line in &self.lines {
            out += &line.draw(&x, &y, |at, value| format!("{} at {at:.0} s", self.number(value)));
        }
        if !self.marks.is_empty() {
            out += &marks(&self.marks, &x);
        }
        out + "</svg>"
    }

    /// False when the upright axis leaves out a part next to 0.
    pub(crate) fn begins_at_zero(&self) -> bool {
        self.upright().0.low() <= 0.0
    }

    fn level(&self) -> (Scale, Vec<Tick>) {
        match self.horizontal {
            Horizontal::Time(end) => {
                let scale = Scale::linear(0.0, end, LEFT, RIGHT);
                (scale, ticks::time(&scale))
            }
            Horizontal::LogMs(low, high) => {
                let scale = Scale::log(low, high, LEFT, RIGHT);
                (scale, ticks::log_ms(&scale))
            }
        }
    }

    fn upright(&self) -> (Scale, Vec<Tick>) {
        let (low, high) = self.range();
        let low = if self.baseline == Baseline::Zero { 0.0 } else { low };
        let (low, high) = ticks::nice_range(low, high);
        let scale = Scale::linear(low, high, BOTTOM, TOP);
        (scale, ticks::linear(&scale))
    }

    /// Smallest and largest value drawn; 0 and 0 when there is none.
    fn range(&self) -> (f64, f64) {
        let counts = self.bars.iter().flat_map(|(_, bars)| bars).map(|bar| bar.count);
        let all = self.lines.iter().flat_map(Line::values).chain(counts);
        all.fold(None, |range, value| match range {
            None => Some((value, value)),
            Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
        })
        .unwrap_or((0.0, 0.0))
    }

    fn number(&self, value: f64) -> String {
        let digits = ticks::decimals(value.abs().max(1e-3) / 100.0).min(3);
        format!("{value:.digits$} {}", self.unit).trim_end().to_owned()
    }

    /// The title and what each series ranges over.
    fn label(&self) -> String {
        let mut label = self.title.clone();
        for line in &self.lines {
            let low = line.values().reduce(f64::min);
            if let Some((low, high)) = low.zip(line.values().reduce(f64::max)) {
                label += &format!("; {} {} to {}", line.name, self.number(low), self.number(high));
            }
        }
        for mark in &self.marks {
            label += &format!("; {}", mark.name);
        }
        label
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, Option<f64>)>) -> Chart {
        Chart {
            title: "Memory \"of\" <a>".into(),
            unit: "MiB",
            horizontal: Horizontal::Time(30.0),
            baseline: Baseline::Near,
            lines: vec![Line { name: "RSS".into(), slot: 0, points }],
            bars: Vec::new(),
            marks: Vec::new(),
        }
    }

    #[test]
    fn a_chart_tells_its_ranges() {
        let svg = chart(vec![(1.0, Some(39.9)), (30.0, Some(44.04))]).draw();
        let label = "aria-label=\"Memory &quot;of&quot; &lt;a&gt;; RSS 39.9 MiB to 44.0 MiB\"";
        assert!(svg.contains(label), "{svg}");
        assert!(svg.contains(">38</text>") && svg.contains(">46</text>"), "{svg}");
    }

    #[test]
    fn a_near_baseline_is_zero_when_the_range_reaches_it() {
        assert!(!chart(vec![(1.0, Some(39.9)), (2.0, Some(44.0))]).begins_at_zero());
        assert!(chart(vec![(1.0, Some(39.9)), (2.0, Some(300.0))]).begins_at_zero());
    }

    #[test]
    fn nothing_to_draw_is_still_a_chart() {
        for points in [Vec::new(), vec![(1.0, None)], vec![(1.0, Some(0.0))]] {
            let svg = chart(points).draw();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
