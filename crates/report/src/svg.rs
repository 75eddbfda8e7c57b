//! Charts as inline SVG: lines over time and a distribution, drawn with nothing but paths.
//!
//! Colours are classes (`s0` to `s3`), so the page's style sheet decides them for light and dark;
//! each also has its own dash pattern. Every chart names itself and its ranges for readers who
//! cannot see it.

mod bars;
mod chart;
mod frame;
mod line;
mod scale;
mod ticks;

pub(crate) use bars::{Bar, Mark};
pub(crate) use chart::{Baseline, Chart, Horizontal};
pub(crate) use line::Line;

/// Text inside SVG or an attribute of it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '"' => out += "&quot;",
            c => out.push(c),
        }
    }
    out
}
