//! One test of the scalability suite: what was measured, the verdicts, the evidence.

use super::failures::failures;
use super::paint::{Brush, Ink};
use super::summary::hang;
use super::{NARROWEST, verdicts};
use victor_types::{FailureRow, Outcome, Seconds, Verdict};

/// What a test has to say.
#[derive(Debug, Clone, Copy)]
pub struct CaseReport<'a> {
    /// `Group::test`.
    pub id: &'a str,
    /// The test's own answer.
    pub outcome: Outcome,
    /// What was measured, as name and value.
    pub measured: &'a [(String, String)],
    /// The verdicts behind the answer.
    pub verdicts: &'a [Verdict],
    /// Failed turns.
    pub failures: &'a [FailureRow],
    /// How long it took.
    pub duration: Seconds,
}

impl CaseReport<'_> {
    /// Lines of at most `width` columns (at least 40); with `colour`, ANSI colours repeat what the
    /// words say.
    #[must_use]
    pub fn render(&self, width: usize, colour: bool) -> String {
        let width = width.max(NARROWEST);
        let brush = Brush::new(colour);
        let lead = format!("{}  ", self.outcome.word().to_uppercase());
        let head = format!("{} ({:.1} s)", self.id, self.duration.0);
        let mut text = hang(&lead, self.outcome.into(), &head, width, brush);
        let longest = self.measured.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in self.measured {
            text += &hang(&format!("  {name:<longest$}  "), Ink::Faint, value, width, brush);
        }
        for line in verdicts::verdicts(self.verdicts, width - 2, brush).lines().skip(1) {
            text += &format!("  {line}\n");
        }
        if !self.failures.is_empty() {
            text += "\n";
            text += &failures(self.failures, width, brush);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use crate::text::width as columns;

    #[test]
    fn the_answer_comes_first_and_no_line_is_too_long() {
        let report = golden::report();
        let measured = [("turns".to_owned(), "1 000 in 20.0 s".to_owned())];
        let case = CaseReport {
            id: "TestConcurrentRequests::test_10_concurrent_requests",
            outcome: Outcome::Fail,
            measured: &measured,
            verdicts: &report.verdicts,
            failures: &report.failures,
            duration: Seconds(21.04),
        };
        let text = case.render(80, false);
        assert!(
            text.starts_with(
                "FAIL  TestConcurrentRequests::test_10_concurrent_requests (21.0 s)\n"
            )
        );
        assert!(text.contains("belongs to"), "both halves of an offending pair");
        assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
    }
}
