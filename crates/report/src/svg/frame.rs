//! The room of a chart: margins, grid and axes.

use super::escape;
use super::scale::Scale;
use super::ticks::Tick;
use std::fmt::Write;

/// Size of a drawing; the page scales it.
pub(crate) const WIDTH: f64 = 560.0;
/// See [`WIDTH`].
pub(crate) const HEIGHT: f64 = 230.0;
/// Edges of the plot within the drawing.
pub(crate) const LEFT: f64 = 50.0;
pub(crate) const RIGHT: f64 = WIDTH - 20.0;
pub(crate) const TOP: f64 = 26.0;
pub(crate) const BOTTOM: f64 = HEIGHT - 26.0;

/// Grid lines and axis texts; `unit` stands above the upright axis.
pub(crate) fn frame(
    x: &Scale,
    x_ticks: &[Tick],
    y: &Scale,
    y_ticks: &[Tick],
    unit: &str,
) -> String {
    let mut out = String::from("<g class=\"grid\">");
    for (value, _) in y_ticks {
        let y = y.at(*value);
        let _ = write!(out, "<path d=\"M{LEFT} {y:.1}H{RIGHT}\"/>");
    }
    for (value, _) in x_ticks {
        let x = x.at(*value);
        let _ = write!(out, "<path d=\"M{x:.1} {BOTTOM}v4\"/>");
    }
    out += "</g><g class=\"tick\">";
    for (value, text) in y_ticks {
        let (x, y) = (LEFT - 6.0, y.at(*value) + 4.0);
        let _ =
            write!(out, "<text class=\"end\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(text));
    }
    for (value, text) in x_ticks {
        let (x, y) = (x.at(*value), BOTTOM + 18.0);
        let _ =
            write!(out, "<text class=\"mid\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(text));
    }
    let _ = write!(out, "<text x=\"2\" y=\"12\">{}</text></g>", escape(unit));
    out
}
