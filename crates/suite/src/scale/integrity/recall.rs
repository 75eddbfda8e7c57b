//! Whether a session remembers what was said five messages ago, for as long as it lasts.

use super::GROUP;
use crate::amount::count;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_plan::StopRule;
use victor_types::{FailureKind, Outcome, RunReport, TraceRecord, Verdict};

pub(in crate::scale) const RECALL: Case = Case {
    group: GROUP,
    name: "test_memory_recall",
    slow: true,
    seconds: 5,
    about: "share of facts that a session was told five messages earlier and has forgotten",
    params: &[
        Param { name: "sessions", default: 50, help: "sessions at once" },
        Param { name: "turns", default: 40, help: "turns of each session; every second recalls" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let (sessions, turns) = (context.param("sessions"), context.param("turns"));
    let stop = StopRule { longest: Some(Duration::from_secs(600)), ..StopRule::turns(turns) };
    let plan = plans::closed(context, plans::GROWING, sessions, stop)?;
    // Every second turn of a conversation recalls a message.
    let mut recalls = 0;
    let mut count_recalls = |turn: &TraceRecord| {
        let number = turn.request_id.rsplit('-').next().and_then(|text| text.parse::<u64>().ok());
        recalls += u64::from(number.is_some_and(|number| number % 2 == 0));
    };
    let report = context.run_traced(&plan, &mut count_recalls).await?;
    context.measured("sessions", count(sessions));
    context.measured("recalls", count(recalls));
    let right = said::turns_right(&report, context.targets.error_rate.unwrap_or(0.01));
    context.result.verdicts.extend([forgotten(&report, recalls), right]);
    Ok(())
}

/// One forgotten fact is one too many; a pass says how small a share could have been missed.
fn forgotten(report: &RunReport, recalls: u64) -> Verdict {
    let lost = said::failures(&[report], FailureKind::LostContext);
    let judged = said::share_below("memory recall", lost, recalls, 0.01);
    let limit = "0 forgotten, of enough recalls to see 1.0 %".to_owned();
    if lost > 0 {
        return Verdict { limit, outcome: Outcome::Fail, reason: None, ..judged };
    }
    Verdict { limit, ..judged }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;

    #[test]
    fn a_pass_needs_recalls() {
        let run = report(1000, 0);
        assert_eq!(forgotten(&run, 0).outcome, Outcome::Fail);
        assert_eq!(forgotten(&run, 50).outcome, Outcome::Inconclusive);
        assert_eq!(forgotten(&run, 500).outcome, Outcome::Pass);
    }
}
