//! The plans of the tests: one place makes them, so that all load alike.

use super::case::{Context, TestError};
use std::time::Duration;
use victor_plan::{
    Arrivals, ClassShare, Habits, Load, Mix, Plan, Spacing, SpawnSchedule, StopRule, TargetAddress,
    Wait,
};

/// Short conversations that recall a code word.
pub(super) const SESSIONS: &str = "SessionUser";
/// One conversation for the user's life, which grows and recalls what was said five messages ago.
pub(super) const GROWING: &str = "MemoryLeakTestUser";

/// How long turns in flight may take once a closed loop is over.
const GRACE: Duration = Duration::from_secs(10);

/// A closed loop of users without wait, started within a second.
pub(super) fn closed(
    context: &Context<'_>,
    class: &str,
    users: u64,
    stop: StopRule,
) -> Result<Plan, TestError> {
    #[expect(clippy::cast_precision_loss, reason = "a number of users")]
    let in_a_second = users as f64;
    let load = Load::Closed(SpawnSchedule::try_new(users, in_a_second)?);
    plan(context, class, load, stop)
}

/// A burst: all users at once, one turn each.
pub(super) fn burst(context: &Context<'_>, users: u64) -> Result<Plan, TestError> {
    let stop = StopRule { longest: Some(Duration::from_secs(60)), ..StopRule::turns(1) };
    let load = Load::Closed(SpawnSchedule::try_new(users, 1e6)?);
    plan(context, SESSIONS, load, stop)
}

fn plan(context: &Context<'_>, class: &str, load: Load, stop: StopRule) -> Result<Plan, TestError> {
    let share = ClassShare::weighted(class, 1);
    Ok(Plan {
        slo: None,
        target: context.target.clone(),
        mix: Mix::try_new(vec![share])?.with_wait(Some(Wait::NONE)),
        load,
        stop,
        // A run of so many turns is judged by all of them; a loop without its ramp.
        warm_up: stop.turns_per_user.map(|_| Duration::ZERO),
        habits: Habits::default(),
        limits: context.limits,
        seed: context.seed,
        shards: 1,
        targets: context.targets,
    })
}

/// The same plan with streamed answers.
pub(super) fn streamed(plan: Plan) -> Plan {
    Plan { target: TargetAddress { stream: true, ..plan.target }, ..plan }
}

/// At least `length` and `turns` turns, at most six times as long.
pub(super) fn at_least(length: Duration, turns: u64) -> StopRule {
    StopRule {
        min_turns: turns,
        longest: Some(length * 6),
        grace: GRACE,
        ..StopRule::after(length)
    }
}

/// A closed loop of users who wait `wait` between turns: a load that stays the same however fast
/// the target is.
pub(super) fn paced(
    context: &Context<'_>,
    users: u64,
    wait: Duration,
    stop: StopRule,
) -> Result<Plan, TestError> {
    let plan = closed(context, SESSIONS, users, stop)?;
    Ok(Plan { mix: plan.mix.with_wait(Some(Wait::constant(wait))), ..plan })
}

/// Turns that arrive at random, `rate` a second, whatever the target makes of them.
pub(super) fn open(
    context: &Context<'_>,
    rate: f64,
    most_users: u64,
    stop: StopRule,
) -> Result<Plan, TestError> {
    let arrivals = Arrivals::try_new(rate, Spacing::Poisson)?;
    plan(context, SESSIONS, Load::Open { arrivals, most_users }, stop)
}
