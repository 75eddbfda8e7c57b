//! What `/metrics` shows.

use crate::lock::lock;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use victor_container::Census;
use victor_types::ServerOutcome;

type Label = (&'static str, &'static str);

/// Counters of the server, in the registry that shows them.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    turns: Family<[Label; 1], Counter>,
    duration: Histogram,
    in_flight: Gauge,
    sessions: Gauge,
    tool_calls: Family<[Label; 2], Counter>,
    truth_lost: Counter,
    refused: Family<[Label; 1], Counter>,
    /// The counters of `refused` by code, which a family does not list.
    codes: Mutex<BTreeMap<&'static str, Counter>>,
    faults: Family<[Label; 1], Counter>,
    compactions: Family<[Label; 2], Counter>,
    compacting: Histogram,
    session_bytes: Gauge,
    scopes: Gauge,
    scopes_ended: Gauge,
    services: Family<[Label; 1], Gauge>,
    disposed: Gauge,
}

/// What the server holds, looked up when the metrics are read.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) sessions: usize,
    /// Bytes of memory of all sessions.
    pub(crate) session_bytes: u64,
    pub(crate) services: Census,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("victor"),
            turns: Family::default(),
            // 1 ms to 16 s, doubling.
            duration: Histogram::new(exponential_buckets(0.001, 2.0, 15)),
            in_flight: Gauge::default(),
            sessions: Gauge::default(),
            tool_calls: Family::default(),
            truth_lost: Counter::default(),
            refused: Family::default(),
            codes: Mutex::default(),
            faults: Family::default(),
            compactions: Family::default(),
            // 0.1 ms to 26 s, fourfold.
            compacting: Histogram::new(exponential_buckets(0.0001, 4.0, 10)),
            session_bytes: Gauge::default(),
            scopes: Gauge::default(),
            scopes_ended: Gauge::default(),
            services: Family::default(),
            disposed: Gauge::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("turns", "Chat requests ended, by outcome", self.turns.clone());
        registry.register_with_unit(
            "turn_duration",
            "Time from reading a chat request's head to its last byte",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register("turns_in_flight", "Chat requests not ended", self.in_flight.clone());
        registry.register("sessions_live", "Sessions held", self.sessions.clone());
        registry.register("tool_calls", "Tool calls, by tool and status", self.tool_calls.clone());
        registry.register(
            "truth_records_lost",
            "Truth records that could not be written",
            self.truth_lost.clone(),
        );
        registry.register("requests_refused", "Requests refused, by code", self.refused.clone());
        registry.register("faults", "Turns a fault touched, by fault", self.faults.clone());
        self.held_registered()
    }

    fn held_registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register(
            "compactions",
            "Sessions made smaller, by strategy and trigger",
            self.compactions.clone(),
        );
        registry.register_with_unit(
            "compaction_duration",
            "Time to make a session smaller, the model's call included",
            Unit::Seconds,
            self.compacting.clone(),
        );
        registry.register_with_unit(
            "sessions",
            "Memory of the sessions held",
            Unit::Bytes,
            self.session_bytes.clone(),
        );
        registry.register("scopes_live", "Scopes of sessions", self.scopes.clone());
        registry.register("scopes_ended", "Scopes ended", self.scopes_ended.clone());
        registry.register("services_live", "Services, by lifetime", self.services.clone());
        registry.register("services_disposed", "Services ended", self.disposed.clone());
        self
    }

    /// Counts a compaction.
    pub(crate) fn compacted(&self, strategy: &'static str, trigger: &'static str, took: Duration) {
        let labels = [("strategy", strategy), ("trigger", trigger)];
        self.compactions.get_or_create(&labels).inc();
        self.compacting.observe(took.as_secs_f64());
    }

    pub(crate) fn turn_started(&self) {
        self.in_flight.inc();
    }

    /// Chat requests not ended.
    pub(crate) fn in_flight(&self) -> u64 {
        u64::try_from(self.in_flight.get()).unwrap_or(0)
    }

    pub(crate) fn fault(&self, name: &'static str) {
        self.faults.get_or_create(&[("fault", name)]).inc();
    }

    /// How many turns the fault `name` touched.
    pub(crate) fn faults(&self, name: &'static str) -> u64 {
        self.faults.get_or_create(&[("fault", name)]).get()
    }

    pub(crate) fn turn_ended(&self, outcome: ServerOutcome, took: Duration) {
        let outcome = match outcome {
            ServerOutcome::Complete => "complete",
            ServerOutcome::Refused => "refused",
            ServerOutcome::Aborted => "aborted",
        };
        self.in_flight.dec();
        self.turns.get_or_create(&[("outcome", outcome)]).inc();
        self.duration.observe(took.as_secs_f64());
    }

    pub(crate) fn tool_ended(&self, tool: &'static str, status: &'static str) {
        self.tool_calls.get_or_create(&[("tool", tool), ("status", status)]).inc();
    }

    pub(crate) fn truth_lost(&self) {
        self.truth_lost.inc();
    }

    pub(crate) fn refused(&self, code: &'static str) {
        let mut codes = lock(&self.codes);
        let new = || self.refused.get_or_create_owned(&[("code", code)]);
        codes.entry(code).or_insert_with(new).inc();
    }

    /// How many requests were refused under each code; codes that never occurred are missing.
    pub(crate) fn refused_by_code(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.codes).iter().map(|(code, counter)| (*code, counter.get())).collect()
    }

    /// The `OpenMetrics` text, with what is `held`.
    pub(crate) fn text(&self, held: &Held) -> Result<String, std::fmt::Error> {
        let set = |gauge: &Gauge, count: u64| gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        set(&self.sessions, held.sessions as u64);
        set(&self.session_bytes, held.session_bytes);
        let Census { singletons, scopes, scoped, scopes_ended, disposed, .. } = held.services;
        for (lifetime, count) in [("singleton", singletons), ("scoped", scoped)] {
            set(&self.services.get_or_create(&[("lifetime", lifetime)]), count);
        }
        set(&self.scopes, scopes);
        set(&self.scopes_ended, scopes_ended);
        set(&self.disposed, disposed);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
