//! Session isolation: does anyone get an answer that belongs to someone else?

use crate::amount::{count, percent};
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::plans;
use crate::scale::said::failures;
use std::pin::Pin;
use std::time::Duration;
use victor_plan::StopRule;
use victor_stats::{clopper_pearson, upper_bound};
use victor_types::{FailureKind, Outcome, RunReport, Verdict};

pub(in crate::scale) const SESSIONS: Case = Case {
    group: "TestIntegrity",
    name: "test_session_isolation",
    slow: false,
    seconds: 5,
    about: "share of answers that belong to another session, and of forgotten facts",
    params: &[
        Param { name: "sessions", default: 200, help: "sessions at once" },
        Param {
            name: "turns",
            default: 20,
            help: "turns of each session (at most 20 share one session)",
        },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let (sessions, turns) = (context.param("sessions"), context.param("turns"));
    let stop = StopRule { longest: Some(Duration::from_secs(600)), ..StopRule::turns(turns) };
    let plan = plans::closed(context, plans::SESSIONS, sessions, stop)?;
    let report = context.run(&plan).await?;
    context.measured("sessions", count(sessions));
    context.measured(
        "turns",
        format!("{} of {} right", count(report.total.succeeded), count(report.total.sent)),
    );
    let verdicts = [verdict(&[&report]), memory(&report), others(&report)];
    context.result.verdicts.extend(verdicts);
    Ok(())
}

/// No answer of another session: one is one too many. How small a share could have been missed is
/// said with the verdict.
pub(in crate::scale) fn verdict(reports: &[&RunReport]) -> Verdict {
    none_of(reports, FailureKind::WrongSession, "session isolation", "0 answers of another session")
}

fn memory(report: &RunReport) -> Verdict {
    none_of(&[report], FailureKind::LostContext, "memory within a session", "0 forgotten facts")
}

fn none_of(reports: &[&RunReport], kind: FailureKind, name: &str, limit: &str) -> Verdict {
    let found = failures(reports, kind);
    let judged: u64 = reports.iter().map(|report| report.total.succeeded).sum::<u64>()
        + [FailureKind::WrongSession, FailureKind::LostContext]
            .map(|kind| failures(reports, kind))
            .iter()
            .sum::<u64>();
    let (outcome, reason) = match (found, judged) {
        (_, 0) => (Outcome::Fail, Some("no turn could be judged".to_owned())),
        (0, _) => {
            let missed = upper_bound(0, judged, 0.95).unwrap_or(1.0);
            (
                Outcome::Pass,
                Some(format!("a share below {} could have been missed", percent(missed))),
            )
        }
        (found, judged) => {
            let share = clopper_pearson(found, judged, 0.95);
            let interval =
                share.map(|share| format!("{} to {}", percent(share.low()), percent(share.high())));
            (
                Outcome::Fail,
                interval.map(|interval| format!("95 % interval of the share: {interval}")),
            )
        }
    };
    Verdict {
        name: name.to_owned(),
        limit: limit.to_owned(),
        measured: format!("{} of {} judged turns", count(found), count(judged)),
        outcome,
        reason,
    }
}

/// All other failures: a server that fails cannot show that it keeps sessions apart.
fn others(report: &RunReport) -> Verdict {
    let isolation = [FailureKind::WrongSession, FailureKind::LostContext];
    let found =
        report.total.failed - isolation.map(|kind| failures(&[report], kind)).iter().sum::<u64>();
    let unfinished = report.total.incomplete;
    Verdict {
        name: "all turns answered".into(),
        limit: "0 other failures, 0 unfinished".into(),
        measured: format!("{} failures, {} unfinished", count(found), count(unfinished)),
        outcome: if found + unfinished == 0 && report.total.sent > 0 {
            Outcome::Pass
        } else {
            Outcome::Fail
        },
        reason: None,
    }
}
