//! What the page says, in words that need no more formatting.

use super::failures::FailureView;
use super::tables::{PercentileRow, PhaseRow, RequestView, percentile_heads};
use crate::number::counted;
use crate::overall::{Overall, headline, judged_part, settled};
use crate::resources::{mean_cpu, notes};
use crate::streaming::{self, MetricRow};
use serde::Serialize;
use victor_types::{
    EndReason, GeneratorMachine, Outcome, RequestRow, RunReport, ServerResources, Severity,
};

/// Everything but the charts.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    title: String,
    overall: &'static str,
    tone: &'static str,
    headline: String,
    verdicts: Vec<VerdictView>,
    doubts: Vec<Doubt>,
    findings: Vec<victor_types::Finding>,
    requests: Vec<RequestView>,
    percentile_heads: Vec<String>,
    percentiles: Vec<PercentileRow>,
    phases: Vec<PhaseRow>,
    streams: Vec<MetricRow>,
    stream_notes: Vec<String>,
    balance: String,
    failed: u64,
    server: Option<String>,
    failures: Vec<FailureView>,
    generator: Vec<Detail>,
    details: Vec<Detail>,
}

/// A verdict with the class of its colour.
#[derive(Debug, Serialize)]
struct VerdictView {
    word: &'static str,
    tone: &'static str,
    name: String,
    measured: String,
    limit: String,
    reason: Option<String>,
}

/// A warning.
#[derive(Debug, Serialize)]
struct Doubt {
    word: &'static str,
    tone: &'static str,
    text: String,
}

/// A name and its value.
#[derive(Debug, Serialize)]
struct Detail {
    name: &'static str,
    value: String,
}

impl Page {
    pub(crate) fn of(report: &RunReport) -> Self {
        let overall = Overall::of(report);
        let rows = || report.rows.iter().chain([&report.total]);
        Self {
            title: format!("Load test of {}: {}", report.run.host, overall.word()),
            overall: overall.word(),
            tone: tone_of(overall),
            headline: headline(report),
            verdicts: verdicts(report),
            doubts: doubts(report),
            findings: report.findings.clone(),
            requests: rows().map(RequestView::of).collect(),
            percentile_heads: percentile_heads(),
            percentiles: rows().map(PercentileRow::of).collect(),
            phases: rows().map(PhaseRow::of).collect(),
            streams: streams(&report.total),
            stream_notes: stream_notes(&report.total),
            balance: balance(report),
            failed: report.total.failed,
            server: report.server.as_ref().map(server),
            failures: report.failures.iter().map(FailureView::of).collect(),
            generator: generator(report),
            details: details(report),
        }
    }
}

fn streams(total: &RequestRow) -> Vec<MetricRow> {
    let found = total.streaming.as_ref();
    found.map(|streaming| streaming::metrics(total, streaming)).unwrap_or_default()
}

/// Sentences below the table of streams.
fn stream_notes(total: &RequestRow) -> Vec<String> {
    let streams = total.streaming.as_ref();
    let used = total.tokens.as_ref().filter(|_| streams.is_some());
    let tokens = used.map(|used| format!("Tokens: {}", streaming::tokens(used, streams)));
    let good = streaming::goodput(total).map(|good| format!("Goodput: {good}"));
    streams.map(streaming::arrival).into_iter().chain(tokens).chain(good).collect()
}

fn tone_of(overall: Overall) -> &'static str {
    match overall {
        Overall::Passed => "good",
        Overall::Failed => "bad",
        Overall::Invalid | Overall::Inconclusive => "doubt",
        Overall::NotJudged => "faint",
    }
}

fn verdicts(report: &RunReport) -> Vec<VerdictView> {
    let tone = |outcome| match outcome {
        Outcome::Pass => "good",
        Outcome::Fail => "bad",
        Outcome::Inconclusive | Outcome::Invalid => "doubt",
        Outcome::NotApplicable => "faint",
    };
    let view = |verdict: &victor_types::Verdict| VerdictView {
        word: verdict.outcome.word(),
        tone: tone(verdict.outcome),
        name: verdict.name.clone(),
        measured: verdict.measured.clone(),
        limit: verdict.limit.clone(),
        reason: verdict.reason.clone(),
    };
    report.verdicts.iter().map(view).collect()
}

fn doubts(report: &RunReport) -> Vec<Doubt> {
    let view = |warning: &victor_types::Warning| {
        let (word, tone) = match warning.severity() {
            Severity::Notice => ("notice", "faint"),
            Severity::Doubt => ("doubt", "doubt"),
            Severity::Invalidating => ("invalidating", "bad"),
        };
        Doubt { word, tone, text: warning.to_string() }
    };
    report.validity.warnings.iter().map(view).collect()
}

