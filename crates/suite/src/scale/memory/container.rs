//! The life of a server's services: each session's scope begins with it and ends with it.

use super::GROUP;
use super::reading::{Meter, Reading};
use super::rounds;
use super::sessions::right;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::Door;
use crate::scale::said;
use std::pin::Pin;
use std::time::Duration;
use victor_types::{Outcome, Verdict};

pub(in crate::scale) const CONTAINER: Case = Case {
    group: GROUP,
    name: "test_service_container_lifecycle",
    slow: true,
    seconds: 8,
    about: "scopes and services that begin with sessions and are disposed of with them",
    params: &[
        Param { name: "sessions", default: 50, help: "sessions of each round, two turns each" },
        Param { name: "rounds", default: 3, help: "rounds" },
        Param { name: "settle", default: 5, help: "time for scopes to end, in seconds" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// The census of a server's services.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Census {
    singletons: f64,
    scopes: f64,
    scoped: f64,
    ended: f64,
}

impl Census {
    fn of(reading: &Reading) -> Option<Self> {
        let of = |name| reading.told("services", name);
        Some(Self {
            singletons: of("singletons")?,
            scopes: of("scopes")?,
            scoped: of("scoped")?,
            ended: of("scopes_ended")?,
        })
    }

    fn is_back(&self, before: &Self) -> bool {
        self.scopes <= before.scopes && self.scoped <= before.scoped
    }
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let door = Door::find(context).await?;
    let meter = Meter::new(context, &door);
    let Some(before) = Census::of(&meter.read().await) else {
        let none = said::verdict(
            "service container",
            "scopes end with their sessions".to_owned(),
            "not told".to_owned(),
            Outcome::NotApplicable,
        );
        let why = "the target tells nothing of its services: only `victor serve` has \
                   /api/v1/diagnostics with `services`";
        context.result.verdicts.push(said::because(none, why));
        // A target that is no assistant is none without a container either.
        context.result.verdicts.extend(rounds::no_assistant(context, &door).await?);
        return Ok(());
    };
    let (sessions, wanted) = (context.param("sessions").max(1), context.param("rounds").max(1));
    let (mut all, mut full, mut after) = (rounds::Opened::default(), before, before);
    let settle = Duration::from_secs(context.param("settle"));
    for round in 0..wanted {
        let opened = rounds::open(context, &door, round * sessions, sessions).await?;
        full = Census::of(&meter.read().await).unwrap_or(full);
        rounds::end(&door, opened.ids).await;
        let done = |now: &Reading| Census::of(now).is_some_and(|now| now.is_back(&before));
        after = Census::of(&meter.read_until(settle, done).await).unwrap_or(full);
        (all.right, all.wrong) = (all.right + opened.right, all.wrong + opened.wrong);
        all.failure = opened.failure.or(all.failure);
    }
    for (name, seen) in [("before", before), ("with the sessions", full), ("after them", after)] {
        let text = format!(
            "{} scopes with {} services, {} singletons",
            seen.scopes, seen.scoped, seen.singletons
        );
        context.measured(name, text);
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers of sessions")]
    let counts = (sessions as f64, (wanted * sessions) as f64);
    context.result.verdicts.extend(verdicts(&before, &full, &after, counts));
    context.result.verdicts.push(right(&all));
    Ok(())
}

/// `counts`: sessions of a round, and of all rounds.
fn verdicts(before: &Census, full: &Census, after: &Census, counts: (f64, f64)) -> [Verdict; 4] {
    let (round, all) = counts;
    let said = |name, limit: String, measured: f64, right: bool| {
        let outcome = if right { Outcome::Pass } else { Outcome::Fail };
        said::verdict(name, limit, format!("{measured}"), outcome)
    };
    let begun = full.scopes - before.scopes;
    let ended = after.ended - before.ended;
    let left = (after.scopes - before.scopes).max(after.scoped - before.scoped);
    let single = after.singletons - full.singletons;
    [
        said("scopes begun", format!("one for each of {round} sessions"), begun, begun >= round),
        said("scopes ended", format!("one for each of {all} sessions"), ended, ended >= all),
        said("scopes and services left", "0".to_owned(), left, left <= 0.0),
        said("singletons added", "0".to_owned(), single, single <= 0.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(scopes: f64, ended: f64) -> Census {
        Census { singletons: 3.0, scopes, scoped: 2.0 * scopes, ended }
    }

    fn failed(full: &Census, after: &Census) -> usize {
        let all = verdicts(&census(4.0, 10.0), full, after, (50.0, 100.0));
        all.iter().filter(|verdict| verdict.outcome == Outcome::Fail).count()
    }

    #[test]
    fn a_scope_must_begin_and_end_with_its_session() {
        assert_eq!(failed(&census(54.0, 60.0), &census(4.0, 110.0)), 0);
        assert_eq!(failed(&census(54.0, 60.0), &census(54.0, 60.0)), 2, "never ended");
        assert_eq!(failed(&census(4.0, 10.0), &census(4.0, 10.0)), 2, "never begun");
        let more = Census { singletons: 9.0, ..census(4.0, 110.0) };
        assert_eq!(failed(&census(54.0, 60.0), &more), 1, "singletons grow");
    }
}
