//! The targets, as verdicts.

use crate::Offer;
use crate::amount::{count, percent, with_interval};
use crate::judged::Judged;
use victor_plan::Targets;
use victor_stats::{
    ExceedanceVerdict, exceedance_interval, exceedance_verdict, lower_bound, mean_interval,
    percentile_verdict,
};
use victor_types::{Millis, Outcome, PerSecond, RunReport, Seconds, ServerResources, Verdict};

/// Confidence of a pass and of a failure, each.
const CONFIDENCE: f64 = 0.95;
/// Users without wait that the throughput target is about.
const THROUGHPUT_USERS: u64 = 100;
/// Share of the offered load that must have been achieved.
const ACHIEVED: f64 = 0.95;

/// Judges a report by `targets`. `offer` is what its users could have offered.
#[must_use]
pub fn judge(report: &RunReport, targets: &Targets, offer: Offer) -> Vec<Verdict> {
    let judged = Judged::of(report);
    let latencies = [(50.0, targets.p50), (95.0, targets.p95), (99.0, targets.p99)];
    let mut verdicts: Vec<Verdict> = latencies
        .into_iter()
        .filter_map(|(percent, limit)| limit.map(|limit| latency(judged, percent, limit)))
        .collect();
    verdicts.extend(targets.error_rate.map(|limit| error_rate(judged, limit)));
    if let Some(limit) = targets.throughput {
        verdicts.push(throughput(report, limit, offer));
        verdicts.extend(offered(report, offer));
    }
    verdicts.extend(targets.cpu.map(|limit| cpu(report.server.as_ref(), judged.from, limit)));
    verdicts.extend(targets.memory.map(|limit| memory(report.server.as_ref(), limit)));
    if !report.validity.is_valid() {
        for verdict in &mut verdicts {
            if verdict.outcome != Outcome::NotApplicable {
                verdict.outcome = Outcome::Invalid;
                verdict.reason = Some("the load generator was held up: see the doubts".to_owned());
            }
        }
    }
    verdicts
}

/// The outcome and, where it is open, what would decide it.
fn decide(verdict: ExceedanceVerdict, measured: u64) -> (Outcome, Option<String>) {
    match verdict {
        ExceedanceVerdict::Below => (Outcome::Pass, None),
        ExceedanceVerdict::Above => (Outcome::Fail, None),
        ExceedanceVerdict::Unclear { needed } => {
            let more = match needed {
                Some(needed) if needed > measured => {
                    format!("about {} would decide: run longer", count(needed))
                }
                _ => "too near the limit to tell: run longer".to_owned(),
            };
            (Outcome::Inconclusive, Some(format!("{} turns measured; {more}", count(measured))))
        }
    }
}

/// More turns of this run failed than `limit` allows, beyond the noise of counting. Failures come in
/// bunches (an outage is one event, however many turns it takes), so this says nothing about how
/// often it would happen again; but it did happen, and no verdict of a run may hide it.
fn surely_failed(report: Judged<'_>, limit: f64) -> bool {
    let (failed, turns) = (report.total.failed, report.total.failed + report.total.succeeded);
    lower_bound(failed, turns, CONFIDENCE).is_some_and(|share| share > limit)
}

/// An open verdict is a failure when the failed turns of this run alone break the limit.
fn or_failed(open: (Outcome, Option<String>), surely: bool) -> (Outcome, Option<String>) {
    if open.0 == Outcome::Inconclusive && surely {
        let reason = "the failures came in bunches: how often that happens, one run cannot say";
        return (Outcome::Fail, Some(reason.to_owned()));
    }
    open
}

fn latency(report: Judged<'_>, percent: f64, limit: Millis) -> Verdict {
    let blocks: Vec<_> =
        report.history.iter().map(|point| (&point.latency, point.failed)).collect();
    let turns = report.total.succeeded + report.total.failed;
    let judged = percentile_verdict(&blocks, limit, percent / 100.0, CONFIDENCE);
    let surely = surely_failed(report, 1.0 - percent / 100.0);
    let (outcome, reason) = or_failed(decide(judged, turns), surely);
    let found = report.total.latency.percentiles.iter().find(|value| value.percent == percent);
    let measured = match found {
        None => "no turn succeeded".to_owned(),
        Some(value) if value.adjusted.is_none() => {
            format!("infinite: it falls among the failures ({} over successes)", value.value)
        }
        Some(value) if value.adjusted != Some(value.value) => format!(
            "{} with failures counted as infinitely slow ({} over successes)",
            value.adjusted.unwrap_or(value.value),
            value.value
        ),
        Some(value) => with_interval(value.value, value.interval),
    };
    let name = format!("latency p{percent}");
    Verdict { name, limit: format!("< {limit}"), measured, outcome, reason }
}

