//! The run report itself (`--report-json`): the one document the other formats are made from.
//!
//! Objects are indented; lists of numbers stay on one line, so that a histogram of a thousand
//! buckets does not become three thousand lines.

mod layout;

use layout::Layout;
use serde::{Deserialize, Serialize};
use victor_types::{REPORT_VERSION, RunReport};

/// Why a stored report could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not JSON, or not a run report.
    #[error("not a run report (expected the file written by --report-json): {0}")]
    Malformed(#[from] serde_json::Error),
    /// A newer victor wrote it, and an old reader could misread it.
    #[error(
        "the run report has version {found}, and this victor reads up to version {known}: \
         update victor, or write the report again with this one"
    )]
    TooNew {
        /// Version in the file.
        found: u32,
        /// Newest version that can be read.
        known: u32,
    },
}

/// The version alone, which is all that may be read of a newer document.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// The report as indented JSON with a newline at the end.
///
/// ```
/// # let report = victor_report::json::read(
/// #     include_str!("../tests/golden/report_v1.json")).expect("the golden report");
/// let text = victor_report::json::write(&report);
/// assert_eq!(victor_report::json::read(&text).expect("reads back"), report);
/// ```
#[must_use]
pub fn write(report: &RunReport) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Layout::default());
    report.serialize(&mut serializer).expect("a run report has no map keys that can fail");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// Reads a report. Fields this version does not know are ignored.
///
/// # Errors
/// When the text is not a run report, or one of a version newer than [`REPORT_VERSION`].
pub fn read(text: &str) -> Result<RunReport, ReadError> {
    let Head { version } = serde_json::from_str(text)?;
    if version > REPORT_VERSION {
        return Err(ReadError::TooNew { found: version, known: REPORT_VERSION });
    }
    Ok(serde_json::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn a_newer_report_is_refused_with_the_fix() {
        let error = read(r#"{"version": 2, "tool": "of another shape"}"#).expect_err("too new");
        let text = error.to_string();
        assert!(text.contains("version 2") && text.contains("update victor"), "{text}");
    }

    #[test]
    fn other_json_is_named_as_such() {
        for text in ["[]", "{}", "", r#"{"version": 1}"#] {
            let error = read(text).expect_err("no report");
            assert!(error.to_string().starts_with("not a run report"), "{error}");
        }
    }

    #[test]
    fn histograms_stay_on_one_line() {
        let text = write(&golden::report());
        let line = text.lines().find(|line| line.contains("\"histogram\"")).expect("there is one");
        assert!(line.contains("[["), "{line}");
        assert!(line.trim_end_matches(',').ends_with("]]"), "{line}");
    }
}
