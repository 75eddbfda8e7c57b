//! A summary for pull requests: the verdict first, then a table, then what to do.
//!
//! Names and texts come from users and servers, so everything is escaped: a request name cannot
//! break the table, start a heading, or mention anyone.

use crate::number::{adjusted, failures, finished, ms_or_dash, percentile, rate};
use crate::overall::{Overall, headline};
use victor_types::{RequestRow, RunReport};

/// The summary as GitHub-flavoured Markdown.
#[must_use]
pub fn summary(report: &RunReport) -> String {
    let mut text = format!("## Load test: {}\n\n", Overall::of(report).word());
    text += &format!("{}\n", escape(&headline(report)));
    for warning in &report.validity.warnings {
        text += &format!("\n> {}\n", escape(&warning.to_string()));
    }
    if !report.verdicts.is_empty() {
        text += "\n| Verdict | Target | Measured | Limit |\n| --- | --- | --- | --- |\n";
        for verdict in &report.verdicts {
            text += &format!(
                "| **{}** | {} | {} | {} |\n",
                verdict.outcome.word(),
                escape(&verdict.name),
                escape(&verdict.measured),
                escape(&verdict.limit)
            );
        }
    }
    text += &requests(report);
    if !report.findings.is_empty() {
        text += "\n### Findings\n\n";
        for finding in &report.findings {
            text += &format!(
                "- **{}**: {}. *{}*\n",
                escape(&finding.what),
                escape(&finding.evidence),
                escape(&finding.advice)
            );
        }
    }
    text + &format!(
        "\n<sub>{} {}, run {}, seed {}, {}</sub>\n",
        escape(&report.tool.name),
        escape(&report.tool.version),
        code(&report.run.id),
        report.run.seed,
        code(&report.run.host)
    )
}

fn requests(report: &RunReport) -> String {
    let mut text = String::from(
        "\n| Request | # reqs | # fails | p50 ms | p95 ms | p99 ms | turns/s |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in report.rows.iter().chain([&report.total]) {
        let ms = |percent| shown(row, percent);
        text += &format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            code(&row.key.name),
            finished(row),
            failures(row),
            ms(50.0),
            ms(95.0),
            ms(99.0),
            rate(row.throughput.0)
        );
    }
    let total = &report.total;
    if total.failed > 0 {
        text += "\nTurns a second are successes; percentiles are of successes, in brackets with \
                 each failure counted as infinitely slow where that differs.\n";
    }
    text
}

fn shown(row: &RequestRow, percent: f64) -> String {
    let found = percentile(&row.latency, percent);
    let value = ms_or_dash(found.map(|p| p.value));
    match found.map(adjusted) {
        Some(other) if other != value => format!("{value} ({other})"),
        _ => value,
    }
}

/// Plain text with every mark of Markdown and HTML disarmed.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            // An invisible joiner keeps the sign and makes no mention.
            '@' => out += "@\u{2060}",
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A code span, fenced by one more backtick than the text holds.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn the_verdict_comes_first() {
        insta::assert_snapshot!(summary(&golden::report()));
    }

    #[test]
    fn text_from_outside_cannot_leave_its_cell() {
        let mut report = golden::report();
        report.rows[0].key.name = "a|b `c`\n# d <img>".into();
        report.findings[0].evidence = "@team ![x](http://y) <b>|".into();
        let text = summary(&report);
        assert!(text.contains(r"| `` a\|b `c` # d <img> `` |"), "{text}");
        assert!(text.contains("@\u{2060}team \\!\\[x\\](http://y) &lt;b&gt;\\|"), "{text}");
        assert!(!text.contains("\n# d"));
    }
}
