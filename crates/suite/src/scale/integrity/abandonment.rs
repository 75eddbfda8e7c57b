//! Whether work goes on after the client hung up.
//!
//! Seen from outside: in a server that takes the turns of a session one after another, the next turn
//! waits for what is left of the abandoned one. Whether this server does is tried first, or a server
//! that takes them side by side would always look clean. Seen from inside, where the target says how
//! many turns it has at work: how long until that is as before.

use super::GROUP;
use super::head_of_line::padding;
use crate::amount::{percent, with_interval};
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::{Door, Mode, Probe, why};
use crate::scale::said;
use crate::scale::times::Times;
use std::pin::Pin;
use std::rc::Rc;
use tokio::task::JoinSet;
use victor_clock::{Duration, now, sleep};
use victor_types::{Millis, Outcome, Verdict};

pub(in crate::scale) const ABANDONMENT: Case = Case {
    group: GROUP,
    name: "test_abandonment",
    slow: true,
    seconds: 15,
    about: "work that goes on after the client hung up in the middle of an answer",
    params: &[
        Param {
            name: "turns",
            default: 40,
            help: "turns that are abandoned one after another, at least 20",
        },
        Param { name: "at_once", default: 20, help: "turns that are abandoned together" },
        Param {
            name: "long_kib",
            default: 64,
            help: "context that each of them sends along, in KiB",
        },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Longest time after a hang-up within which the turn must have stopped.
const FREED: Duration = Duration::from_secs(1);
/// How long it is looked for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Share of the abandoned work that was still done, above which it went on.
const GOES_ON: f64 = 0.5;

/// Times of turns of one session, by what came before.
#[derive(Debug, Default)]
struct Seen {
    /// A short turn after nothing.
    alone: Times,
    /// The turn that is going to be abandoned, to its end.
    long: Times,
    /// A short turn sent together with a long one of its session.
    behind: Times,
    /// A short turn sent after a long one was abandoned.
    after: Times,
    /// How long a turn is at work before it is abandoned.
    patience: Duration,
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let door = Door::find(context).await?;
    let seen = match sessions(context, &door).await? {
        Ok(seen) => seen,
        Err(why) => {
            let said = said::verdict("turns right", "all".to_owned(), why, Outcome::Fail);
            context.result.verdicts.push(said);
            return Ok(());
        }
    };
    context.measured("a short turn", seen.alone.text());
    context.measured("the long turn that is abandoned", seen.long.text());
    context.measured("a short turn behind a long one", seen.behind.text());
    context.measured("a short turn after a hang-up", seen.after.text());
    let from_outside = from_outside(&seen);
    let from_inside = from_inside(context, &door, seen.patience).await?;
    let mut verdicts = vec![from_outside, from_inside];
    if verdicts.iter().all(|verdict| verdict.outcome == Outcome::NotApplicable) {
        let open = said::verdict(
            "abandoned work",
            "stops".to_owned(),
            "not seen".to_owned(),
            Outcome::Inconclusive,
        );
        verdicts.push(said::because(open, "neither look at it works with this target"));
    }
    context.result.verdicts.extend(verdicts);
    Ok(())
}

/// Times turns of single sessions. The error is how a turn failed.
async fn sessions(
    context: &Context<'_>,
    door: &Rc<Door>,
) -> Result<Result<Seen, String>, TestError> {
    let turns = context.param("turns").max(20);
    let history = padding(context.param("long_kib"));
    let mut seen = Seen::default();
    for user in 0..turns {
        context.go_on()?;
        let (mut one, mut other) = (Probe::new(door, user), Probe::new(door, user));
        let told = one.tell().await;
        let short = one.recall("In short.", Mode::Plain).await;
        let long = one.recall_with("In full.", history.clone(), Mode::Stream).await;
        let both = async {
            let begun = one.recall_with("In full.", history.clone(), Mode::Stream);
            let behind = async {
                sleep(seen.patience).await;
                other.recall("In short.", Mode::Plain).await
            };
            tokio::join!(begun, behind)
        };
        let (begun, behind) = both.await;
        let failed = [&told, &short, &long, &begun, &behind]
            .into_iter()
            .find_map(|heard| heard.answer.as_ref().err());
        if let Some(failure) = failed {
            return Ok(Err(why(failure)));
        }
        seen.alone.add(short.took);
        seen.long.add(long.took);
        // Early in the turn, so that most of its work is still to be done.
        seen.patience = (seen.long.middle().unwrap_or(long.took) / 5).max(Duration::from_millis(2));
        seen.behind.add(behind.took);
        if one
            .hang_up("In full. What is my code word?", history.clone(), Mode::Stream, seen.patience)
            .await
        {
            let after = other.recall("In short.", Mode::Plain).await;
            if let Err(failure) = &after.answer {
                return Ok(Err(why(failure)));
            }
            seen.after.add(after.took);
        }
    }
    Ok(Ok(seen))
}

/// What share of the abandoned work the next turn of the session still waited for.
fn from_outside(seen: &Seen) -> Verdict {
    let limit = format!("waits for < {} of the work", percent(GOES_ON));
    let said = |measured: String, outcome| {
        said::verdict("next turn of the session", limit, measured, outcome)
    };
    let medians = (seen.alone.median(), seen.behind.median(), seen.after.median());
    let (Some((alone, a)), Some((behind, b)), Some((after, c))) = medians else {
        let open = said("too few turns could be abandoned".to_owned(), Outcome::Inconclusive);
        return said::because(open, "make them longer: long_kib=256");
    };
    // What waiting for a whole turn costs, from the control.
    let whole = behind - alone;
    let surely = b.low.0 - a.high.map_or(f64::INFINITY, |high| high.0);
    if surely <= 0.0 || whole < 0.2 * alone {
        let why = "turns of a session do not wait for one another here, so nothing could be seen";
        return said::because(
            said(format!("{whole:+.1} ms behind a whole turn"), Outcome::NotApplicable),
            why,
        );
    }
    let low = (c.low.0 - a.high.map_or(f64::INFINITY, |high| high.0)) / whole;
    let high = (c.high.map_or(f64::INFINITY, |high| high.0) - a.low.0) / whole;
    let measured = format!(
        "{} ({} to {}): {} after a hang-up, {} after nothing",
        percent(((after - alone) / whole).max(0.0)),
        percent(low.max(0.0)),
        percent(high.max(0.0)),
        with_interval(Millis(after), Some(c)),
        with_interval(Millis(alone), Some(a)),
    );
    if high < GOES_ON {
        said(measured, Outcome::Pass)
    } else if low > GOES_ON {
        said::because(said(measured, Outcome::Fail), "the abandoned turn is worked on to its end")
    } else {
        said::because(said(measured, Outcome::Inconclusive), "try more: turns=200, long_kib=256")
    }
}

/// How long the target counts abandoned turns as being at work.
async fn from_inside(
    context: &Context<'_>,
    door: &Rc<Door>,
    patience: Duration,
) -> Result<Verdict, TestError> {
    let limit = format!("as before within {} ms", FREED.as_millis());
    let said = |measured: String, outcome| said::verdict("turns at work", limit, measured, outcome);
    let Some(before) = at_work(door).await else {
        let none = said("not told".to_owned(), Outcome::NotApplicable);
        return Ok(said::because(
            none,
            "the target has no /api/v1/diagnostics with its slots in use",
        ));
    };
    let mut tasks = JoinSet::new();
    let history = padding(context.param("long_kib"));
    for user in 0..context.param("at_once") {
        let (door, history) = (Rc::clone(door), history.clone());
        tasks.spawn_local(async move {
            let mut probe = Probe::new(&door, 1_000_000 + user);
            probe.hang_up("In full.", history, Mode::Stream, patience).await
        });
    }
    let during = at_work(door).await.unwrap_or(before);
    let mut hung_up = 0_u64;
    while let Some(done) = tasks.join_next().await {
        hung_up += u64::from(done.unwrap_or(false));
    }
    let start = now();
    let mut most = during;
    while now() - start < PATIENCE {
        context.go_on()?;
        let left = at_work(door).await.unwrap_or(before);
        most = most.max(left);
        if left <= before {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    let took = now() - start;
    let measured = format!("{hung_up} were abandoned; as before after {} ms", took.as_millis());
    if hung_up == 0 {
        let open = said(measured, Outcome::Inconclusive);
        return Ok(said::because(open, "all were answered before the hang-up: long_kib=256"));
    }
    Ok(said(measured, if took <= FREED { Outcome::Pass } else { Outcome::Fail }))
}

/// Turns that the target says it has at work or in line.
async fn at_work(door: &Door) -> Option<u64> {
    let (status, body) = door.get("/api/v1/diagnostics").await?;
    let used = body.get("slots")?.get("used")?.as_u64()?;
    let waiting = body.get("queue").and_then(|queue| queue.get("waiting")?.as_u64());
    (status == 200).then_some(used + waiting.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(ms: u64) -> Times {
        let mut times = Times::default();
        (0..40).for_each(|at| times.add(Duration::from_micros(ms * 1000 + at)));
        times
    }

    #[test]
    fn the_wait_after_a_hang_up_is_held_against_the_wait_for_a_whole_turn() {
        let judged = |behind, after| {
            from_outside(&Seen {
                alone: times(20),
                long: times(90),
                behind: times(behind),
                after: times(after),
                patience: Duration::from_millis(18),
            })
            .outcome
        };
        assert_eq!(judged(92, 21), Outcome::Pass);
        assert_eq!(judged(92, 88), Outcome::Fail);
        assert_eq!(judged(20, 20), Outcome::NotApplicable, "side by side: nothing to be seen");
        assert_eq!(from_outside(&Seen::default()).outcome, Outcome::Inconclusive);
    }
}