fn error_rate(report: Judged<'_>, limit: f64) -> Verdict {
    let blocks: Vec<(u64, u64)> =
        report.history.iter().map(|point| (point.failed, point.failed + point.succeeded)).collect();
    let (failed, turns) = (report.total.failed, report.total.failed + report.total.succeeded);
    let judged = decide(exceedance_verdict(&blocks, limit, CONFIDENCE), turns);
    let (outcome, reason) = or_failed(judged, surely_failed(report, limit));
    let measured = match exceedance_interval(&blocks, CONFIDENCE) {
        None => "no turn finished".to_owned(),
        Some(interval) => format!(
            "{} ({} of {}; {} to {})",
            percent(share(failed, turns)),
            count(failed),
            count(turns),
            percent(interval.low()),
            percent(interval.high())
        ),
    };
    Verdict {
        name: "error rate".into(),
        limit: format!("< {}", percent(limit)),
        measured,
        outcome,
        reason,
    }
}

/// Throughput says something about the server only when users do not wait and there are enough.
fn throughput(report: &RunReport, limit: PerSecond, offer: Offer) -> Verdict {
    let verdict = |measured: String, outcome, reason| Verdict {
        name: "throughput".into(),
        limit: format!("> {:.0}/s", limit.0),
        measured,
        outcome,
        reason,
    };
    let achieved = format!("{:.1}/s", Judged::of(report).total.throughput.0);
    #[expect(clippy::cast_precision_loss, reason = "numbers of users are small")]
    let users = report.run.users as f64;
    let not_applicable = match offer {
        Offer::AsMuchAsTaken => None,
        Offer::Thinking(thinking) => {
            let most = thinking.rate(users, mean_latency(report));
            Some(format!(
                "this mix can offer at most {most:.1}/s once all have begun: its users wait between turns"
            ))
        }
        Offer::Arriving { turns, .. } => {
            let rate = turns / report.run.duration.0.max(f64::MIN_POSITIVE);
            Some(format!("{rate:.1}/s were offered, whatever was taken"))
        }
        Offer::Unknown => Some("the load was changed by hand".to_owned()),
    };
    if not_applicable.is_some() {
        return verdict(achieved, Outcome::NotApplicable, not_applicable);
    }
    if report.run.users < THROUGHPUT_USERS {
        let why = format!(
            "asked of {THROUGHPUT_USERS} users without wait; there were {}",
            report.run.users
        );
        return verdict(achieved, Outcome::NotApplicable, Some(why));
    }
    match mean_interval(&full_rates(report)) {
        None => verdict(
            achieved,
            Outcome::Inconclusive,
            Some("too short with all users: run longer".into()),
        ),
        Some(rate) => {
            let measured =
                format!("{:.1}/s ({:.1} to {:.1})", rate.mean(), rate.low(), rate.high());
            let (outcome, reason) = if rate.low() > limit.0 {
                (Outcome::Pass, None)
            } else if rate.high() <= limit.0 {
                (Outcome::Fail, None)
            } else {
                (Outcome::Inconclusive, Some("too near the limit to tell: run longer".to_owned()))
            };
            verdict(measured, outcome, reason)
        }
    }
}

/// Successes a second in the windows in which all users were there.
#[expect(clippy::cast_precision_loss, reason = "counts of one second")]
pub(crate) fn full_rates(report: &RunReport) -> Vec<f64> {
    let full = Judged::of(report)
        .history
        .iter()
        .filter(|point| point.users == report.run.users && point.window.0 > 0.5);
    full.map(|point| point.succeeded as f64 / point.window.0).collect()
}

