//! A line that stops where there is nothing, instead of falling to zero.

use super::escape;
use super::scale::Scale;
use std::fmt::Write;

/// With more points than this, single ones cannot be told apart and get no mark of their own.
const DENSE: usize = 120;

/// One named series.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Name in the legend.
    pub(crate) name: String,
    /// Colour and dash: 0 to 3.
    pub(crate) slot: u8,
    /// Values by `x`; `None` is a gap.
    pub(crate) points: Vec<(f64, Option<f64>)>,
}

impl Line {
    /// The values that are there.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().filter_map(|(_, value)| *value)
    }

    /// The path, and marks with the value as a tooltip: on all points when they are few, else only
    /// on those between two gaps, which a path would not show.
    pub(crate) fn draw(&self, x: &Scale, y: &Scale, tip: impl Fn(f64, f64) -> String) -> String {
        let mut path = String::new();
        let mut dots = String::new();
        let sparse = self.points.len() <= DENSE;
        for (index, (at, value)) in self.points.iter().enumerate() {
            let Some(value) = value else { continue };
            let there = |index: Option<usize>| {
                index.and_then(|i| self.points.get(i)).is_some_and(|(_, value)| value.is_some())
            };
            let before = there(index.checked_sub(1));
            let (px, py) = (x.at(*at), y.at(*value));
            let _ = write!(path, "{}{px:.1} {py:.1}", if before { 'L' } else { 'M' });
            let lone = !before && !there(Some(index + 1));
            if sparse || lone {
                let _ = write!(
                    dots,
                    "<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"2.4\"><title>{}</title></circle>",
                    escape(&format!("{}: {}", self.name, tip(*at, *value)))
                );
            }
        }
        let slot = self.slot;
        let fine = if sparse { "" } else { " fine" };
        format!(
            "<path class=\"line{fine} s{slot}\" d=\"{path}\"/><g class=\"dots s{slot}\">{dots}</g>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(points: Vec<(f64, Option<f64>)>) -> String {
        let line = Line { name: "<p50>".into(), slot: 1, points };
        let (x, y) = (Scale::linear(0.0, 10.0, 0.0, 100.0), Scale::linear(0.0, 10.0, 100.0, 0.0));
        line.draw(&x, &y, |at, value| format!("{at} s, {value} ms"))
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let svg = drawn(vec![(1.0, Some(2.0)), (2.0, Some(3.0)), (3.0, None), (4.0, Some(5.0))]);
        assert!(svg.contains("d=\"M10.0 80.0L20.0 70.0M40.0 50.0\""), "{svg}");
        assert!(svg.contains("<title>&lt;p50&gt;: 4 s, 5 ms</title>"), "{svg}");
    }

    #[test]
    fn dense_lines_mark_only_lone_points() {
        let many = |gap: bool| {
            (0..400).map(|n| (f64::from(n), (!gap || n % 2 == 0).then_some(1.0))).collect()
        };
        assert_eq!(drawn(many(false)).matches("<circle").count(), 0);
        assert_eq!(drawn(many(true)).matches("<circle").count(), 200);
    }
}
