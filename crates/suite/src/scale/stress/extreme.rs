//! A thousand users at once, and more.

use super::GROUP;
use super::cause::cause_of;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::integrity::isolation;
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_types::{Outcome, RunReport, Verdict};

pub(in crate::scale) const EXTREME: Case = Case {
    group: GROUP,
    name: "test_extreme_concurrency",
    slow: true,
    seconds: 30,
    about: "errors, latency and session isolation with a thousand users, to 10 000",
    params: &[
        Param {
            name: "users",
            default: 1000,
            help: "users in the closed loop and in the burst, to 10000",
        },
        Param { name: "seconds", default: 20, help: "least length of the closed loop, in seconds" },
        Param { name: "turns", default: 2000, help: "least number of turns in the closed loop" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let users = context.param("users").clamp(1, 10_000);
    let length = Duration::from_secs(context.param("seconds"));
    let stop = plans::at_least(length, context.param("turns"));
    let plan = plans::closed(context, plans::SESSIONS, users, stop)?;
    let report = context.run(&plan).await?;
    said::describe(context, &report);
    let mut right = said::turns_right(&report, said::SOME_ERRORS);
    if right.outcome == Outcome::Fail {
        right = said::because(right, cause_of(&report));
    }
    context.result.verdicts.push(said::unless_invalid(right, &[&report]));
    let burst = plans::burst(context, users)?;
    let burst = context.run(&burst).await?;
    let answered = answered(&burst);
    context.result.verdicts.extend([answered, isolation::verdict(&[&report, &burst])]);
    Ok(())
}

/// Every turn of the burst has an answer, be it a refusal: none was lost or left waiting.
fn answered(burst: &RunReport) -> Verdict {
    let total = &burst.total;
    let refused: u64 = burst
        .failures
        .iter()
        .filter(|row| matches!(row.kind, victor_types::FailureKind::HttpStatus(429 | 503)))
        .map(|row| row.count)
        .sum();
    let slowest = total.latency.max.unwrap_or_default();
    let measured = format!(
        "{} right and {refused} refused of {}, the slowest in {slowest}",
        total.succeeded, total.sent
    );
    let fine = total.succeeded > 0 && total.succeeded + refused == total.sent;
    let outcome = match (fine, said::valid(burst)) {
        (true, _) => Outcome::Pass,
        (false, true) => Outcome::Fail,
        (false, false) => Outcome::Invalid,
    };
    said::verdict(
        "burst at once",
        "each right or refused with 503 or 429".to_owned(),
        measured,
        outcome,
    )
}
