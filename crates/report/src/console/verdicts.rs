//! Verdicts, doubts and findings: the word first, then what it stands on.

use super::paint::{Brush, Ink};
use super::summary::hang;
use victor_types::{Finding, Severity, Validity, Verdict};

pub(crate) fn verdicts(verdicts: &[Verdict], width: usize, brush: Brush) -> String {
    let lead = verdicts.iter().map(|verdict| verdict.outcome.word().len()).max().unwrap_or(0);
    let mut text = brush.paint(Ink::Strong, "Verdicts") + "\n";
    for verdict in verdicts {
        let mut line = format!("{}: {}", verdict.name, verdict.measured);
        line += &format!(", limit {}", verdict.limit);
        if let Some(reason) = &verdict.reason {
            line += &format!("; {reason}");
        }
        let word = format!("{:<lead$}  ", verdict.outcome.word());
        text += &hang(&word, verdict.outcome.into(), &line, width, brush);
    }
    text
}

pub(crate) fn doubts(validity: &Validity, width: usize, brush: Brush) -> String {
    let mut text = brush.paint(Ink::Strong, "Doubts") + "\n";
    for warning in &validity.warnings {
        let severity = warning.severity();
        let word = match severity {
            Severity::Notice => "notice        ",
            Severity::Doubt => "doubt         ",
            Severity::Invalidating => "invalidating  ",
        };
        text += &hang(word, severity.into(), &warning.to_string(), width, brush);
    }
    text
}

pub(crate) fn findings(findings: &[Finding], width: usize, brush: Brush) -> String {
    let mut text = brush.paint(Ink::Strong, "Findings") + "\n";
    for finding in findings {
        text += &hang("* ", Ink::Plain, &finding.what, width, brush);
        text += &hang("  evidence: ", Ink::Faint, &finding.evidence, width, brush);
        text += &hang("  advice:   ", Ink::Faint, &finding.advice, width, brush);
    }
    text
}
