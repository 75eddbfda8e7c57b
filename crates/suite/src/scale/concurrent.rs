//! N concurrent: N closed-loop users without wait for at least 20 s and 1,000 turns, then one burst
//! of N at once.

use super::case::{Case, Context, Param, TestError};
use super::integrity::isolation;
use super::{plans, said};
use crate::targets::judge;
use std::pin::Pin;
use std::time::Duration;
use victor_types::{Millis, Outcome, RunReport, Verdict};

const GROUP: &str = "TestConcurrentRequests";

/// The burst's slowest answer must come within this; the original suite's limit for ten.
const BURST_LIMIT: Millis = Millis(5000.0);

macro_rules! params {
    ($users:expr) => {
        &[
            Param {
                name: "users",
                default: $users,
                help: "users in the closed loop and in the burst",
            },
            Param {
                name: "seconds",
                default: 20,
                help: "least length of the closed loop, in seconds",
            },
            Param {
                name: "turns",
                default: 1000,
                help: "least number of turns in the closed loop",
            },
        ]
    };
}

pub(super) const TEN: Case = case("test_10_concurrent_requests", false, 21, params!(10));
pub(super) const HUNDRED: Case = case("test_100_concurrent_requests", false, 22, params!(100));
pub(super) const FIVE_HUNDRED: Case = case("test_500_concurrent_requests", true, 25, params!(500));

const fn case(name: &'static str, slow: bool, seconds: u64, params: &'static [Param]) -> Case {
    let about = "latency, throughput, errors and session isolation in a closed loop and in a burst";
    Case {
        group: GROUP,
        name,
        slow,
        seconds,
        about,
        params,
        work: |context| Pin::from(Box::new(work(context))),
    }
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let users = context.param("users");
    let length = Duration::from_secs(context.param("seconds"));
    let stop = plans::at_least(length, context.param("turns"));
    let looped = plans::closed(context, plans::SESSIONS, users, stop)?;
    let report = context.run(&looped).await?;
    said::describe(context, &report);
    let verdicts = judge(&report, &context.targets, said::offer(&looped, &report));
    context.result.verdicts.extend(verdicts);

    let burst = plans::burst(context, users)?;
    let burst = context.run(&burst).await?;
    context.result.verdicts.push(burst_verdict(&burst));
    let reports = [&report, &burst];
    context.result.verdicts.push(isolation::verdict(&reports));
    Ok(())
}

fn burst_verdict(burst: &RunReport) -> Verdict {
    let total = &burst.total;
    let slowest = total.latency.max.unwrap_or_default();
    let answered = total.sent > 0 && total.succeeded == total.sent;
    // A generator that was held up makes answers late, never early: what was in time was in time.
    let outcome = if answered && slowest.0 < BURST_LIMIT.0 {
        Outcome::Pass
    } else if !burst.validity.is_valid() {
        Outcome::Invalid
    } else {
        Outcome::Fail
    };
    Verdict {
        name: "burst at once".into(),
        limit: format!("all answered, the slowest in < {BURST_LIMIT}"),
        measured: format!(
            "{} of {} answered, the slowest in {slowest}",
            total.succeeded, total.sent
        ),
        outcome,
        reason: None,
    }
}
