//! The files of `victor load`: opened before the load begins, fed while it runs.

use crate::talk::{self, Failure};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use victor_config::Outputs;
use victor_report::csv::HistoryCsv;
use victor_report::{console, csv, html, json, locust_json};
use victor_suite::Progress;
use victor_types::RunReport;

/// The files of one run.
#[derive(Debug)]
pub(crate) struct Files<'a> {
    wanted: &'a Outputs,
    trace: Option<File>,
    history: Option<HistoryCsv>,
    /// End of the last point in the history file, in seconds.
    written: f64,
    /// A file that could not be written is said once; the run goes on.
    complained: bool,
}

impl<'a> Files<'a> {
    /// Checks that every file can be written, so that a run is not lost for a typing error.
    pub(crate) fn open(wanted: &'a Outputs) -> Result<Self, Failure> {
        let later = [
            ("--html", &wanted.html),
            ("--json-file", &wanted.json_file),
            ("--report-json", &wanted.report_json),
        ];
        for (flag, path) in later {
            if let Some(path) = path {
                touch(flag, path)?;
            }
        }
        if let Some(prefix) = &wanted.csv {
            let mut probe = prefix.clone().into_os_string();
            probe.push("_stats.csv");
            touch("--csv", Path::new(&probe))?;
        }
        let trace = match &wanted.trace {
            None => None,
            Some(path) => {
                touch("--trace", path)?;
                Some(File::create(path).map_err(|error| unwritable("--trace", path, &error))?)
            }
        };
        Ok(Self { wanted, trace, history: None, written: 0.0, complained: false })
    }

    /// Keeps what must not be lost if the process dies: trace lines and history rows.
    pub(crate) fn feed(&mut self, progress: &Progress<'_>) {
        if let Some(trace) = &mut self.trace
            && let Err(error) = trace.write_all(progress.trace)
        {
            self.complain(&format!("--trace: {error}; trace lines are missing from here on"));
            self.trace = None;
        }
        if let Some(prefix) = &self.wanted.csv
            && self.history.is_none()
            && let Ok(started) = progress.started_at.parse()
        {
            match HistoryCsv::create(prefix, started) {
                Ok(history) => self.history = Some(history),
                Err(error) => self.complain(&error.to_string()),
            }
        }
        // The newest point may still be waiting for another shard's part, and the one before is joined
        // with it when the run ends within its window: a row that is written stays as it is.
        let points: Vec<_> = progress.timeline.history().collect();
        let complete = points.len().saturating_sub(2);
        self.append(points.into_iter().take(complete));
    }

    fn append<'p>(&mut self, points: impl Iterator<Item = &'p victor_types::HistoryPoint>) {
        let Some(history) = &mut self.history else { return };
        for point in points {
            if point.at.0 > self.written {
                self.written = point.at.0;
                if let Err(error) = history.append(point) {
                    self.complain(&error.to_string());
                    self.history = None;
                    return;
                }
            }
        }
    }

    fn complain(&mut self, text: &str) {
        if !self.complained {
            talk::error(text);
        }
        self.complained = true;
    }

    /// Writes what is written at the end. One file that fails does not keep the others from being
    /// written; the first failure is handed back.
    pub(crate) fn finish(mut self, report: &RunReport) -> Result<(), Failure> {
        self.append(report.history.iter());
        let mut first = None;
        let mut keep = |done: Result<(), Failure>| {
            if let Err(failure) = done {
                talk::error(&failure.text);
                first.get_or_insert(failure);
            }
        };
        let write = |flag, path: &Path, text: String| {
            fs::write(path, text).map_err(|error| unwritable(flag, path, &error))
        };
        if let Some(path) = &self.wanted.html {
            keep(write("--html", path, html::render(report)));
        }
        if let Some(path) = &self.wanted.json_file {
            keep(write("--json-file", path, locust_json::write(report)));
        }
        if let Some(path) = &self.wanted.report_json {
            keep(write("--report-json", path, json::write(report)));
        }
        if let Some(prefix) = &self.wanted.csv {
            let written = match self.history {
                Some(_) => csv::write_tables(report, prefix),
                None => csv::write_all(report, prefix),
            };
            keep(written.map_err(Failure::usage));
        }
        name_files(self.wanted);
        first.map_or(Ok(()), Err)
    }

    /// Shows the summary: on standard output, unless that is taken by `--json`.
    pub(crate) fn show(&self, report: &RunReport) {
        if self.wanted.json {
            talk::say(&console::summary(report, talk::width(), false));
            talk::print(&locust_json::write(report));
        } else {
            talk::print(&console::summary(report, talk::width(), talk::colour()));
        }
    }
}

/// Says where the files are.
fn name_files(wanted: &Outputs) {
    let named = [
        ("HTML report", &wanted.html),
        ("run report", &wanted.report_json),
        ("Locust's array", &wanted.json_file),
        ("CSV files", &wanted.csv),
        ("trace", &wanted.trace),
    ];
    for (what, path) in named {
        if let Some(path) = path {
            let more = if what == "CSV files" { "_*.csv" } else { "" };
            talk::say(&format!("{what}: {}{more}", path.display()));
        }
    }
}

/// Makes the folders above `path` and checks that the file can be written, without emptying it.
pub(crate) fn touch(flag: &str, path: &Path) -> Result<(), Failure> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or(Ok(()), fs::create_dir_all).map_err(|error| unwritable(flag, path, &error))?;
    let opened = File::options().create(true).append(true).open(path);
    opened.map(drop).map_err(|error| unwritable(flag, path, &error))
}

fn unwritable(flag: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!(
        "cannot write `{}`: {error}; choose another place with {flag}",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_is_refused_before_the_run() {
        let path = Path::new("/proc/nowhere/report.html");
        let failure = touch("--html", path).expect_err("not writable");
        assert!(failure.text.contains("--html") && failure.text.contains("/proc/nowhere"));
    }
}
