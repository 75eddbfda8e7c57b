//! Verdicts and findings on the golden run: one verdict of every outcome.

use victor_types::{
    Finding, Interval, Outcome, PercentileValue, RequestRow, ServerResources, Verdict,
};

pub(crate) fn verdicts(total: &RequestRow, server: &ServerResources) -> Vec<Verdict> {
    let mut verdicts =
        vec![latency(total, 50.0, 100.0), latency(total, 95.0, 300.0), latency(total, 99.0, 500.0)];
    let finished = total.succeeded + total.failed;
    verdicts.push(Verdict {
        name: "error rate".into(),
        limit: "< 1 %".into(),
        measured: format!(
            "{:.2} % ({} of {finished})",
            total.failed as f64 / finished as f64 * 100.0,
            total.failed
        ),
        outcome: Outcome::Fail,
        reason: Some("up to 5 % is acceptable under stress only".into()),
    });
    verdicts.push(Verdict {
        name: "throughput".into(),
        limit: "> 100 turns/s".into(),
        measured: format!("{:.1} turns/s", total.throughput.0),
        outcome: Outcome::NotApplicable,
        reason: Some(
            "this mix can offer at most 23.9 turns/s: 50 users wait 2 s on average".into(),
        ),
    });
    let peak = server.samples.iter().map(|s| s.cpu_cores).fold(0.0, f64::max);
    verdicts.push(Verdict {
        name: "server CPU".into(),
        limit: "< 70 % of 4 cores".into(),
        measured: format!("{peak:.2} cores at the peak"),
        outcome: Outcome::Invalid,
        reason: Some(
            "another process used 3.1 cores during the run, so the server's share cannot be told"
                .into(),
        ),
    });
    verdicts
}

/// A percentile counts failures as infinitely slow, so it can fall among them.
fn latency(total: &RequestRow, percent: f64, limit: f64) -> Verdict {
    let value = total.latency.percentiles.iter().find(|p| (p.percent - percent).abs() < 1e-9);
    let PercentileValue { adjusted, interval, .. } = value.expect("a percentile of Locust's");
    let (measured, outcome) = match (adjusted, interval) {
        (Some(value), Some(Interval { low, high: Some(high) })) => (
            format!("{value} ({low} to {high})"),
            if high.0 < limit { Outcome::Pass } else { Outcome::Inconclusive },
        ),
        _ => ("falls among the failed turns".into(), Outcome::Fail),
    };
    let reason = match outcome {
        Outcome::Inconclusive => Some("the interval holds the limit; run 4 times as long"),
        Outcome::Fail => Some("more than 1 % of the turns failed, and a failure is never fast"),
        _ => None,
    };
    Verdict {
        name: format!("latency p{percent:.0}"),
        limit: format!("< {limit:.0} ms"),
        measured,
        outcome,
        reason: reason.map(str::to_owned),
    }
}

pub(crate) fn findings(total: &RequestRow) -> Vec<Finding> {
    vec![Finding {
        what: "the server refused turns for two seconds and recovered by itself".into(),
        evidence: format!(
            "most of the {} failures are status 503 with \"queue is full\", 12 s to 14 s into the \
             run, with an idle server before and after",
            total.failed
        ),
        advice: "raise VICTOR_MAX_CONCURRENT_REQUESTS, or let users retry after Retry-After".into(),
    }]
}
