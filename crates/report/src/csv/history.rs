//! `PREFIX_stats_history.csv`, fed a point at a time.

use super::stats::{NONE, clamped, percent_heads, whole_or_none};
use super::{CsvError, create, with_suffix, writer};
use crate::number::{PERCENTS, ratio};
use crate::recent::{Recent, nearest_rank};
use jiff::Timestamp;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use victor_types::{Histogram, HistoryPoint, Millis};

/// Appends one row for each point, and hands it to the system at once: when the process dies, no
/// point that was appended is lost.
#[derive(Debug)]
pub struct HistoryCsv {
    out: ::csv::Writer<File>,
    path: PathBuf,
    started: Timestamp,
    recent: Recent,
    latency: Histogram,
    finished: u64,
    failed: u64,
    received: u64,
}

impl HistoryCsv {
    /// Creates `PREFIX_stats_history.csv`, with the folders above it, and writes its head.
    /// `started` is the start of the run, from which points are counted.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(prefix: &Path, started: Timestamp) -> Result<Self, CsvError> {
        let path = with_suffix(prefix, "_stats_history.csv");
        let open = || {
            let mut out = writer(create(&path)?);
            out.write_record(head())?;
            out.flush()?;
            Ok(out)
        };
        let out = open().map_err(|source| CsvError::Write { path: path.clone(), source })?;
        Ok(Self {
            out,
            path,
            started,
            recent: Recent::default(),
            latency: Histogram::default(),
            finished: 0,
            failed: 0,
            received: 0,
        })
    }

    /// Appends a point. Points come in order, and each once: totals are their sums.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append(&mut self, point: &HistoryPoint) -> Result<(), CsvError> {
        self.recent.push(point);
        self.latency.merge(&point.latency);
        self.finished += point.succeeded + point.failed;
        self.failed += point.failed;
        self.received += point.received.0;
        let cells = self.cells(point);
        let mut write = || -> io::Result<()> {
            self.out.write_record(&cells)?;
            self.out.flush()
        };
        write().map_err(|source| CsvError::Write { path: self.path.clone(), source })
    }

    fn cells(&self, point: &HistoryPoint) -> Vec<String> {
        let (throughput, failures) = self.recent.rates();
        let mut cells = vec![
            self.unix_second(point).to_string(),
            point.users.to_string(),
            String::new(),
            "Aggregated".to_owned(),
            format!("{throughput:.6}"),
            format!("{failures:.6}"),
        ];
        let current = self.recent.latency();
        cells.extend(PERCENTS.iter().map(|&p| whole_or_none(nearest_rank(&current, p))));
        let min = nearest_rank(&self.latency, 0.0);
        let max = nearest_rank(&self.latency, 100.0);
        cells.extend([
            self.finished.to_string(),
            self.failed.to_string(),
            clamped(nearest_rank(&self.latency, 50.0), min, max),
            self.latency.mean().map_or_else(|| NONE.to_owned(), |mean| (mean / 1e3).to_string()),
            text(min),
            text(max),
            if self.finished == 0 { 0.0 } else { ratio(self.received, self.finished) }.to_string(),
        ]);
        cells
    }

    #[expect(clippy::cast_possible_truncation, reason = "a float this large is no time of a run")]
    fn unix_second(&self, point: &HistoryPoint) -> i64 {
        let start = self.started.as_duration().as_secs_f64();
        (start + point.at.0).floor() as i64
    }
}

fn text(value: Option<Millis>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| value.0.to_string())
}

fn head() -> Vec<String> {
    let mut head: Vec<String> =
        ["Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"]
            .map(str::to_owned)
            .into();
    head.extend(percent_heads());
    head.extend(
        [
            "Total Request Count",
            "Total Failure Count",
            "Total Median Response Time",
            "Total Average Response Time",
            "Total Min Response Time",
            "Total Max Response Time",
            "Total Average Content Size",
        ]
        .map(str::to_owned),
    );
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn each_row_is_on_disk_before_the_next_point() {
        let folder = tempfile::tempdir().expect("a folder");
        let prefix = folder.path().join("run");
        let started = "2026-11-23T08:51:00Z".parse().expect("a time");
        let mut history = HistoryCsv::create(&prefix, started).expect("created");
        for (done, point) in golden::report().history.iter().enumerate() {
            history.append(point).expect("appended");
            let text = std::fs::read_to_string(folder.path().join("run_stats_history.csv"));
            assert_eq!(text.expect("readable").lines().count(), done + 2);
        }
    }
}
