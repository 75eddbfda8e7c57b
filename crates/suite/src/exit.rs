//! From a report to an exit code.

use victor_types::{EndReason, ExitCode, Outcome, RunReport};

/// The exit code of a run, the gravest reason first: interrupted, a request that cannot suit the
/// target, an alarm that ended it, an invalid run, failed requests (`on_error`), a failed verdict, an open verdict.
#[must_use]
pub fn exit_code(report: &RunReport, on_error: u8) -> ExitCode {
    let any = |outcome| report.verdicts.iter().any(|verdict| verdict.outcome == outcome);
    match report.run.end {
        EndReason::Interrupted => return ExitCode::Interrupted,
        EndReason::Futile => return ExitCode::Usage,
        EndReason::Failures | EndReason::Slow | EndReason::Saturated
            if report.validity.is_valid() =>
        {
            return if on_error == 0 || on_error == 1 {
                ExitCode::Failed
            } else {
                ExitCode::OnError(on_error)
            };
        }
        _ => {}
    }
    if !report.validity.is_valid() || any(Outcome::Invalid) {
        ExitCode::Invalid
    } else if report.total.failed > 0 && on_error != 0 {
        if on_error == 1 { ExitCode::Failed } else { ExitCode::OnError(on_error) }
    } else if any(Outcome::Fail) {
        ExitCode::Failed
    } else if any(Outcome::Inconclusive) {
        ExitCode::Inconclusive
    } else {
        ExitCode::Ok
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;
    use victor_types::{Validity, Verdict, Warning};

    fn verdict(outcome: Outcome) -> Verdict {
        let text = String::new;
        Verdict { name: text(), limit: text(), measured: text(), outcome, reason: None }
    }

    #[test]
    fn the_gravest_reason_decides() {
        let mut report = report(1000, 0);
        assert_eq!(exit_code(&report, 1), ExitCode::Ok);
        report.verdicts = vec![verdict(Outcome::Pass), verdict(Outcome::Inconclusive)];
        assert_eq!(exit_code(&report, 1), ExitCode::Inconclusive);
        report.verdicts.push(verdict(Outcome::Fail));
        assert_eq!(exit_code(&report, 1), ExitCode::Failed);
        report.total.failed = 1;
        assert_eq!(exit_code(&report, 9), ExitCode::OnError(9));
        assert_eq!(exit_code(&report, 0), ExitCode::Failed, "the verdict stands");
        report.validity = Validity::new(vec![Warning::GeneratorFailed]);
        assert_eq!(exit_code(&report, 1), ExitCode::Invalid);
        report.run.end = EndReason::Futile;
        assert_eq!(exit_code(&report, 1), ExitCode::Usage);
        report.run.end = EndReason::Interrupted;
        assert_eq!(exit_code(&report, 1), ExitCode::Interrupted);
    }
}
