//! The settings that say how much load there is, and when, become a [`Load`].

use crate::read::{self, Coming};
use crate::resolve::Resolved;
use crate::settings as set;
use crate::{ConfigError, Problem};
use std::path::Path;
use std::time::Duration;
use victor_plan::{
    Alarms, ArrivalTrace, Arrivals, Habits, Load, PlanError, Retries, Spacing, SpawnSchedule,
    Stage, StopRule,
};
use victor_types::Millis;

/// How long a shape takes when nothing else says so.
const SHAPE_LENGTH: Duration = Duration::from_secs(600);

/// The load, with files found from `cwd`.
pub(crate) fn load(resolved: &Resolved, cwd: &Path) -> Result<Load, ConfigError> {
    refuse_conflicts(resolved)?;
    let rate = resolved.optional(&set::ARRIVAL_RATE)?;
    let coming = resolved.required(&set::ARRIVALS)?;
    let stages = resolved.optional(&set::ARRIVAL_STAGES)?;
    let arrivals = match (rate, stages, coming) {
        (_, _, Coming::Recorded(file)) => recorded(resolved, &cwd.join(file))?,
        (None, None, Coming::Spaced(_)) => return closed(resolved),
        (_, Some(stages), Coming::Spaced(spacing)) => Arrivals::staged(stages, spacing)
            .map_err(|error| resolved.refuse(&set::ARRIVAL_STAGES, impossible(&error)))?,
        (Some(rate), None, Coming::Spaced(spacing)) => at_rate(resolved, rate, spacing)?,
    };
    Ok(Load::Open { arrivals, most_users: resolved.required(&set::MAX_USERS)? })
}

fn refuse_conflicts(resolved: &Resolved) -> Result<(), ConfigError> {
    let open = [
        (resolved.optional(&set::ARRIVAL_RATE)?.is_some(), "--arrival-rate"),
        (resolved.optional(&set::ARRIVAL_STAGES)?.is_some(), "--arrival-stages"),
        (matches!(resolved.required(&set::ARRIVALS)?, Coming::Recorded(_)), "--arrivals trace:"),
    ];
    let mut given = open.into_iter().filter(|open| open.0).map(|open| open.1);
    let first = given.next();
    let conflict = |other| Problem::Conflict { other };
    if let (Some(_), Some(second)) = (first, given.next()) {
        return Err(resolved.refuse(&set::ARRIVAL_RATE, conflict(second)));
    }
    if let (Some(other), Some(_)) = (first, resolved.optional(&set::STAGES)?) {
        return Err(resolved.refuse(&set::STAGES, conflict(other)));
    }
    if resolved.optional(&set::SHAPE)?.is_some() {
        if let Some(other) = first.filter(|name| *name != "--arrival-rate") {
            return Err(resolved.refuse(&set::SHAPE, conflict(other)));
        }
        if resolved.optional(&set::STAGES)?.is_some() {
            return Err(resolved.refuse(&set::SHAPE, conflict("--stages")));
        }
    }
    Ok(())
}

fn closed(resolved: &Resolved) -> Result<Load, ConfigError> {
    let users: u64 = resolved.required(&set::USERS)?;
    let rate = resolved.required(&set::SPAWN_RATE)?;
    // A burst is there from the start.
    let (users, rate) = match resolved.optional(&set::CONCURRENCY)? {
        Some(at_once) => (at_once, read::FASTEST),
        None => (users, rate),
    };
    let staged = |stages: Vec<Stage>| SpawnSchedule::staged(stages);
    if let Some(stages) = resolved.optional(&set::STAGES)? {
        return staged(stages)
            .map(Load::Closed)
            .map_err(|error| resolved.refuse(&set::STAGES, impossible(&error)));
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers of users are small")]
    if let Some(stages) = shaped(resolved, users as f64)? {
        return staged(stages)
            .map(Load::Closed)
            .map_err(|error| resolved.refuse(&set::SHAPE, impossible(&error)));
    }
    // The readers have checked the numbers; a bound that a schedule adds is told by its source.
    let not_a_rate = || read::not_a_rate(&rate.to_string());
    SpawnSchedule::try_new(users, rate)
        .map(Load::Closed)
        .map_err(|_| resolved.refuse(&set::SPAWN_RATE, not_a_rate()))
}

fn at_rate(resolved: &Resolved, rate: f64, spacing: Spacing) -> Result<Arrivals, ConfigError> {
    if let Some(stages) = shaped(resolved, rate)? {
        return Arrivals::staged(stages, spacing)
            .map_err(|error| resolved.refuse(&set::SHAPE, impossible(&error)));
    }
    let not_a_rate = || read::not_a_rate(&rate.to_string());
    Arrivals::try_new(rate, spacing).map_err(|_| resolved.refuse(&set::ARRIVAL_RATE, not_a_rate()))
}

/// The stages of the shape asked for, if one was.
fn shaped(resolved: &Resolved, peak: f64) -> Result<Option<Vec<Stage>>, ConfigError> {
    let length = resolved.optional(&set::RUN_TIME)?.unwrap_or(SHAPE_LENGTH);
    Ok(resolved.optional(&set::SHAPE)?.map(|shape| shape.stages(peak, length)))
}

fn recorded(resolved: &Resolved, file: &Path) -> Result<Arrivals, ConfigError> {
    let refuse = |why: String| {
        let problem = Problem::Record { file: file.display().to_string(), why };
        resolved.refuse(&set::ARRIVALS, problem)
    };
    let text = std::fs::read_to_string(file).map_err(|error| refuse(error.to_string()))?;
    let trace = ArrivalTrace::parse(&text, resolved.required(&set::TIME_SCALE)?)
        .map_err(|error| refuse(error.to_string()))?;
    Ok(Arrivals::recorded(trace))
}

fn impossible(error: &PlanError) -> Problem {
    Problem::Stages { why: error.to_string() }
}

/// When the run ends. A closed load of stages ends with them.
pub(crate) fn stop(resolved: &Resolved, load: &Load) -> Result<StopRule, ConfigError> {
    let own = match load {
        Load::Closed(spawn) => spawn.length(),
        // Its last turns are still to be answered when its schedule is over.
        Load::Open { .. } => None,
    };
    let asked = resolved.optional(&set::RUN_TIME)?;
    Ok(StopRule {
        run_time: match (asked, own) {
            (Some(asked), Some(own)) => Some(asked.min(own)),
            (asked, own) => asked.or(own),
        },
        turns: resolved.optional(&set::REQUESTS)?,
        alarms: Alarms {
            failures: resolved.optional(&set::MAX_FAILURES)?,
            error_rate: resolved.optional(&set::MAX_ERROR_RATE)?,
            slow: resolved
                .optional(&set::STOP_ON_P95)?
                .map(|(limit, span)| (Millis::from(limit), span)),
            saturation: resolved.required(&set::STOP_ON_SATURATION)?,
            tokens: resolved.optional(&set::MAX_TOKENS)?,
        },
        grace: resolved.required(&set::STOP_TIMEOUT)?,
        ..StopRule::NEVER
    })
}

/// What users do when a turn goes badly.
pub(crate) fn habits(resolved: &Resolved) -> Result<Habits, ConfigError> {
    let (shortest, longest) = resolved.required(&set::RETRY_BACKOFF)?;
    let most = resolved.required(&set::RETRIES)?;
    let retries = Retries { most, shortest, longest };
    Ok(Habits { retries, patience: resolved.optional(&set::PATIENCE)? })
}
