//! What counts as good enough.

use super::family::{limit, target};
use crate::read;
use crate::setting::{Fallback, Key, Kind, Section};
use victor_plan::{Slo, Targets};

pub(crate) static SLO: Key<Slo> = Key::new("slo", Kind::Text, Section::Targets, read::slo)
    .fallback(Fallback::Nothing("goodput is not counted"))
    .help(
        "LIST",
        "What makes a turn good, for goodput: upper bounds on ttft, ttfo, itl, tpot, e2e and \
         e2e_sched, such as ttft:300ms,tpot:50ms,e2e:2s",
    );

pub(crate) static P50: Key<Option<f64>> = target(
    "p50_ms",
    read::limit,
    || limit(Targets::default().p50.map(|span| span.0)),
    "Median latency below this, in milliseconds",
);

pub(crate) static P95: Key<Option<f64>> = target(
    "p95_ms",
    read::limit,
    || limit(Targets::default().p95.map(|span| span.0)),
    "95th percentile of latency below this, in milliseconds",
);

pub(crate) static P99: Key<Option<f64>> = target(
    "p99_ms",
    read::limit,
    || limit(Targets::default().p99.map(|span| span.0)),
    "99th percentile of latency below this, in milliseconds",
);

pub(crate) static THROUGHPUT: Key<Option<f64>> = target(
    "throughput",
    read::limit,
    || limit(Targets::default().throughput.map(|rate| rate.0)),
    "Successes a second above this, with 100 users that do not wait",
);

pub(crate) static ERROR_RATE: Key<Option<f64>> = target(
    "error_rate",
    read::share,
    || limit(Targets::default().error_rate),
    "Share of failed turns below this, up to 1",
);

pub(crate) static CPU: Key<Option<f64>> = target(
    "cpu",
    read::share,
    || limit(Targets::default().cpu),
    "Mean share of the machine's cores used by the server below this, up to 1",
);

pub(crate) static MEMORY: Key<Option<f64>> = target(
    "memory",
    read::share,
    || limit(Targets::default().memory),
    "Largest share of the machine's memory used by the server below this, up to 1",
);