fn balance(report: &RunReport) -> String {
    let total = &report.total;
    let mut text = format!(
        "{} sent = {} succeeded + {} failed + {} incomplete",
        total.sent, total.succeeded, total.failed, total.incomplete
    );
    if let (1.., Some(age)) = (total.incomplete, total.incomplete_age_min) {
        text += &format!(" (in flight at the end, age at least {age})");
    }
    text
}

fn server(server: &ServerResources) -> String {
    let peak = server.samples.iter().map(|sample| sample.rss).max().unwrap_or_default();
    let threads = server.samples.iter().map(|sample| sample.threads).max().unwrap_or_default();
    let mut text = format!(
        "{} (process {}) used {:.2} of {} cores on average and at most {peak} of {} of memory, with \
         up to {}",
        server.command,
        server.pid,
        mean_cpu(&server.samples),
        server.cores,
        server.memory_total,
        counted(threads.into(), "thread"),
    );
    for note in notes(server) {
        text += &format!("; {note}");
    }
    text + "."
}

fn generator(report: &RunReport) -> Vec<Detail> {
    let health = &report.generator;
    [
        Detail { name: "Shards", value: health.shards.to_string() },
        Detail {
            name: "CPU of the busiest shard",
            value: format!("{:.1} % of a core (in doubt above 70 %)", health.cpu * 100.0),
        },
        Detail {
            name: "Lateness of its timers (p99)",
            value: format!("{} (in doubt above 5 ms)", health.ticker_late_p99),
        },
        Detail { name: "Largest memory", value: health.rss_peak.to_string() },
        Detail {
            name: "Waiting for a core",
            value: format!("{:.1} % of the time (in doubt above 5 %)", health.run_queue * 100.0),
        },
    ]
    .into_iter()
    .chain(health.machine.iter().flat_map(machine))
    .collect()
}

fn machine(machine: &GeneratorMachine) -> [Detail; 4] {
    let percent = |share: f64| format!("{:.2} % (in doubt above 0.5 %)", share * 100.0);
    let of = |(used, all): (u64, u64)| format!("{used} of {all} at most");
    [
        Detail { name: "CPU taken by the host", value: percent(machine.steal) },
        Detail { name: "Throttled by its quota", value: percent(machine.throttled) },
        Detail { name: "Open files", value: of(machine.files) },
        Detail { name: "Local ports in use", value: of(machine.ports) },
    ]
}

fn details(report: &RunReport) -> Vec<Detail> {
    let run = &report.run;
    let users = |(class, users): &(String, u64)| format!("{class} ({})", counted(*users, "user"));
    let end = match run.end {
        EndReason::RunTime => "the run time was over",
        EndReason::Done => "all users were done",
        EndReason::Interrupted => "it was interrupted",
        EndReason::Futile => "the first turns all failed in a way that more load cannot mend",
        EndReason::Failures => "more turns failed than were allowed",
        EndReason::Slow => "the 95th percentile stayed over the limit set for that",
        EndReason::Saturated => "the target no longer kept up",
        EndReason::Tokens => "the tokens allowed were used up",
    };
    let wanted = run.run_time.map_or_else(|| "until stopped".to_owned(), |t| format!("{} s", t.0));
    let detail = |name, value| Detail { name, value };
    vec![
        detail("Target", run.host.clone()),
        detail("User classes", run.classes.iter().map(users).collect::<Vec<_>>().join(", ")),
        detail("Users at the peak", run.users.to_string()),
        match (run.spawn_rate, run.arrival_rate) {
            (_, Some(rate)) => detail("Turns arriving a second", rate.0.to_string()),
            (Some(rate), None) => detail("Users started a second", rate.0.to_string()),
            (None, None) => detail("Users started a second", "-".to_owned()),
        },
        detail("Length asked for", wanted),
        detail("Measured length", format!("{:.1} s", run.duration.0)),
        detail("Judged", judged_part(report)),
        detail("Settled", settled(report)),
        detail("Started", run.started_at.clone()),
        detail("Ended", format!("{}, because {end}", run.ended_at)),
        detail("Seed", run.seed.to_string()),
        detail("Run", run.id.clone()),
        detail(
            "Written by",
            format!(
                "{} {}, report version {}",
                report.tool.name, report.tool.version, report.version
            ),
        ),
    ]
}
