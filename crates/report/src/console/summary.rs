//! The summary after a run.

use super::NARROWEST;
use super::paint::{Brush, Ink};
use super::{failures, percentiles, requests, server, streaming, verdicts};
use crate::number::counted;
use crate::overall::judged_part;
use crate::text::{clean, width as columns, wrap};
use victor_types::{RequestRow, RunReport};

/// Everything a person needs after a run, in lines of at most `width` columns (at least 40):
/// requests, percentiles, streams, failures, server, verdicts, doubts, findings, and the balance of turns.
/// With `colour`, ANSI colours repeat what the words say.
#[must_use]
pub fn summary(report: &RunReport, width: usize, colour: bool) -> String {
    let width = width.max(NARROWEST);
    let brush = Brush::new(colour);
    let mut parts = vec![
        requests::request_table(&report.rows, &report.total, width, brush)
            + &footnote(&report.total, width, brush),
        percentiles::percentiles(report, width, brush),
    ];
    parts.extend(streaming::streaming(&report.total, width, brush));
    if !report.failures.is_empty() {
        parts.push(failures::failures(&report.failures, width, brush));
    }
    if let Some(resources) = &report.server {
        parts.push(server::server(resources, width, brush));
    }
    if !report.verdicts.is_empty() {
        let mut text = verdicts::verdicts(&report.verdicts, width, brush);
        if report.judged.is_some() {
            let about = format!("about {}", judged_part(report));
            text += &hang("", Ink::Faint, &about, width, brush);
        }
        parts.push(text);
    }
    if !report.validity.warnings.is_empty() {
        parts.push(verdicts::doubts(&report.validity, width, brush));
    }
    if !report.findings.is_empty() {
        parts.push(verdicts::findings(&report.findings, width, brush));
    }
    parts.push(hang("", Ink::Plain, &balance(&report.total), width, brush));
    parts.join("\n")
}

fn footnote(total: &RequestRow, width: usize, brush: Brush) -> String {
    let mut text = "times in ms, over successes; # reqs are finished turns".to_owned();
    if total.failed > 0 {
        text += &format!(
            "; req/s are successes a second: {} {} not throughput",
            counted(total.failed, "failed turn"),
            if total.failed == 1 { "is" } else { "are" },
        );
    }
    hang("", Ink::Faint, &text, width, brush)
}

/// Where every turn went.
fn balance(total: &RequestRow) -> String {
    let mut text = format!(
        "sent {} = {} succeeded + {} failed + {} incomplete",
        total.sent, total.succeeded, total.failed, total.incomplete
    );
    if let (1.., Some(age)) = (total.incomplete, total.incomplete_age_min) {
        text += &format!(" (in flight at the end, age ≥ {age})");
    }
    text
}

/// `lead`, then `text` wrapped beside it. A lead over half the width stands alone.
pub(crate) fn hang(lead: &str, ink: Ink, text: &str, width: usize, brush: Brush) -> String {
    let text = clean(text);
    let mut indent = columns(lead);
    let mut out = String::new();
    if indent > width / 2 {
        out += &(brush.paint(ink, lead.trim_end()) + "\n");
        indent = 4;
        out += &" ".repeat(indent);
    } else {
        out += &brush.paint(ink, lead);
    }
    // A line that is only a footnote is inked as a whole.
    let body = if lead.is_empty() { ink } else { Ink::Plain };
    let lines = wrap(&text, width - indent);
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            out += &" ".repeat(indent);
        }
        out += &brush.paint(body, line);
        out.truncate(out.trim_end_matches(' ').len());
        out += "\n";
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use victor_types::{Distribution, Histogram};

    #[test]
    fn at_80_columns() {
        insta::assert_snapshot!(summary(&golden::report(), 80, false));
    }

    #[test]
    fn at_140_columns() {
        insta::assert_snapshot!(summary(&golden::report(), 140, false));
    }

    #[test]
    fn every_width_is_kept_and_colour_changes_no_word() {
        let report = golden::report();
        for width in [40, 53, 66, 79, 80, 100, 131, 200] {
            let plain = summary(&report, width, false);
            for line in plain.lines() {
                assert!(columns(line) <= width, "{width}: {line}");
            }
            let mut coloured = summary(&report, width, true);
            assert_ne!(coloured, plain);
            for code in
                ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"]
            {
                coloured = coloured.replace(code, "");
            }
            let trimmed =
                |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
            assert_eq!(trimmed(&coloured), trimmed(&plain));
        }
    }

    #[test]
    fn a_run_without_success_shows_dashes_not_zeros() {
        let mut report = golden::report();
        report.rows.truncate(1);
        for row in report.rows.iter_mut().chain([&mut report.total]) {
            row.latency = Distribution::default();
            row.succeeded = 0;
            row.failed_latency = Histogram::default();
        }
        let text = summary(&report, 100, false);
        assert!(text.contains("|   -   -   -   - |"), "{text}");
        assert!(!text.contains("95 % interval"), "{text}");
    }

    #[test]
    fn a_servers_answer_cannot_reach_the_terminal() {
        let mut report = golden::report();
        report.failures[0].exemplars[0].excerpt = "\u{1b}]0;owned\u{7}\r\nfake line".into();
        report.rows[0].key.name = "/x\u{1b}[2J".into();
        let text = summary(&report, 120, false);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r']));
        assert!(text.contains(r"\u{1b}]0;owned"));
    }
}
