//! Failures that a monitor by status would count as successes.

use super::GROUP;
use crate::amount::{count, percent};
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_plan::StopRule;
use victor_stats::{clopper_pearson, upper_bound};
use victor_types::{FailureKind, Outcome, RunReport, Verdict};

pub(in crate::scale) const MASKED: Case = Case {
    group: GROUP,
    name: "test_masked_failures",
    slow: false,
    seconds: 5,
    about: "share of answers under a success status that are errors, empty, broken or wrong",
    params: &[
        Param {
            name: "turns",
            default: 1200,
            help: "turns that are judged, at least 1000; half of them streamed",
        },
        Param { name: "sessions", default: 20, help: "sessions at once" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Fewest judged turns of a pass.
const ENOUGH: u64 = 1000;

/// What hides behind a success status.
const MASKED_KINDS: [FailureKind; 6] = [
    FailureKind::ErrorIn200,
    FailureKind::EmptyAnswer,
    FailureKind::MalformedBody,
    FailureKind::Cut,
    FailureKind::WrongSession,
    FailureKind::LostContext,
];

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let sessions = context.param("sessions").max(1);
    let each = context.param("turns").div_ceil(2 * sessions);
    let stop = StopRule { longest: Some(Duration::from_secs(300)), ..StopRule::turns(each) };
    let plain = plans::closed(context, plans::SESSIONS, sessions, stop)?;
    let streamed = plans::streamed(plain.clone());
    let reports = [context.run(&plain).await?, context.run(&streamed).await?];
    for (report, how) in reports.iter().zip(["plain", "streamed"]) {
        let right =
            format!("{} of {} right", count(report.total.succeeded), count(report.total.sent));
        context.measured(how, right);
        let right = said::turns_right(report, context.targets.error_rate.unwrap_or(0.01));
        context.result.verdicts.push(Verdict { name: format!("turns right, {how}"), ..right });
    }
    let masked = masked(&reports.iter().collect::<Vec<_>>());
    context.result.verdicts.insert(0, masked);
    Ok(())
}

fn masked(reports: &[&RunReport]) -> Verdict {
    let kinds = MASKED_KINDS.map(|kind| (kind, said::failures(reports, kind)));
    let found: u64 = kinds.iter().map(|(_, count)| count).sum();
    let right: u64 = reports.iter().map(|report| report.total.succeeded).sum();
    // Refusals by status were not masked, but they were judged: only what broke off before is not.
    let refused: u64 = reports
        .iter()
        .flat_map(|report| &report.failures)
        .filter(|row| matches!(row.kind, FailureKind::HttpStatus(_)))
        .map(|row| row.count)
        .sum();
    let judged = found + right + refused;
    let measured = format!("{} of {} judged turns", count(found), count(judged));
    let limit = format!("0, of at least {} judged turns", count(ENOUGH));
    let said = |outcome| said::verdict("masked failures", limit, measured, outcome);
    if found > 0 {
        let share = clopper_pearson(found, judged, said::CONFIDENCE);
        let share = share.map_or_else(String::new, |share| {
            format!(
                "95 % interval of the share: {} to {}; ",
                percent(share.low()),
                percent(share.high())
            )
        });
        let seen = kinds.iter().filter(|(_, count)| *count > 0);
        let seen: Vec<String> = seen.map(|(kind, count)| format!("{kind} {count}")).collect();
        return said::because(said(Outcome::Fail), format!("{share}{}", seen.join(", ")));
    }
    if right == 0 {
        return said::because(said(Outcome::Fail), "no turn was right");
    }
    if judged < ENOUGH {
        let why = format!("too few turns were judged: turns={ENOUGH} or more");
        return said::because(said(Outcome::Inconclusive), why);
    }
    let missed = upper_bound(0, judged, said::CONFIDENCE).unwrap_or(1.0);
    said::because(
        said(Outcome::Pass),
        format!("a share below {} could have been missed", percent(missed)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;
    use victor_types::{FailureRow, RowKey, Seconds};

    #[test]
    fn one_masked_failure_is_one_too_many_and_few_turns_say_nothing() {
        let (few, many) = (report(300, 0), report(1500, 0));
        assert_eq!(masked(&[&few]).outcome, Outcome::Inconclusive);
        assert_eq!(masked(&[&many]).outcome, Outcome::Pass);
        let mut wrong = report(1500, 3);
        wrong.failures.push(FailureRow {
            key: RowKey::default(),
            kind: FailureKind::ErrorIn200,
            count: 3,
            first_seen: Seconds(1.0),
            last_seen: Seconds(2.0),
            exemplars: Vec::new(),
        });
        let judged = masked(&[&wrong]);
        assert_eq!(judged.outcome, Outcome::Fail);
        assert!(judged.measured.starts_with("3 of 1 503"), "{}", judged.measured);
        wrong.failures[0].kind = FailureKind::HttpStatus(500);
        assert_eq!(masked(&[&wrong]).outcome, Outcome::Pass, "a status is no mask");
    }
}
