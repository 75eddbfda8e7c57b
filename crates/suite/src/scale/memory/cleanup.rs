//! Whether the server gives back what a load made it take: files, threads, connections, sessions.

use super::reading::{Meter, Reading};
use super::rounds;
use super::sessions::right;
use super::{GROUP, STATELESS, answered};
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::Door;
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_plan::StopRule;
use victor_types::{Outcome, Verdict};

pub(in crate::scale) const CLEANUP: Case = Case {
    group: GROUP,
    name: "test_resource_cleanup",
    slow: false,
    seconds: 13,
    about: "files, threads, connections and sessions of the server, back to those before a load",
    params: &[
        Param { name: "users", default: 50, help: "users at once, without wait" },
        Param { name: "turns", default: 30, help: "turns of each user" },
        Param { name: "sessions", default: 30, help: "sessions opened and deleted besides" },
        Param { name: "settle", default: 5, help: "longest time to give back, in seconds" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// What may stay: at least five, or a fiftieth; a runtime keeps a few for later.
const SPARE: (f64, f64) = (5.0, 0.02);

/// A resource: its name, what may stay, and how it is read.
type Resource = (&'static str, (f64, f64), fn(&Reading) -> Option<f64>);

const RESOURCES: [Resource; 4] = [
    ("open files", SPARE, Reading::files),
    ("threads", SPARE, Reading::threads),
    ("connections", SPARE, Reading::connections),
    ("live sessions", (0.0, 0.0), Reading::sessions),
];

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let door = Door::find(context).await?;
    let meter = Meter::new(context, &door);
    let (users, turns) = (context.param("users").max(1), context.param("turns").max(1));
    let longest = Some(Duration::from_secs(120));
    // Threads and files that are opened once, such as those of a pool, belong to the baseline.
    let first = StopRule { longest, ..StopRule::turns(2) };
    let first = plans::closed(context, STATELESS, users, first)?;
    let warmed = context.run(&first).await?;
    let settle = Duration::from_secs(context.param("settle"));
    let idle = |now: &Reading| now.connections().is_none_or(|open| open <= SPARE.0);
    let before = meter.read_until(settle, idle).await;

    let load = StopRule { longest, ..StopRule::turns(turns) };
    let load = plans::closed(context, STATELESS, users, load)?;
    let report = context.run(&load).await?;
    let opened = rounds::open(context, &door, 0, context.param("sessions")).await?;
    let busy = meter.read().await;
    rounds::end(&door, opened.ids.clone()).await;
    let done = |now: &Reading| RESOURCES.iter().all(|it| is_back(*it, &before, now) != Some(false));
    let after = meter.read_until(settle, done).await;
    for (name, _, of) in RESOURCES {
        if let (Some(a), Some(b), Some(c)) = (of(&before), of(&busy), of(&after)) {
            context.measured(name, format!("{a} before, {b} just after the load, {c} later"));
        }
    }
    let verdicts: Vec<Verdict> = RESOURCES.iter().map(|it| judged(*it, &before, &after)).collect();
    let unseen = verdicts.iter().all(|verdict| verdict.outcome == Outcome::NotApplicable);
    context.result.verdicts.extend(verdicts);
    if unseen {
        let open = said::verdict(
            "resources",
            "seen".to_owned(),
            "not seen".to_owned(),
            Outcome::Inconclusive,
        );
        let why = "run it on the server's machine, or name its process with --target-pid";
        context.result.verdicts.push(said::because(open, why));
    }
    context.result.verdicts.push(answered(&[&warmed, &report]));
    if !opened.ids.is_empty() {
        context.result.verdicts.push(Verdict { name: "sessions right".into(), ..right(&opened) });
    }
    Ok(())
}

fn most(spare: (f64, f64), before: f64) -> f64 {
    before + spare.0.max(spare.1 * before)
}

fn is_back((_, spare, of): Resource, before: &Reading, now: &Reading) -> Option<bool> {
    of(before).zip(of(now)).map(|(before, now)| now <= most(spare, before))
}

fn judged(resource: Resource, before: &Reading, after: &Reading) -> Verdict {
    let (name, spare, of) = resource;
    let Some((then, now)) = of(before).zip(of(after)) else {
        let none = said::verdict(
            name,
            "back to those before".to_owned(),
            "not seen".to_owned(),
            Outcome::NotApplicable,
        );
        return said::because(none, "not on this machine, or not told");
    };
    let limit = format!("<= {:.0}", most(spare, then));
    let outcome = if now <= most(spare, then) { Outcome::Pass } else { Outcome::Fail };
    said::verdict(name, limit, format!("{now} ({then} before)"), outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_types::ProcessSample;

    fn held(files: u32, live: u32) -> Reading {
        let process = ProcessSample { fds: Some(files), threads: 4, ..ProcessSample::default() };
        let told = serde_json::json!({ "sessions": { "live": live } });
        Reading::new(Some(process), Some(told))
    }

    #[test]
    fn what_is_not_given_back_is_found_by_its_name() {
        let outcomes = |after: &Reading| {
            RESOURCES.map(|resource| judged(resource, &held(30, 2), after).outcome)
        };
        let [pass, fail, none] = [Outcome::Pass, Outcome::Fail, Outcome::NotApplicable];
        assert_eq!(outcomes(&held(33, 2)), [pass, pass, none, pass]);
        assert_eq!(outcomes(&held(45, 2)), [fail, pass, none, pass]);
        assert_eq!(outcomes(&held(30, 3)), [pass, pass, none, fail]);
        assert_eq!(outcomes(&Reading::default()), [none; 4]);
    }
}
