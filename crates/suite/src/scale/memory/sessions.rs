//! What stays of sessions that have ended.

use super::GROUP;
use super::floors::Floors;
use super::reading::{Meter, Reading};
use super::rounds::{self, Opened};
use crate::amount::count;
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::probe::Door;
use crate::scale::said;
use std::pin::Pin;
use std::time::Duration;
use victor_types::{Outcome, Verdict};

pub(in crate::scale) const SESSIONS: Case = Case {
    group: GROUP,
    name: "test_session_cleanup",
    slow: true,
    seconds: 45,
    about: "sessions and memory that are left after sessions were deleted or have expired",
    params: &[
        Param { name: "sessions", default: 200, help: "sessions of each round, two turns each" },
        Param { name: "rounds", default: 10, help: "rounds; the first two warm up" },
        Param { name: "settle", default: 5, help: "time for deleted sessions to go, in seconds" },
        Param {
            name: "expiry",
            default: 60,
            help: "time for sessions to expire where they cannot be deleted, in seconds",
        },
    ],
    work: |context| Pin::from(Box::new(work(context))),
};

/// Rounds whose growth is that of pools and caches.
const WARM_UP: usize = 1;

#[derive(Debug, Default)]
struct Seen {
    floors: Vec<f64>,
    opened: Opened,
    deleted: u64,
    left: Option<f64>,
    peak: Option<f64>,
}

async fn work(context: &mut Context<'_>) -> Result<(), TestError> {
    let door = Door::find(context).await?;
    let meter = Meter::new(context, &door);
    let (sessions, wanted) = (context.param("sessions").max(1), context.param("rounds").max(3));
    let before = meter.read().await;
    let mut seen = Seen::default();
    for round in 0..wanted {
        let opened = rounds::open(context, &door, round * sessions, sessions).await?;
        seen.opened.right += opened.right;
        seen.opened.wrong += opened.wrong;
        seen.opened.failure = opened.failure.or(seen.opened.failure);
        let full = meter.read().await;
        seen.peak = full.sessions().or(seen.peak);
        let ids = opened.ids;
        seen.deleted += rounds::end(&door, ids.clone()).await;
        seen.opened.ids.extend(ids);
        let longest = if seen.deleted == 0 { "expiry" } else { "settle" };
        let longest = Duration::from_secs(context.param(longest));
        let floor = meter.read_until(longest, |now| back(&before, now)).await;
        seen.left = floor.sessions().zip(before.sessions()).map(|(now, then)| now - then);
        seen.floors.extend(floor.memory());
        if seen.opened.right == 0 {
            break;
        }
    }
    judge(context, &seen);
    Ok(())
}

fn back(before: &Reading, now: &Reading) -> bool {
    before.sessions().zip(now.sessions()).is_none_or(|(then, now)| now <= then)
}

fn judge(context: &mut Context<'_>, seen: &Seen) {
    let opened = seen.opened.ids.len() as u64;
    context
        .measured("sessions", format!("{} opened, {} deleted", count(opened), count(seen.deleted)));
    if let Some(peak) = seen.peak {
        context.measured("live at the end of a round", format!("{peak:.0}"));
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of sessions")]
    let units = context.param("sessions").max(1) as f64;
    let floors = Floors {
        bytes: seen.floors.iter().skip(WARM_UP).copied().collect(),
        units,
        unit: "session",
    };
    let verdicts = [live(seen), memory(seen, &floors), right(&seen.opened)];
    context.result.verdicts.extend(verdicts);
}

/// Live sessions back to what they were.
fn live(seen: &Seen) -> Verdict {
    let said = |measured, outcome| {
        said::verdict("live sessions", "back to those before".to_owned(), measured, outcome)
    };
    match seen.left {
        Some(left) if left <= 0.0 => said("0 left".to_owned(), Outcome::Pass),
        Some(left) if seen.deleted == 0 => {
            let why = "sessions can neither be deleted here nor did they expire: a shorter \
                       lifetime (`victor serve --session-ttl 20s`) or a larger expiry would show";
            said::because(said(format!("{left:.0} left"), Outcome::Inconclusive), why)
        }
        Some(left) => said(format!("{left:.0} left"), Outcome::Fail),
        None => said::because(
            said("not told".to_owned(), Outcome::NotApplicable),
            "the target has no /api/v1/diagnostics with `sessions.live`",
        ),
    }
}

/// What stays of their memory. It says nothing while they are alive.
fn memory(seen: &Seen, floors: &Floors) -> Verdict {
    let name = "memory of ended sessions";
    let open = |measured: &str, why: &str| {
        let open =
            said::verdict(name, "no growth".to_owned(), measured.to_owned(), Outcome::Inconclusive);
        said::because(open, why)
    };
    if seen.floors.is_empty() {
        return open(
            "not seen",
            "run it on the server's machine, or name its process with --target-pid",
        );
    }
    let judged = floors.verdict(name);
    let ended = seen.left.map_or(seen.deleted > 0, |left| left <= 0.0);
    if ended || judged.outcome != Outcome::Fail {
        return judged;
    }
    open(&judged.measured, "the sessions have not ended, so that they may hold it")
}

/// The sessions really were there.
pub(super) fn right(opened: &Opened) -> Verdict {
    let judged = said::share_below("turns right", opened.wrong, opened.right + opened.wrong, 0.05);
    let judged =
        if opened.right == 0 { Verdict { outcome: Outcome::Fail, ..judged } } else { judged };
    match &opened.failure {
        Some(failure) => said::because(judged, failure.clone()),
        None => judged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1024.0 * 1024.0;

    fn seen(left: Option<f64>, deleted: u64, growth: f64) -> (Seen, Floors) {
        let floors: Vec<f64> = (0..8).map(|at| (40.0 + growth * f64::from(at)) * MIB).collect();
        let seen = Seen { floors: floors.clone(), deleted, left, ..Seen::default() };
        (seen, Floors { bytes: floors, units: 100.0, unit: "session" })
    }

    fn judged(left: Option<f64>, deleted: u64, growth: f64) -> (Outcome, Outcome) {
        let (seen, floors) = seen(left, deleted, growth);
        (live(&seen).outcome, memory(&seen, &floors).outcome)
    }

    #[test]
    fn what_live_sessions_hold_is_no_leak() {
        assert_eq!(judged(Some(0.0), 800, 0.0), (Outcome::Pass, Outcome::Pass));
        assert_eq!(judged(Some(0.0), 800, 2.0), (Outcome::Pass, Outcome::Fail));
        assert_eq!(judged(Some(5.0), 800, 2.0), (Outcome::Fail, Outcome::Inconclusive));
        assert_eq!(judged(Some(800.0), 0, 2.0), (Outcome::Inconclusive, Outcome::Inconclusive));
        assert_eq!(judged(None, 800, 2.0), (Outcome::NotApplicable, Outcome::Fail));
    }

    #[test]
    fn sessions_that_were_never_there_are_no_pass() {
        assert_eq!(right(&Opened::default()).outcome, Outcome::Fail);
        assert_eq!(right(&Opened { wrong: 9, ..Opened::default() }).outcome, Outcome::Fail);
        assert_eq!(right(&Opened { right: 400, ..Opened::default() }).outcome, Outcome::Pass);
    }
}
