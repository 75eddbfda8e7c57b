//! Verdicts as JUnit XML, for CI services.
//!
//! A test has many verdicts and JUnit gives a case one outcome, so each test becomes a suite and
//! each verdict a case: fail is a failure; inconclusive and invalid are errors, because a
//! measurement that says nothing must not turn a build green; not applicable is skipped. A test
//! without any verdict measured nothing, and is an error too.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;
use victor_types::{Outcome, Seconds, Verdict};

/// The XML document named `suite_name`, with one suite for each of `tests`: its name, its verdicts,
/// and how long it took. Characters that XML cannot hold are left out.
#[must_use]
pub fn verdicts_xml(suite_name: &str, tests: &[(String, Vec<Verdict>, Seconds)]) -> String {
    let mut report = Report::new(suite_name);
    let all = tests.iter().map(|(_, _, took)| took.0).sum();
    report.set_time(duration(all));
    for (name, verdicts, took) in tests {
        let mut suite = TestSuite::new(name);
        suite.set_time(duration(took.0));
        if verdicts.is_empty() {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message("the test ended without a verdict").set_type("no verdict");
            let mut case = TestCase::new("verdict", status);
            case.set_classname(name);
            suite.add_test_case(case);
        }
        suite.add_test_cases(verdicts.iter().map(|verdict| case(name, verdict)));
        report.add_test_suite(suite);
    }
    report.to_string().expect("strings without control characters are valid XML")
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn case(test: &str, verdict: &Verdict) -> TestCase {
    let mut status = match verdict.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Inconclusive | Outcome::Invalid => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
        Outcome::NotApplicable => TestCaseStatus::skipped(),
    };
    let numbers = format!("measured {}, limit {}", verdict.measured, verdict.limit);
    if verdict.outcome != Outcome::Pass {
        let reason = verdict.reason.as_ref().map(|reason| format!("; {reason}"));
        status.set_message(numbers.clone() + &reason.unwrap_or_default());
        status.set_type(verdict.outcome.word());
    }
    let mut case = TestCase::new(&verdict.name, status);
    case.set_classname(test);
    if verdict.outcome == Outcome::Pass {
        case.set_system_out(numbers);
    }
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn each_outcome_has_its_element() {
        let verdicts = golden::report().verdicts;
        let tests = [
            ("TestConcurrentRequests::test_50_concurrent_requests".into(), verdicts, Seconds(30.0)),
            ("TestStressTesting::test_breaking_point".into(), Vec::new(), Seconds(1.25)),
        ];
        insta::assert_snapshot!(verdicts_xml("scalability", &tests));
    }

    #[test]
    fn hostile_text_stays_text() {
        let mut verdict = golden::report().verdicts.remove(3);
        verdict.reason = Some("</failure><x a=\"\u{1b}[2J\u{0}\">&".into());
        let xml = verdicts_xml("s", &[("t".into(), vec![verdict], Seconds(0.0))]);
        assert!(!xml.contains("<x") && !xml.contains('\u{1b}') && !xml.contains('\0'), "{xml}");
    }
}
