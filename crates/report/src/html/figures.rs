//! A chart with its caption and legend.

use crate::svg::Chart;
use minijinja::{Value, context};

/// A chart as the page shows it.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) chart: Chart,
    /// What must be known to read it.
    pub(crate) note: Option<&'static str>,
    /// Further legend entries, for bars: colour slot and name.
    pub(crate) bars: Vec<(u8, &'static str)>,
}

/// The figure as the template reads it.
pub(crate) fn figure(figure: &Figure) -> Value {
    let key = |slot: u8, name: &str, bar: bool| context! { slot, name, bar };
    let bars = figure.bars.iter().map(|(slot, name)| key(*slot, name, true));
    let lines = figure.chart.lines.iter().map(|line| key(line.slot, &line.name, false));
    context! {
        title => &figure.chart.title,
        note => figure.note,
        legend => bars.chain(lines).collect::<Vec<_>>(),
        svg => Value::from_safe_string(figure.chart.draw()),
    }
}
