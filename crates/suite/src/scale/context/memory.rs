//! What conversations cost the server in memory.

use super::GROUP;
use crate::amount::count;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::Door;
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_observe::{Sampler, find_listener};
use victor_plan::StopRule;
use victor_stats::mean_interval;
use victor_types::{Bytes, Outcome, Verdict};

pub(in crate::scale) const MEMORY: Case = Case {
    group: GROUP,
    name: "test_memory_with_context",
    slow: true,
    seconds: 30,
    about: "memory of the server for each turn that a conversation grows by",
    params: &[
        Param { name: "sessions", default: 50, help: "new sessions of each round" },
        Param { name: "turns", default: 60, help: "turns of each session" },
        Param { name: "rounds", default: 6, help: "rounds; the first warms up" },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// A session may keep less than this.
const SESSION: Bytes = Bytes(10 * 1024 * 1024);

/// Memory after a round, by what tells it.
#[derive(Debug, Clone, Copy)]
struct Reading {
    rss: Option<Bytes>,
    told: Option<Bytes>,
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let (sessions, turns) = (context.param("sessions").max(1), context.param("turns").max(1));
    let door = Door::find(context).await?;
    let mut meter = Meter::new(context, &door);
    let mut readings = vec![meter.read(&door).await];
    let mut worst: Option<Verdict> = None;
    for _ in 0..context.param("rounds").max(3) {
        let stop = StopRule { longest: Some(Duration::from_secs(600)), ..StopRule::turns(turns) };
        let plan = plans::closed(context, plans::GROWING, sessions, stop)?;
        let report = context.run(&plan).await?;
        let right = said::turns_right(&report, said::SOME_ERRORS);
        if worst.as_ref().is_none_or(|worst| worst.outcome == Outcome::Pass) {
            worst = Some(right);
        }
        readings.push(meter.read(&door).await);
    }
    context.measured("a round", format!("{} sessions of {} turns", count(sessions), count(turns)));
    let process = growth("server process", context, &readings, |reading| reading.rss);
    let told = growth("sessions, as the server tells", context, &readings, |reading| reading.told);
    let unseen = [&process, &told].iter().all(|verdict| verdict.outcome == Outcome::NotApplicable);
    context.result.verdicts.extend([process, told]);
    if unseen {
        let open = said::verdict(
            "memory",
            "seen".to_owned(),
            "not seen".to_owned(),
            Outcome::Inconclusive,
        );
        let why = "run it on the server's machine, or name its process with --target-pid";
        context.result.verdicts.push(said::because(open, why));
    }
    context.result.verdicts.extend(worst);
    Ok(())
}

/// Reads the server's memory.
struct Meter {
    sampler: Option<Sampler>,
}

impl Meter {
    fn new(context: &Context<'_>, door: &Door) -> Self {
        let listener = || door.address().and_then(|address| find_listener(address).ok().flatten());
        let pid = context.target_pid.or_else(listener);
        Self { sampler: pid.and_then(|pid| Sampler::new(pid).ok()) }
    }

    async fn read(&mut self, door: &Door) -> Reading {
        // Buffers of the last answers are given back.
        victor_clock::sleep(Duration::from_millis(500)).await;
        let sampled = self.sampler.as_mut().and_then(|it| it.sample(victor_clock::now()).ok());
        let diagnostics = door.get("/api/v1/diagnostics").await;
        let told = diagnostics.and_then(|(_, body)| body.get("sessions")?.get("bytes")?.as_u64());
        Reading { rss: sampled.map(|usage| usage.rss()), told: told.map(Bytes) }
    }
}

/// Growth from round to round, the first left out: then caches and pools are filled.
fn growth(
    name: &str,
    context: &mut Context<'_>,
    readings: &[Reading],
    of: impl Fn(&Reading) -> Option<Bytes>,
) -> Verdict {
    let (sessions, turns) = (context.param("sessions").max(1), context.param("turns").max(1));
    let limit = format!("< {SESSION} a session");
    let seen: Option<Vec<Bytes>> = readings.iter().map(of).collect();
    let Some(seen) = seen else {
        let none = said::verdict(name, limit, "not seen".to_owned(), Outcome::NotApplicable);
        return said::because(none, "not on this machine, or not told");
    };
    #[expect(clippy::cast_precision_loss, reason = "bytes to 15 digits are enough")]
    let steps: Vec<f64> =
        seen[1..].windows(2).map(|pair| pair[1].0 as f64 - pair[0].0 as f64).collect();
    let Some(step) = mean_interval(&steps) else {
        let open = said::verdict(name, limit, "too few rounds".to_owned(), Outcome::Inconclusive);
        return said::because(open, "rounds=6");
    };
    #[expect(clippy::cast_precision_loss, reason = "numbers of sessions and turns")]
    let (sessions, turns) = (sessions as f64, turns as f64);
    let text = |bytes: f64| -> String {
        let sign = if bytes < 0.0 { "-" } else { "" };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "made positive"
        )]
        let size = Bytes(bytes.abs() as u64);
        format!("{sign}{size}")
    };
    let a_turn = sessions * turns;
    let per_turn = format!(
        "{} a turn ({} to {})",
        text(step.mean() / a_turn),
        text(step.low() / a_turn),
        text(step.high() / a_turn)
    );
    context.measured(name, per_turn);
    #[expect(clippy::cast_precision_loss, reason = "a limit")]
    let most = SESSION.0 as f64;
    let outcome = if step.high() / sessions < most {
        Outcome::Pass
    } else if step.low() / sessions > most {
        Outcome::Fail
    } else {
        Outcome::Inconclusive
    };
    let measured = format!("{} a session of {turns} turns", text(step.mean() / sessions));
    said::verdict(name, limit, measured, outcome)
}
