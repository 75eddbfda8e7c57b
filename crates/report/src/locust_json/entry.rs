//! One entry of the array.

use super::bucket::rounded_ms;
use crate::number::finished;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use victor_types::{Histogram, HistoryPoint, Millis, RequestRow, RunReport};

/// Windows longer than this many seconds cannot be told apart by second.
const LONGEST_WINDOW: f64 = 1.5;

/// Fields in Locust's order.
#[derive(Debug, Serialize)]
pub(crate) struct Entry<'a> {
    name: &'a str,
    method: &'a str,
    last_request_timestamp: Option<f64>,
    start_time: Option<f64>,
    num_requests: u64,
    num_none_requests: u64,
    num_failures: u64,
    total_response_time: f64,
    max_response_time: f64,
    min_response_time: Option<f64>,
    total_content_length: u64,
    response_times: BTreeMap<u64, u64>,
    num_reqs_per_sec: BTreeMap<i64, u64>,
    num_fail_per_sec: BTreeMap<i64, u64>,
}

impl<'a> Entry<'a> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a total of bytes, rounded from its mean"
    )]
    pub(crate) fn new(row: &'a RequestRow, report: &RunReport) -> Self {
        let started = report.run.started_at.parse().ok().map(unix);
        let mut times = row.latency.histogram.clone();
        times.merge(&row.failed_latency);
        let finished = finished(row);
        let ms = |rank| times.value_at_rank(rank).map(|micros| Millis::from_micros(micros).0);
        let seconds = started.filter(|_| report.rows.len() == 1 && is_by_second(&report.history));
        let per_second = |count: fn(&HistoryPoint) -> u64| {
            seconds.map(|start| by_second(&report.history, start, count)).unwrap_or_default()
        };
        Self {
            name: &row.key.name,
            method: &row.key.method,
            last_request_timestamp: seconds.and_then(|start| last(&report.history, start)),
            start_time: started,
            num_requests: finished,
            num_none_requests: finished.saturating_sub(times.count()),
            num_failures: row.failed,
            total_response_time: sum_ms(&times),
            max_response_time: ms(times.count()).unwrap_or(0.0),
            min_response_time: ms(1),
            total_content_length: (row.mean_bytes * finished as f64).round() as u64,
            response_times: buckets(&times),
            num_reqs_per_sec: per_second(|point| point.succeeded + point.failed),
            num_fail_per_sec: per_second(|point| point.failed),
        }
    }
}

fn unix(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

fn is_by_second(history: &[HistoryPoint]) -> bool {
    history.iter().all(|point| point.window.0 < LONGEST_WINDOW)
}

#[expect(clippy::cast_precision_loss, reason = "a sum of milliseconds to 15 digits")]
fn sum_ms(times: &Histogram) -> f64 {
    let micros: u128 =
        times.buckets().iter().map(|&(value, count)| u128::from(value) * u128::from(count)).sum();
    micros as f64 / 1e3
}

fn buckets(times: &Histogram) -> BTreeMap<u64, u64> {
    let mut buckets = BTreeMap::new();
    for &(micros, count) in times.buckets() {
        *buckets.entry(rounded_ms(micros)).or_insert(0) += count;
    }
    buckets
}

/// Counts by the unix second in which the window began.
#[expect(clippy::cast_possible_truncation, reason = "unix seconds of a run fit")]
fn by_second(
    history: &[HistoryPoint],
    start: f64,
    count: fn(&HistoryPoint) -> u64,
) -> BTreeMap<i64, u64> {
    let mut seconds = BTreeMap::new();
    for point in history.iter().filter(|point| count(point) > 0) {
        let began = start + point.at.0 - point.window.0;
        *seconds.entry(began.floor() as i64).or_insert(0) += count(point);
    }
    seconds
}

/// End of the last window in which a turn ended.
fn last(history: &[HistoryPoint], start: f64) -> Option<f64> {
    let point = history.iter().rev().find(|point| point.succeeded + point.failed > 0)?;
    Some(start + point.at.0)
}
