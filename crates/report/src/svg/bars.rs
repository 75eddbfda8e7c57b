//! Bars of a distribution, and upright marks over them.

use super::escape;
use super::frame::{BOTTOM, RIGHT, TOP};
use super::scale::Scale;
use std::fmt::Write;

/// From here on a name has no room to the right of its mark.
const NEAR_EDGE: f64 = RIGHT - 110.0;

/// How many values lie between two others.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) count: f64,
    /// Tooltip.
    pub(crate) tip: String,
}

/// A named value on the level axis.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) name: String,
    pub(crate) at: f64,
}

pub(crate) fn bars(bars: &[Bar], slot: u8, x: &Scale, y: &Scale) -> String {
    let mut out = format!("<g class=\"bars s{slot}\">");
    for bar in bars.iter().filter(|bar| bar.count > 0.0) {
        let (left, right) = (x.at(bar.low), x.at(bar.high));
        let (top, bottom) = (y.at(bar.count), y.at(0.0));
        let _ = write!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\">\
             <title>{}</title></rect>",
            (right - left).max(0.5),
            bottom - top,
            escape(&bar.tip)
        );
    }
    out + "</g>"
}

/// Marks with their names at staggered heights, so that close ones stay readable; near the right
/// edge a name stands before its mark.
pub(crate) fn marks(marks: &[Mark], x: &Scale) -> String {
    let mut out = String::from("<g class=\"mark\">");
    for (index, mark) in marks.iter().enumerate() {
        let at = x.at(mark.at);
        let y = TOP + 10.0 + 14.0 * index as f64;
        let (class, text) = if at > NEAR_EDGE { ("end", at - 4.0) } else { ("start", at + 4.0) };
        let _ = write!(
            out,
            "<path d=\"M{at:.1} {BOTTOM}V{TOP}\"/>\
             <text class=\"{class}\" x=\"{text:.1}\" y=\"{y:.1}\">{}</text>",
            escape(&mark.name)
        );
    }
    out + "</g>"
}
