//! Locust's request table.

use super::NARROWEST;
use super::paint::{Brush, Ink};
use super::table::{Cell, Column, Table};
use crate::number::{failures, finished, ms_or_dash, percentile, rate};
use victor_types::RequestRow;

/// The table of requests in at most `width` columns: type, name, finished turns, failures with
/// their share; mean, smallest, largest and median latency of successes in milliseconds; successes
/// and failures a second. `total` is the last row.
#[must_use]
pub fn live_table(rows: &[RequestRow], total: &RequestRow, width: usize) -> String {
    request_table(rows, total, width, Brush::new(false))
}

pub(crate) fn request_table(
    rows: &[RequestRow],
    total: &RequestRow,
    width: usize,
    brush: Brush,
) -> String {
    let width = width.max(NARROWEST);
    let failures_head = if width < 100 { "fail/s" } else { "failures/s" };
    let mut table = Table::new(vec![
        Column::left("Type").drop(3),
        Column::left("Name").flexible(14),
        Column::right("# reqs"),
        Column::right("# fails"),
        Column::right("Avg").drop(4).after_bar(),
        Column::right("Min").drop(6),
        Column::right("Max").drop(5),
        Column::right("Med"),
        Column::right("req/s").drop(1).after_bar(),
        Column::right(failures_head).drop(7),
    ]);
    for row in rows {
        table.row(cells(row));
    }
    table.rule();
    table.row(cells(total));
    table.render(width, brush)
}

fn cells(row: &RequestRow) -> Vec<Cell> {
    let ink = if row.failed > 0 { Ink::Bad } else { Ink::Plain };
    vec![
        Cell::from(&row.key.method),
        Cell::from(&row.key.name),
        finished(row).to_string().into(),
        Cell::inked(&failures(row), ink),
        ms_or_dash(row.latency.mean).into(),
        ms_or_dash(row.latency.min).into(),
        ms_or_dash(row.latency.max).into(),
        ms_or_dash(percentile(&row.latency, 50.0).map(|p| p.value)).into(),
        rate(row.throughput.0).into(),
        rate(row.failure_rate.0).into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use crate::text::width;

    #[test]
    fn no_width_wraps_and_the_ends_of_names_survive() {
        let report = golden::report();
        for columns in 40..200 {
            let table = live_table(&report.rows, &report.total, columns);
            for line in table.lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
            assert!(table.contains("ple)") && table.contains("rent)"), "{table}");
        }
    }
}
