//! Memory over many requests.

use super::loaded::Loaded;
use super::reading::Meter;
use super::{GROUP, STATELESS, answered, rounds, size};
use crate::amount::count;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::Door;
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_clock::now;
use victor_plan::StopRule;
use victor_stats::{LeakFinding, LeakPolicy, LeakVerdict, leak_verdict};
use victor_types::{Outcome, RunReport, Verdict};

pub(in crate::scale) const REQUESTS: Case = Case {
    group: GROUP,
    name: "test_1000_requests",
    slow: true,
    seconds: 75,
    about: "memory of the server for each request, over rounds of load and drain",
    params: &[
        Param { name: "requests", default: 1000, help: "least number of requests" },
        Param { name: "users", default: 10, help: "users at once, without wait or session" },
        Param { name: "seconds", default: 30, help: "length of a round, in seconds" },
        Param { name: "drain", default: 3, help: "pause between two rounds, in seconds" },
        Param {
            name: "budget",
            default: 300,
            help: "no new round is begun after this, in seconds",
        },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Share of a leak's size that must also show between the ends of rounds.
const SHOWS: f64 = 0.3;

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let door = Door::find(context).await?;
    let meter = Meter::new(context, &door);
    context.result.verdicts.extend(rounds::no_assistant(context, &door).await?);
    let length = Duration::from_secs(context.param("seconds").max(1));
    let stop = plans::at_least(length, context.param("requests"));
    // A round alone may need several lengths on a slow server.
    let stop = StopRule { longest: Some(length.max(Duration::from_secs(100)) * 6), ..stop };
    let plan = plans::closed(context, STATELESS, context.param("users").max(1), stop)?;
    let end = now() + Duration::from_secs(context.param("budget"));
    let (mut loaded, mut reports, mut ends) = (Loaded::default(), Vec::new(), Vec::new());
    let verdict = loop {
        let report = loaded.run(context, &meter, &plan, length).await?;
        reports.push(report);
        let drain = Duration::from_secs(context.param("drain"));
        victor_clock::sleep(drain).await;
        ends.extend(meter.read().await.memory().map(|memory| (loaded.requests(), memory)));
        let (verdict, settled) = judged(&loaded, &ends);
        let hopeless = answered(&[&reports[reports.len() - 1]]).outcome == Outcome::Fail;
        if settled || hopeless || now() >= end {
            break verdict;
        }
    };
    tell(context, &loaded, reports.len());
    let all: Vec<&RunReport> = reports.iter().collect();
    // A late generator changes neither the server's memory nor the count of requests.
    context.result.verdicts.push(verdict);
    context.result.verdicts.push(answered(&all));
    Ok(())
}

fn tell(context: &mut Context<'_>, loaded: &Loaded, rounds: usize) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of turns"
    )]
    let requests = count(loaded.requests() as u64);
    let text = format!("{requests} in {rounds} rounds, {:.0} s", loaded.seconds());
    context.measured("requests", text);
    context.measured("samples of memory", count(loaded.count() as u64));
}

/// The verdict, and whether another round could not change it. A leak is believed when memory grew
/// on in a second load after a drain; a pool that fills does not.
fn judged(loaded: &Loaded, ends: &[(f64, f64)]) -> (Verdict, bool) {
    let series = match loaded.memory() {
        Ok(series) => series,
        Err(_) if loaded.count() == 0 => {
            let open = memory("no leak".to_owned(), "not seen".to_owned(), Outcome::Inconclusive);
            let why = "run it on the server's machine, or name its process with --target-pid";
            return (said::because(open, why), true);
        }
        Err(error) => {
            let open = memory("no leak".to_owned(), "not judged".to_owned(), Outcome::Inconclusive);
            return (said::because(open, error.to_string()), false);
        }
    };
    let found = leak_verdict(&series, LeakPolicy::default());
    let limit = format!("no growth beyond {}", size(found.resolution()));
    let measured = measured(&found);
    let said = |outcome, why: String| said::because(memory(limit, measured, outcome), why);
    match found.verdict() {
        LeakVerdict::NoLeak => {
            let each = found.bytes_per_request().map_or(0.0, |it| it.high.max(0.0));
            let most = each.max(2.0 * found.resolution() / loaded.requests().max(1.0));
            let why = format!("up to {} a request could have been missed", size(most));
            (said(Outcome::Pass, why), true)
        }
        LeakVerdict::Leak if grew_on(ends, &found) => {
            let hourly = size(found.bytes_per_hour().value);
            let why = format!("it grew on after a drain; {hourly} an hour at this load");
            (said(Outcome::Fail, why), true)
        }
        LeakVerdict::Leak => {
            let why = "it grew, but not on after a drain: more rounds, with a larger budget";
            (said(Outcome::Inconclusive, why.to_owned()), false)
        }
        LeakVerdict::Inconclusive => {
            let seconds = 2.0 * loaded.seconds();
            let why = format!(
                "about {seconds:.0} s of load in all may decide: raise budget (leak {:.0} %, none \
                 {:.0} % probable)",
                100.0 * found.leak_probability(),
                100.0 * found.no_leak_probability()
            );
            (said(Outcome::Inconclusive, why), false)
        }
    }
}

fn memory(limit: String, measured: String, outcome: Outcome) -> Verdict {
    said::verdict("memory of requests", limit, measured, outcome)
}

fn measured(found: &LeakFinding) -> String {
    let growth = found.growth();
    let of = match found.bytes_per_request() {
        Some(each) if found.verdict() != LeakVerdict::NoLeak => {
            format!("{} a request ({} to {})", size(each.value), size(each.low), size(each.high))
        }
        _ => size(growth.value),
    };
    format!("{of}; growth {} to {}", size(growth.low), size(growth.high))
}

/// Whether memory after the last drain is above that after the first by what a leak of this size
/// would have left.
fn grew_on(ends: &[(f64, f64)], found: &LeakFinding) -> bool {
    let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return false };
    let requests = last.0 - first.0;
    let each = found.bytes_per_request().map_or(0.0, |each| each.value);
    requests > 0.0 && last.1 - first.1 > SHOWS * each * requests
}
