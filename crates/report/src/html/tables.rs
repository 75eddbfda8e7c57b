//! Rows of the page's tables.

use crate::number::{PERCENTS, adjusted, failures, finished, ms, ms_or_dash, percentile, rate};
use serde::Serialize;
use victor_types::{Bytes, Distribution, Interval, PercentileValue, RequestRow};

/// Request statistics.
#[derive(Debug, Serialize)]
pub(crate) struct RequestView {
    method: String,
    name: String,
    total: bool,
    requests: u64,
    failures: String,
    failed: bool,
    incomplete: u64,
    mean: String,
    min: String,
    max: String,
    median: String,
    size: String,
    throughput: String,
    failure_rate: String,
}

impl RequestView {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes")]
    pub(crate) fn of(row: &RequestRow) -> Self {
        Self {
            method: row.key.method.clone(),
            name: row.key.name.clone(),
            total: is_total(row),
            requests: finished(row),
            failures: failures(row),
            failed: row.failed > 0,
            incomplete: row.incomplete,
            mean: ms_or_dash(row.latency.mean),
            min: ms_or_dash(row.latency.min),
            max: ms_or_dash(row.latency.max),
            median: ms_or_dash(percentile(&row.latency, 50.0).map(|p| p.value)),
            size: Bytes(row.mean_bytes.round() as u64).to_string(),
            throughput: rate(row.throughput.0),
            failure_rate: rate(row.failure_rate.0),
        }
    }
}

fn is_total(row: &RequestRow) -> bool {
    row.key.method.is_empty() && row.key.name == "Aggregated"
}

/// Percentiles of one row.
#[derive(Debug, Serialize)]
pub(crate) struct PercentileRow {
    name: String,
    total: bool,
    count: u64,
    cells: Vec<PercentileCell>,
}

/// A percentile with its interval and, where it differs, the value that counts failures.
#[derive(Debug, Serialize)]
struct PercentileCell {
    value: String,
    interval: Option<String>,
    adjusted: Option<String>,
}

impl PercentileRow {
    pub(crate) fn of(row: &RequestRow) -> Self {
        let cell = |percent: &f64| match percentile(&row.latency, *percent) {
            None => PercentileCell { value: "-".to_owned(), interval: None, adjusted: None },
            Some(found) => PercentileCell::of(found),
        };
        Self {
            name: row.key.name.clone(),
            total: is_total(row),
            count: row.latency.count,
            cells: PERCENTS.iter().map(cell).collect(),
        }
    }
}

impl PercentileCell {
    fn of(found: &PercentileValue) -> Self {
        let value = ms(found.value);
        Self {
            interval: found.interval.map(short),
            adjusted: Some(adjusted(found)).filter(|adjusted| *adjusted != value),
            value,
        }
    }
}

/// The interval in few signs: `79.2 – 94.4`, or `≥ 430` when the data cannot bound it above.
fn short(range: Interval) -> String {
    match range.high {
        Some(high) => format!("{} – {}", ms(range.low), ms(high)),
        None => format!("≥ {}", ms(range.low)),
    }
}

pub(crate) fn percentile_heads() -> Vec<String> {
    PERCENTS.iter().map(|percent| format!("{percent}%")).collect()
}

/// Where the time of a turn goes.
#[derive(Debug, Serialize)]
pub(crate) struct PhaseRow {
    name: String,
    total: bool,
    first_byte: String,
    first_token: String,
    service: String,
    latency: String,
    tokens: u64,
}

impl PhaseRow {
    pub(crate) fn of(row: &RequestRow) -> Self {
        Self {
            name: row.key.name.clone(),
            total: is_total(row),
            first_byte: two(&row.first_byte),
            first_token: two(&row.first_token),
            service: two(&row.service),
            latency: two(&row.latency),
            tokens: row.output_tokens,
        }
    }
}

/// Median and 95th percentile.
fn two(times: &Distribution) -> String {
    let ms = |percent| ms_or_dash(percentile(times, percent).map(|p| p.value));
    if times.count == 0 { "-".to_owned() } else { format!("{} / {}", ms(50.0), ms(95.0)) }
}
