//! Response time percentiles: Locust's table, then what Locust has not: intervals of the total, and
//! percentiles that count failures.

use super::paint::{Brush, Ink};
use super::summary::hang;
use super::table::{Cell, Column, Side, Table};
use crate::number::{
    PERCENTS, adjusted, finished, interval, is_adjusted, ms, ms_or_dash, percentile,
};
use victor_types::{PercentileValue, RequestRow, RunReport};

/// In which order percentiles are left out at a narrow width; 0 stays.
const DROP: [u8; 11] = [0, 14, 13, 10, 8, 0, 11, 0, 9, 12, 7];

pub(crate) fn percentiles(report: &RunReport, width: usize, brush: Brush) -> String {
    let title = |text| hang("", Ink::Strong, text, width, brush);
    let mut text = title("Response time percentiles (ms, of successes)");
    text += &wide(report, width, brush, |value| ms(value.value));
    let rows = || report.rows.iter().chain([&report.total]);
    if rows().any(|row| is_adjusted(&row.latency)) {
        text += "\n";
        text +=
            &title("Error-adjusted percentiles (ms; each failure counts as infinitely slow, ∞)");
        text += &wide(report, width, brush, adjusted);
    }
    if report.total.latency.count > 0 {
        text += "\n";
        text += &title("All requests together, with 95 % intervals (ms)");
        text += &intervals(&report.total, width, brush);
    }
    text
}

fn wide(
    report: &RunReport,
    width: usize,
    brush: Brush,
    show: impl Fn(&PercentileValue) -> String,
) -> String {
    let mut columns = vec![Column::left("Type").drop(15), Column::left("Name").flexible(21)];
    let heads = PERCENTS.iter().zip(DROP);
    columns.extend(
        heads.map(|(percent, drop)| Column::new(format!("{percent}%"), Side::Right).drop(drop)),
    );
    columns.push(Column::right("# reqs"));
    let cells = |row: &RequestRow| {
        let mut cells = vec![Cell::from(&row.key.method), Cell::from(&row.key.name)];
        let values = PERCENTS.iter().map(|&percent| percentile(&row.latency, percent).map(&show));
        cells.extend(values.map(|value| Cell::from(value.unwrap_or_else(|| "-".to_owned()))));
        cells.push(finished(row).to_string().into());
        cells
    };
    let mut table = Table::new(columns);
    for row in &report.rows {
        table.row(cells(row));
    }
    table.rule();
    table.row(cells(&report.total));
    table.render(width, brush)
}

fn intervals(total: &RequestRow, width: usize, brush: Brush) -> String {
    let mut table = Table::new(vec![
        Column::left("Percentile"),
        Column::right("value"),
        Column::right("95 % interval").after_bar(),
        Column::right("error-adjusted").after_bar().drop(1),
    ]);
    for percent in [50.0, 95.0, 99.0] {
        let found = percentile(&total.latency, percent);
        table.row(vec![
            format!("p{percent:.0}").into(),
            ms_or_dash(found.map(|p| p.value)).into(),
            found.map_or_else(|| "-".to_owned(), interval).into(),
            found.map_or_else(|| "-".to_owned(), adjusted).into(),
        ]);
    }
    table.render(width, brush)
}
