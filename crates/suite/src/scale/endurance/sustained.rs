//! The tests of the group: one load, looked at in different ways.

use super::{GROUP, drift, slopes};
use crate::scale::case::{Case, Context, Param, TestError};
use crate::scale::memory::loaded::Loaded;
use crate::scale::memory::reading::Meter;
use crate::scale::memory::{STATELESS, answered, rounds};
use crate::scale::probe::Door;
use crate::scale::{plans, said};
use std::pin::Pin;
use std::time::Duration;
use victor_plan::StopRule;
use victor_types::RunReport;

macro_rules! params {
    ($seconds:expr) => {
        &[
            Param { name: "seconds", default: $seconds, help: "length of the load, in seconds" },
            Param { name: "users", default: 10, help: "users at once, without wait or session" },
            Param {
                name: "drift_percent",
                default: 10,
                help: "largest change of latency and throughput over the run, in per cent",
            },
        ]
    };
}

/// What of a run a test looks at.
#[derive(Debug, Clone, Copy)]
struct Look {
    memory: bool,
    performance: bool,
    resources: bool,
}

const NOTHING: Look = Look { memory: false, performance: false, resources: false };

pub(in crate::scale) const SUSTAINED: Case = case(
    ("test_sustained_load", "latency, throughput, errors, memory, files and threads over an hour"),
    params!(3600),
    |context| {
        let all = Look { memory: true, performance: true, resources: true };
        Pin::from(Box::new(work(context, all)))
    },
);

pub(in crate::scale) const MEMORY: Case = case(
    ("test_memory_trend", "memory of the server over ten minutes of load"),
    params!(600),
    |context| Pin::from(Box::new(work(context, Look { memory: true, ..NOTHING }))),
);

pub(in crate::scale) const PERFORMANCE: Case = case(
    ("test_performance_stability", "drift of p95, throughput and errors over ten minutes of load"),
    params!(600),
    |context| Pin::from(Box::new(work(context, Look { performance: true, ..NOTHING }))),
);

pub(in crate::scale) const RESOURCES: Case = case(
    (
        "test_resource_leaks",
        "files, threads and connections of the server over ten minutes of load",
    ),
    params!(600),
    |context| Pin::from(Box::new(work(context, Look { resources: true, ..NOTHING }))),
);

const fn case(
    (name, about): (&'static str, &'static str),
    params: &'static [Param],
    work: crate::scale::case::Work,
) -> Case {
    Case { group: GROUP, name, slow: true, seconds: params[0].default, about, params, work }
}

async fn work(context: &mut Context<'_>, look: Look) -> Result<(), TestError> {
    let door = Door::find(context).await?;
    let meter = Meter::new(context, &door);
    context.result.verdicts.extend(rounds::no_assistant(context, &door).await?);
    let length = Duration::from_secs(context.param("seconds").max(1));
    let stop = StopRule { grace: Duration::from_secs(10), ..StopRule::after(length) };
    let plan = plans::closed(context, STATELESS, context.param("users").max(1), stop)?;
    let mut loaded = Loaded::default();
    let report: RunReport = loaded.run(context, &meter, &plan, length).await?;
    said::describe(context, &report);
    if look.performance {
        #[expect(clippy::cast_precision_loss, reason = "a number of per cent")]
        let limit = context.param("drift_percent").max(1) as f64 / 100.0;
        let drift = drift::verdicts(context, &report, limit).into_iter();
        context.result.verdicts.extend(drift.map(|it| said::unless_invalid(it, &[&report])));
    }
    // A late generator changes neither what the server holds nor the count of requests.
    if look.memory {
        context.result.verdicts.push(slopes::memory(&loaded));
    }
    if look.resources {
        context.result.verdicts.extend(slopes::resources(&loaded));
    }
    let right = if look.performance {
        said::turns_right(&report, context.targets.error_rate.unwrap_or(0.01))
    } else {
        answered(&[&report])
    };
    context.result.verdicts.push(right);
    Ok(())
}