/// A server that keeps up lets its users have all of a load that is known beforehand.
#[expect(clippy::cast_precision_loss, reason = "counts of a run")]
fn offered(report: &RunReport, offer: Offer) -> Option<Verdict> {
    let (expected, deviation, of_what) = match offer {
        Offer::AsMuchAsTaken | Offer::Unknown => return None,
        Offer::Thinking(thinking) => {
            let started = report.history.iter().map(|point| point.users).max().unwrap_or(0) as f64;
            let latency = mean_latency(report);
            let (expected, deviation) = thinking.expected(user_seconds(report), started, latency);
            (expected, deviation, "users / (mean wait + mean latency)")
        }
        Offer::Arriving { turns, variation } => {
            (turns, variation * turns.sqrt(), "the turns that were due, begun and not failed")
        }
    };
    if expected < 1.0 {
        return None;
    }
    // Over all of the run: who was there, and for how long, is known for the ramp too.
    let (sent, failed) = report
        .history
        .iter()
        .fold((0, 0), |(sent, failed), point| (sent + point.sent, failed + point.failed));
    let ratio = u64::saturating_sub(sent, failed) as f64 / expected;
    // One-sided 95 %, from the normal distribution.
    let margin = 1.645 * deviation / expected;
    let (outcome, reason) = if ratio - margin >= ACHIEVED {
        (Outcome::Pass, None)
    } else if ratio + margin < ACHIEVED {
        (Outcome::Fail, None)
    } else {
        (Outcome::Inconclusive, Some("too few turns to tell: run longer".to_owned()))
    };
    Some(Verdict {
        name: "offered load served".into(),
        limit: format!(">= {}", percent(ACHIEVED)),
        measured: format!("{} of {of_what}", percent(ratio)),
        outcome,
        reason,
    })
}

/// How long users were there, together.
#[expect(clippy::cast_precision_loss, reason = "numbers of users are small")]
fn user_seconds(report: &RunReport) -> f64 {
    // Users are counted at the end of a window; within it their number rose or fell evenly.
    let mut before = 0.0;
    let mut sum = 0.0;
    for point in &report.history {
        let users = point.users as f64;
        sum += f64::midpoint(before, users) * point.window.0;
        before = users;
    }
    sum
}

/// Mean over all turns that finished, in seconds.
fn mean_latency(report: &RunReport) -> f64 {
    let mut all = report.total.latency.histogram.clone();
    all.merge(&report.total.failed_latency);
    all.mean().unwrap_or(0.0) / 1e6
}

/// Fewest samples of the server's CPU that make a mean.
const CPU_SAMPLES: usize = 3;

fn cpu(server: Option<&ServerResources>, from: Seconds, limit: f64) -> Verdict {
    let cores = |server: &ServerResources| -> Vec<f64> {
        let judged = server.samples.iter().filter(|sample| sample.at >= from);
        judged.map(|sample| sample.cpu_cores).collect()
    };
    if let Some(samples) = server.map(|server| cores(server).len()).filter(|&n| n < CPU_SAMPLES) {
        return Verdict {
            name: "server CPU".into(),
            limit: format!("< {}", percent(limit)),
            measured: "not measured".into(),
            outcome: Outcome::NotApplicable,
            reason: Some(format!("only {samples} samples: run longer")),
        };
    }
    let judged = server.map(|server| {
        let cores = cores(server);
        #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
        let mean = cores.iter().sum::<f64>() / cores.len() as f64;
        let used = mean / f64::from(server.cores.max(1));
        (used, format!("{} of {} cores ({mean:.2} cores)", percent(used), server.cores))
    });
    of_machine("server CPU", limit, judged)
}

#[expect(clippy::cast_precision_loss, reason = "a share of memory to 15 digits is enough")]
fn memory(server: Option<&ServerResources>, limit: f64) -> Verdict {
    let peak =
        server.and_then(|server| Some((server, server.samples.iter().map(|s| s.rss).max()?)));
    let judged = peak.map(|(server, peak)| {
        let used = peak.0 as f64 / (server.memory_total.0.max(1)) as f64;
        (used, format!("{} at the peak ({peak})", percent(used)))
    });
    of_machine("server memory", limit, judged)
}

fn of_machine(name: &str, limit: f64, judged: Option<(f64, String)>) -> Verdict {
    let (outcome, measured, reason) = match judged {
        Some((used, measured)) => {
            (if used < limit { Outcome::Pass } else { Outcome::Fail }, measured, None)
        }
        None => {
            let why = "the server's process was not sampled: --target-pid or --observe names it";
            (Outcome::NotApplicable, "not measured".to_owned(), Some(why.to_owned()))
        }
    };
    Verdict {
        name: name.to_owned(),
        limit: format!("< {}", percent(limit)),
        measured,
        outcome,
        reason,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share to 15 digits is enough")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
#[path = "targets_tests.rs"]
pub(crate) mod tests;
