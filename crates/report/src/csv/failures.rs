//! `PREFIX_failures.csv` and `PREFIX_exceptions.csv`.

use jiff::{SignedDuration, Timestamp};
use std::io::{self, Write};
use victor_types::{FailureKind, RunReport, Seconds};

pub(crate) fn write<W: Write>(
    report: &RunReport,
    started: Timestamp,
    out: &mut ::csv::Writer<W>,
) -> io::Result<()> {
    out.write_record(["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"])?;
    for row in &report.failures {
        out.write_record([
            row.key.method.as_str(),
            row.key.name.as_str(),
            &format!("{}: {}", row.kind, row.kind.describe()),
            &row.count.to_string(),
            &instant(started, row.first_seen),
            &instant(started, row.last_seen),
        ])?;
    }
    Ok(())
}

/// ISO 8601 to the second, as Locust writes it.
fn instant(started: Timestamp, offset: Seconds) -> String {
    let offset = SignedDuration::try_from_secs_f64(offset.0).unwrap_or_default();
    let at = started.checked_add(offset).unwrap_or(Timestamp::MAX);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(crate) fn write_exceptions<W: Write>(
    report: &RunReport,
    out: &mut ::csv::Writer<W>,
) -> io::Result<()> {
    out.write_record(["Count", "Message", "Traceback", "Nodes"])?;
    for row in report.failures.iter().filter(|row| row.kind == FailureKind::UserDefinition) {
        let message = row.exemplars.first().map(|exemplar| exemplar.excerpt.clone());
        let message = message.unwrap_or_else(|| row.kind.describe());
        let place = format!("{} {}", row.key.method, row.key.name);
        out.write_record([&row.count.to_string(), &message, &place, "local"])?;
    }
    Ok(())
}
