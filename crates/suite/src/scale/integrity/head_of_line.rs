//! Whether turns wait behind those of other sessions.
//!
//! Two looks at one question. If turns are served one after another, N users have no more throughput
//! than one (by Little's law each then waits N times as long), and a short turn waits for the long
//! ones of others.

use super::GROUP;
use crate::amount::percent;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::{Door, Mode, Probe, why};
use crate::scale::times::Times;
use crate::scale::{plans, said};
use std::pin::Pin;
use std::rc::Rc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use victor_clock::Duration;
use victor_types::{Millis, Outcome, RunReport, Verdict};

pub(in crate::scale) const HEAD_OF_LINE: Case = Case {
    group: GROUP,
    name: "test_head_of_line_blocking",
    slow: true,
    seconds: 18,
    about: "turns that wait behind those of other sessions",
    params: &[
        Param { name: "sessions", default: 8, help: "sessions at once, held against one alone" },
        Param { name: "seconds", default: 5, help: "length of each of the two loops, in seconds" },
        Param {
            name: "short",
            default: 100,
            help: "short turns that are timed, alone and beside long ones",
        },
        Param { name: "long", default: 4, help: "other sessions with long turns" },
        Param {
            name: "long_kib",
            default: 64,
            help: "context that a long turn sends along, in KiB",
        },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Throughput of many users over that of one, from which turns are served side by side.
const RISE: f64 = 2.0;
/// Share of the cores in use from which the CPU, and not a queue, holds turns up.
const FULL: f64 = 0.9;

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let users = context.param("sessions").max(2);
    let length = Duration::from_secs(context.param("seconds"));
    let mut reports = Vec::new();
    for users in [1, users] {
        let plan = plans::closed(context, plans::SESSIONS, users, plans::at_least(length, 20))?;
        reports.push(context.run(&plan).await?);
    }
    let [one, many] = [&reports[0], &reports[1]];
    let right = said::turns_right(many, said::SOME_ERRORS);
    let rise = said::unless_invalid(rise(one, many), &[one, many]);
    context.result.verdicts.extend([rise, right]);
    let Some(seen) = beside(context).await? else {
        let silent = said::verdict(
            "short beside long turns",
            "all right".to_owned(),
            "the turns could not be timed".to_owned(),
            Outcome::Fail,
        );
        context.result.verdicts.push(silent);
        return Ok(());
    };
    context.measured("a short turn alone", seen.alone.text());
    context.measured("beside long turns", seen.beside.text());
    context.measured("a long turn", seen.long.text());
    context.result.verdicts.push(delay(&seen));
    Ok(())
}

/// Throughput of many users against that of one.
fn rise(one: &RunReport, many: &RunReport) -> Verdict {
    let users = many.run.users;
    let said = |measured, outcome| {
        said::verdict(
            "turns side by side",
            format!("> {RISE} times as many as one"),
            measured,
            outcome,
        )
    };
    let rates = (said::rate(one), said::rate(many));
    let (Some(alone), Some(together)) = rates else {
        if one.total.succeeded + many.total.succeeded == 0 {
            return said("no turn was right".to_owned(), Outcome::Fail);
        }
        let open = said("too short, or too uneven, to tell".to_owned(), Outcome::Inconclusive);
        return said::because(open, "run longer: seconds=10");
    };
    if alone.mean() <= 0.0 || together.mean() <= 0.0 {
        return said("no turn was right".to_owned(), Outcome::Fail);
    }
    let low = together.low().max(0.0) / alone.high();
    let high = together.high() / alone.low().max(alone.mean() / 100.0);
    let measured = format!(
        "{users} sessions had {:.1} times the throughput of one ({low:.1} to {high:.1}): \
         {:.1}/s and {:.1}/s",
        together.mean() / alone.mean(),
        together.mean(),
        alone.mean()
    );
    if low > RISE {
        return said(measured, Outcome::Pass);
    }
    if let Some(used) = machine_use(many).filter(|used| *used > FULL) {
        let why = format!(
            "{} of the cores were in use: the CPU may be all that held turns up",
            percent(used)
        );
        return said::because(said(measured, Outcome::Inconclusive), why);
    }
    if high < RISE {
        let why = "turns are served one after another: by Little's law each waits for those of all \
                   other users";
        return said::because(said(measured, Outcome::Fail), why);
    }
    said::because(said(measured, Outcome::Inconclusive), "too near the limit to tell: run longer")
}

/// Share of the machine's cores that server and generator used together.
fn machine_use(report: &RunReport) -> Option<f64> {
    let (server, cores) = said::server_cpu(report.server.as_ref())?;
    let generator = report.generator.cpu * f64::from(report.generator.shards);
    Some((server + generator) / cores)
}

#[derive(Debug, Default)]
struct Seen {
    alone: Times,
    beside: Times,
    long: Times,
}

/// Times short turns alone, then beside sessions that make long ones. `None` when turns fail.
async fn beside(context: &mut Context<'_>) -> Result<Option<Seen>, TestError> {
    let door = Door::find(context).await?;
    let mut short = Probe::new(&door, 0);
    let mut seen = Seen::default();
    if let Err(failure) = short.tell().await.answer {
        context.measured("the first turn failed", why(&failure));
        return Ok(None);
    }
    let turns = context.param("short");
    if !time(context, &mut short, turns, &mut seen.alone).await? {
        return Ok(None);
    }
    let stop = CancellationToken::new();
    let mut others = JoinSet::new();
    let kib = context.param("long_kib");
    for user in 1..=context.param("long") {
        others.spawn_local(keep_busy(Rc::clone(&door), user, kib, stop.clone()));
    }
    // Until all of them are at it.
    victor_clock::sleep(Duration::from_millis(300)).await;
    let timed = time(context, &mut short, turns, &mut seen.beside).await;
    stop.cancel();
    while let Some(done) = others.join_next().await {
        seen.long.merge(&done.unwrap_or_default());
    }
    Ok(timed?.then_some(seen))
}

/// Times short turns; false when one in ten is not right.
async fn time(
    context: &Context<'_>,
    probe: &mut Probe,
    turns: u64,
    times: &mut Times,
) -> Result<bool, TestError> {
    for turn in 0..turns {
        context.go_on()?;
        let heard = probe.recall(&format!("Turn {turn}."), Mode::Plain).await;
        if heard.answer.is_ok() {
            times.add(heard.took);
        } else if turn + 1 - times.count() > 1 + turns / 10 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A session that makes long turns, one after another.
async fn keep_busy(door: Rc<Door>, user: u64, kib: u64, stop: CancellationToken) -> Times {
    let mut probe = Probe::new(&door, user);
    let mut times = Times::default();
    let _ = probe.tell().await;
    while !stop.is_cancelled() {
        let heard = probe.recall_with("In short.", padding(kib), Mode::Plain).await;
        if heard.answer.is_ok() {
            times.add(heard.took);
        } else {
            victor_clock::sleep(Duration::from_millis(50)).await;
        }
    }
    times
}

/// Context of `kib` KiB, in messages of 1 KiB.
pub(super) fn padding(kib: u64) -> Vec<String> {
    let line = "The build took a while and every test passed in the end. ";
    let message: String = line.repeat(1024 / line.len());
    (0..kib).map(|at| format!("Log {at}. {message}")).collect()
}

/// How much longer short turns take beside long ones, against waiting for half of one.
fn delay(seen: &Seen) -> Verdict {
    let said = |limit: String, measured, outcome| {
        said::verdict("short beside long turns", limit, measured, outcome)
    };
    let medians = (seen.alone.median(), seen.beside.median(), seen.long.median());
    let (Some((alone, a)), Some((beside, b)), Some((long, _))) = medians else {
        let open = said(
            "no wait".to_owned(),
            "too few turns were right".to_owned(),
            Outcome::Inconclusive,
        );
        return said::because(open, "time more of them: short=200");
    };
    let limit = format!("+ {} (half of a long turn)", Millis(long / 2.0));
    if long < 2.0 * alone {
        let why = "turns with much context take no longer here: long_kib=512 sends more";
        return said::because(
            said(limit, format!("{long:.1} ms and {alone:.1} ms"), Outcome::NotApplicable),
            why,
        );
    }
    let low = b.low.0 - a.high.map_or(f64::INFINITY, |high| high.0);
    let high = b.high.map_or(f64::INFINITY, |high| high.0) - a.low.0;
    let measured = format!("{:+.1} ms ({low:+.1} to {high:+.1})", beside - alone);
    if high < long / 2.0 {
        said(limit, measured, Outcome::Pass)
    } else if low > long / 2.0 {
        let why = "short turns wait for the long ones of other sessions";
        said::because(said(limit, measured, Outcome::Fail), why)
    } else {
        said::because(said(limit, measured, Outcome::Inconclusive), "time more of them: short=400")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;

    fn times(ms: u64) -> Times {
        let mut times = Times::default();
        (0..100).for_each(|at| times.add(Duration::from_micros(ms * 1000 + 50 * at)));
        times
    }

    #[test]
    fn waiting_behind_long_turns_is_told_from_sharing_a_core() {
        let judged = |alone, beside, long| {
            delay(&Seen { alone: times(alone), beside: times(beside), long: times(long) }).outcome
        };
        assert_eq!(judged(20, 21, 80), Outcome::Pass);
        assert_eq!(judged(20, 340, 340), Outcome::Fail);
        assert_eq!(judged(20, 61, 80), Outcome::Inconclusive);
        assert_eq!(judged(20, 20, 22), Outcome::NotApplicable);
        assert_eq!(delay(&Seen::default()).outcome, Outcome::Inconclusive);
    }

    #[test]
    fn throughput_that_does_not_rise_is_a_queue() {
        let run = |users: u64, rate: u64| {
            let mut run = report(rate * 20, 0);
            run.run.users = users;
            run.history.iter_mut().for_each(|point| point.users = users);
            run
        };
        assert_eq!(rise(&run(1, 40), &run(8, 41)).outcome, Outcome::Fail);
        assert_eq!(rise(&run(1, 40), &run(8, 310)).outcome, Outcome::Pass);
        assert_eq!(rise(&run(1, 0), &run(8, 0)).outcome, Outcome::Fail);
    }
}
