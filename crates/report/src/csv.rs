//! Locust's CSV files (`--csv PREFIX`), complete to the last second.
//!
//! Names, columns, order, CRLF and minimal quoting are Locust's. Where the numbers differ, they do
//! on purpose:
//!
//! - `Request Count` are finished turns, and `Requests/s` are *successes* a second;
//! - times are of successes; a row without any says `N/A`, never 0;
//! - percentiles are whole milliseconds as in Locust, but of the exact distribution, not of its
//!   rounded buckets; the median is kept between smallest and largest, as in Locust, and so has
//!   decimals when the server is that fast;
//! - the history's rates and percentiles are of the last ten seconds;
//! - `_exceptions.csv` lists errors in the user definition, the only exceptions a run can have; for
//!   a traceback it gives the request.

mod failures;
mod history;
mod stats;

pub use history::HistoryCsv;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use victor_types::RunReport;

/// Why a CSV file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The file or its folder cannot be written.
    #[error("cannot write `{}`: {source}; choose another place with --csv", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The report's start is not a time, so no row can be dated.
    #[error("`run.started_at` is `{text}`, which is not an RFC 3339 time")]
    Start {
        /// What it is.
        text: String,
    },
}

/// Writes `PREFIX_stats.csv`, `PREFIX_stats_history.csv`, `PREFIX_failures.csv` and
/// `PREFIX_exceptions.csv`; missing folders are made.
///
/// The history is as fine as the report's, which is thinned in long runs; a run that fed
/// [`HistoryCsv`] a point a second has a finer file already and calls [`write_tables`] instead.
///
/// # Errors
/// When a file cannot be written, or the report's start is not a time.
pub fn write_all(report: &RunReport, prefix: &Path) -> Result<(), CsvError> {
    let mut history = HistoryCsv::create(prefix, started(report)?)?;
    for point in &report.history {
        history.append(point)?;
    }
    write_tables(report, prefix)
}

/// Writes the files of [`write_all`] without the history.
///
/// # Errors
/// As [`write_all`].
pub fn write_tables(report: &RunReport, prefix: &Path) -> Result<(), CsvError> {
    let started = started(report)?;
    write(&with_suffix(prefix, "_stats.csv"), |out| stats::write(report, out))?;
    write(&with_suffix(prefix, "_failures.csv"), |out| failures::write(report, started, out))?;
    write(&with_suffix(prefix, "_exceptions.csv"), |out| failures::write_exceptions(report, out))
}

fn started(report: &RunReport) -> Result<jiff::Timestamp, CsvError> {
    let text = &report.run.started_at;
    text.parse().map_err(|_| CsvError::Start { text: text.clone() })
}

fn write(
    path: &Path,
    rows: impl FnOnce(&mut ::csv::Writer<BufWriter<File>>) -> io::Result<()>,
) -> Result<(), CsvError> {
    let all = || {
        let mut out = writer(BufWriter::new(create(path)?));
        rows(&mut out)?;
        out.flush()
    };
    all().map_err(|source| CsvError::Write { path: path.to_owned(), source })
}

/// Creates the file and the folders above it.
fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    File::create(path)
}

/// The prefix with something at its end; not a file extension, as a prefix may hold dots.
fn with_suffix(prefix: &Path, suffix: &str) -> PathBuf {
    let mut path = prefix.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn writer<W: Write>(out: W) -> ::csv::Writer<W> {
    ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .quote_style(::csv::QuoteStyle::Necessary)
        .from_writer(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    fn written(report: &RunReport) -> (tempfile::TempDir, impl Fn(&str) -> String + use<>) {
        let folder = tempfile::tempdir().expect("a folder");
        let prefix = folder.path().join("deep/er/run.1");
        write_all(report, &prefix).expect("written");
        let read = move |suffix: &str| {
            fs::read_to_string(with_suffix(&prefix, suffix)).expect("the file is there")
        };
        (folder, read)
    }

    #[test]
    fn the_files_are_locusts() {
        let (_folder, read) = written(&golden::report());
        insta::assert_snapshot!("stats", read("_stats.csv"));
        insta::assert_snapshot!("stats_history", read("_stats_history.csv"));
        insta::assert_snapshot!("failures", read("_failures.csv"));
        insta::assert_snapshot!("exceptions", read("_exceptions.csv"));
    }

    #[test]
    fn every_line_ends_with_crlf_and_the_last_second_is_there() {
        let report = golden::report();
        let (_folder, read) = written(&report);
        for suffix in ["_stats.csv", "_stats_history.csv", "_failures.csv", "_exceptions.csv"] {
            let text = read(suffix);
            assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{suffix}");
        }
        let history = read("_stats_history.csv");
        let last: Vec<&str> = history.trim_end().lines().last().expect("rows").split(',').collect();
        assert_eq!(last[0], "1795423890");
        let finished = report.total.succeeded + report.total.failed;
        assert_eq!(last[17], finished.to_string());
        assert_eq!(last[18], report.total.failed.to_string());
    }

    #[test]
    fn names_with_commas_and_quotes_read_back() {
        let mut report = golden::report();
        report.rows[0].key.name = "a \"b\", c\r\nd".into();
        let (_folder, read) = written(&report);
        let text = read("_stats.csv");
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let first = reader.records().next().expect("a row").expect("well formed");
        assert_eq!(&first[1], "a \"b\", c\r\nd");
    }

    #[test]
    fn errors_name_the_file_and_the_flag() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "").expect("a file");
        let prefix = folder.path().join("file/run");
        let error = write_all(&golden::report(), &prefix).expect_err("a file is no folder");
        let text = error.to_string();
        assert!(text.contains("run_stats_history.csv") && text.contains("--csv"), "{text}");
        let mut report = golden::report();
        report.run.started_at = "yesterday".into();
        let error = write_all(&report, &prefix).expect_err("no time");
        assert!(error.to_string().contains("`yesterday`"), "{error}");
    }
}
