//! `PREFIX_stats.csv`, and the cells it shares with the history.

use crate::number::{PERCENTS, finished, percentile};
use std::io::{self, Write};
use victor_types::{Distribution, Millis, RequestRow, RunReport};

/// What Locust writes where there is no number.
pub(crate) const NONE: &str = "N/A";

pub(crate) fn write<W: Write>(report: &RunReport, out: &mut ::csv::Writer<W>) -> io::Result<()> {
    let mut head: Vec<String> = [
        "Type",
        "Name",
        "Request Count",
        "Failure Count",
        "Median Response Time",
        "Average Response Time",
        "Min Response Time",
        "Max Response Time",
        "Average Content Size",
        "Requests/s",
        "Failures/s",
    ]
    .map(str::to_owned)
    .into();
    head.extend(percent_heads());
    out.write_record(head)?;
    for row in report.rows.iter().chain([&report.total]) {
        out.write_record(cells(row))?;
    }
    Ok(())
}

fn cells(row: &RequestRow) -> Vec<String> {
    let mut cells = vec![
        row.key.method.clone(),
        row.key.name.clone(),
        finished(row).to_string(),
        row.failed.to_string(),
        median(&row.latency),
        float_or_none(row.latency.mean),
        float_or_none(row.latency.min),
        float_or_none(row.latency.max),
        row.mean_bytes.to_string(),
        row.throughput.0.to_string(),
        row.failure_rate.0.to_string(),
    ];
    let values = PERCENTS.iter().map(|&percent| percentile(&row.latency, percent));
    cells.extend(values.map(|value| whole_or_none(value.map(|value| value.value))));
    cells
}

fn median(times: &Distribution) -> String {
    let median = percentile(times, 50.0).map(|value| value.value);
    clamped(median, times.min, times.max)
}

/// The whole-millisecond median, kept between smallest and largest.
pub(crate) fn clamped(median: Option<Millis>, min: Option<Millis>, max: Option<Millis>) -> String {
    match (median, min, max) {
        (Some(median), Some(min), Some(max)) => {
            median.0.round_ties_even().max(min.0).min(max.0).to_string()
        }
        _ => NONE.to_owned(),
    }
}

pub(crate) fn percent_heads() -> impl Iterator<Item = String> {
    PERCENTS.iter().map(|percent| format!("{percent}%"))
}

pub(crate) fn whole_or_none(value: Option<Millis>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| value.0.round_ties_even().to_string())
}

pub(crate) fn float_or_none(value: Option<Millis>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| value.0.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_servers_median_is_not_zero() {
        let ms = |value| Some(Millis(value));
        assert_eq!(clamped(ms(0.41), ms(0.38), ms(0.9)), "0.38");
        assert_eq!(clamped(ms(84.6), ms(20.0), ms(90.0)), "85");
        assert_eq!(clamped(None, None, None), "N/A");
    }
}
