//! Conversations of many turns: how latency grows with their length, and whether they still remember.

use super::GROUP;
use super::curve::Curve;
use crate::amount::count;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_plan::StopRule;
use victor_stats::{ExceedanceVerdict, exceedance_verdict, percentile};
use victor_types::{FailureKind, Histogram, Millis, Outcome, TraceRecord, Verdict};

macro_rules! params {
    ($turns:expr) => {
        &[
            Param {
                name: "turns",
                default: $turns,
                help: "turns of each conversation, two messages each",
            },
            Param { name: "users", default: 10, help: "conversations at once" },
        ]
    };
}

pub(in crate::scale) const HUNDRED: Case = case("test_100_turns", false, 8, params!(100));
pub(in crate::scale) const FIVE_HUNDRED: Case = case("test_500_turns", true, 40, params!(500));
pub(in crate::scale) const THOUSAND: Case = case("test_1000_turns", true, 120, params!(1000));

const fn case(name: &'static str, slow: bool, seconds: u64, params: &'static [Param]) -> Case {
    Case {
        group: GROUP,
        name,
        slow,
        seconds,
        about: "latency against the length of a conversation, and facts kept over it",
        params,
        work: |context| Pin::from(Box::new(work(context))),
    }
}

/// Growth that is not worth a verdict, in milliseconds over a whole conversation.
const NEGLIGIBLE: f64 = 5.0;
/// Slope of the second half against that of the first, from which a cost grows faster than
/// linearly: a quadratic one has 3.
const BEND: f64 = 2.0;

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let (turns, users) = (context.param("turns"), context.param("users"));
    let stop = StopRule { longest: Some(Duration::from_secs(3600)), ..StopRule::turns(turns) };
    let plan = plans::closed(context, plans::GROWING, users, stop)?;
    let mut curve = Curve::new(turns);
    let mut add = |turn: &TraceRecord| curve.take(turn);
    let report = context.run_traced(&plan, &mut add).await?;
    tell(context, &curve, turns);
    let lost = said::failures(&[&report], FailureKind::LostContext);
    let right = said::turns_right(&report, context.targets.error_rate.unwrap_or(0.01));
    let limit = context.targets.p95.unwrap_or(Millis(300.0));
    let verdicts = [
        said::unless_invalid(last_turns(curve.last(), limit), &[&report]),
        said::unless_invalid(growth(&curve, turns), &[&report]),
        kept(lost, report.total.succeeded),
        right,
    ];
    context.result.verdicts.extend(verdicts);
    Ok(())
}

fn tell(context: &mut Context<'_>, curve: &Curve, turns: u64) {
    let quantiles = |histogram: &Histogram| {
        let of = |q| percentile(histogram, q).map(Millis::from_micros).unwrap_or_default();
        format!("p50 {}, p95 {} ({} turns)", of(0.5), of(0.95), count(histogram.count()))
    };
    context.measured("first tenth", quantiles(curve.first()));
    context.measured("last tenth", quantiles(curve.last()));
    if let Some(slope) = curve.slope() {
        let text = format!(
            "{:+.2} ms per 100 turns ({:+.2} to {:+.2}), over {} turns",
            slope.mean() * 100.0,
            slope.low() * 100.0,
            slope.high() * 100.0,
            count(turns)
        );
        context.measured("latency grows by", text);
    }
}

/// 95 of 100 turns of the last tenth are within the limit.
fn last_turns(last: &Histogram, limit: Millis) -> Verdict {
    let turns = last.count();
    let p95 = percentile(last, 0.95).map(Millis::from_micros);
    let said = |measured: String, outcome| {
        said::verdict("latency p95 of the last tenth", format!("< {limit}"), measured, outcome)
    };
    let Some(p95) = p95 else {
        return said("no turn was right".to_owned(), Outcome::Fail);
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a limit in ms")]
    let slow = last.count_above((limit.0 * 1000.0) as u64);
    match exceedance_verdict(&[(slow, turns)], 0.05, said::CONFIDENCE) {
        ExceedanceVerdict::Below => said(p95.to_string(), Outcome::Pass),
        ExceedanceVerdict::Above => said(p95.to_string(), Outcome::Fail),
        ExceedanceVerdict::Unclear { .. } => said::because(
            said(p95.to_string(), Outcome::Inconclusive),
            format!("{turns} turns are too few to tell: more users"),
        ),
    }
}

/// Latency grows with the length of a conversation at most in proportion.
fn growth(curve: &Curve, turns: u64) -> Verdict {
    let limit = "no faster than in proportion".to_owned();
    let said =
        |measured: String, outcome| said::verdict("growth of latency", limit, measured, outcome);
    let (Some(slope), Some(bend)) = (curve.slope(), curve.bend(BEND)) else {
        let open = said("too few turns to tell".to_owned(), Outcome::Inconclusive);
        return said::because(open, "at least 12 turns of 2 users");
    };
    #[expect(clippy::cast_precision_loss, reason = "a number of turns")]
    let length = turns as f64;
    let measured = format!("{:+.1} ms from the first to the last turn", slope.mean() * length);
    if slope.high() * length < NEGLIGIBLE {
        return said(measured, Outcome::Pass);
    }
    if bend.low() > 0.0 {
        let why = format!("the second half grows over {BEND} times as fast as the first");
        return said::because(said(measured, Outcome::Fail), why);
    }
    // What the bend may add, over the half in which it acts.
    if bend.high() < 0.0 || bend.high() * length / 2.0 < NEGLIGIBLE {
        return said(measured, Outcome::Pass);
    }
    said::because(said(measured, Outcome::Inconclusive), "too uneven to tell: users=30")
}

/// Facts of a few messages ago must be there however long the conversation is.
fn kept(lost: u64, right: u64) -> Verdict {
    let measured = format!("{} forgotten, {} turns right", count(lost), count(right));
    let outcome = if lost == 0 && right > 0 { Outcome::Pass } else { Outcome::Fail };
    said::verdict("facts kept", "0 forgotten".to_owned(), measured, outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_conversation_is_judged_by_counting() {
        let fast: Histogram = [(50_000, 400)].into_iter().collect();
        let slow: Histogram = [(50_000, 300), (900_000, 100)].into_iter().collect();
        let few: Histogram = [(50_000, 20)].into_iter().collect();
        let judged = |histogram: &Histogram| last_turns(histogram, Millis(300.0)).outcome;
        assert_eq!(judged(&fast), Outcome::Pass);
        assert_eq!(judged(&slow), Outcome::Fail);
        assert_eq!(judged(&few), Outcome::Inconclusive);
        assert_eq!(judged(&Histogram::default()), Outcome::Fail);
    }

    #[test]
    fn nothing_measured_is_no_pass() {
        assert_eq!(growth(&Curve::new(100), 100).outcome, Outcome::Inconclusive);
        assert_eq!(kept(0, 0).outcome, Outcome::Fail);
    }
}
