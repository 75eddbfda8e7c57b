//! Diagnosis: rules over the evidence of a run. Each says what is the matter, shows the numbers and
//! names what to do.

use crate::amount::{count, percent};
use victor_types::{FailureKind, FailureRow, Finding, Histogram, Millis, RunReport};

/// All rules that apply, gravest first.
pub(crate) fn diagnose(report: &RunReport) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut told: Vec<FailureKind> = Vec::new();
    for row in &report.failures {
        if !told.contains(&row.kind) {
            told.push(row.kind);
            let same: Vec<&FailureRow> =
                report.failures.iter().filter(|other| other.kind == row.kind).collect();
            findings.extend(of_failure(row.kind, &same));
        }
    }
    findings.extend(cpu_bound(report));
    findings.extend(fake_streams(report));
    findings
}

/// What a way of failing means; `rows` are all that failed so.
fn of_failure(kind: FailureKind, rows: &[&FailureRow]) -> Option<Finding> {
    let (what, advice) = match kind {
        FailureKind::HttpStatus(404 | 405) => (
            "the chat path is not there: the server answers, but not to POST /api/v1/chat or the path of --api",
            "check --host (a path in it is put before /api/v1/chat), or start `victor serve`; the \
             server may speak another API (--api)",
        ),
        FailureKind::HttpStatus(401 | 403) => (
            "the server wants a key, or refuses the one it got",
            "set VICTOR_API_KEY or --api-key to a key that the server knows",
        ),
        FailureKind::HttpStatus(400 | 415 | 422) => (
            "the server refuses the request body",
            "it expects other fields than {message, session_id, context}: the server speaks another \
             API, or refuses --provider or --model",
        ),
        FailureKind::HttpStatus(429) => (
            "the server limits the rate",
            "offer less, raise the server's limit, or read this as its capacity by configuration",
        ),
        FailureKind::HttpStatus(503) => (
            "the server sheds load",
            "its admission limit is reached: compare the rate here with the one wanted",
        ),
        FailureKind::Connect => (
            "the server stopped accepting connections",
            "see whether its process died or its backlog is full",
        ),
        FailureKind::Cut => (
            "answers broke off before their end",
            "see whether the server's process died or a proxy between has a time limit",
        ),
        FailureKind::WrongSession => (
            "users got answers that belong to other sessions",
            "a release blocker: look for state shared between requests; the offending pairs are \
             listed with the failures",
        ),
        FailureKind::LostContext => (
            "facts told earlier in a session were forgotten",
            "look at session expiry, history limits and compaction",
        ),
        FailureKind::ErrorIn200 => (
            "errors were sent with a success status",
            "monitoring by status sees none of them: send a 5xx, or watch the body",
        ),
        FailureKind::ToolNotRun => (
            "tools that were asked for did not run",
            "see whether the server offers tools and may use its workspace",
        ),
        FailureKind::GeneratorOverload => (
            "this machine ran out of sockets, ports or files",
            "raise `ulimit -n`, or use fewer users",
        ),
        _ => return None,
    };
    let example = rows.iter().flat_map(|row| &row.exemplars).next();
    let example = example.map(|kept| format!("; for example: {}", kept.excerpt));
    let turns: u64 = rows.iter().map(|row| row.count).sum();
    let names: Vec<&str> = rows.iter().map(|row| row.key.name.as_str()).collect();
    let first = rows.iter().map(|row| row.first_seen.0).fold(f64::INFINITY, f64::min);
    let last = rows.iter().map(|row| row.last_seen.0).fold(0.0, f64::max);
    let evidence = format!(
        "{} turn{} of {} between {first:.1} s and {last:.1} s{}",
        count(turns),
        if turns == 1 { "" } else { "s" },
        names.join(", "),
        example.unwrap_or_default()
    );
    Some(Finding { what: what.to_owned(), evidence, advice: advice.to_owned() })
}

/// Most streams long enough to tell came in one piece.
fn fake_streams(report: &RunReport) -> Option<Finding> {
    let streaming = report.total.streaming.as_ref()?;
    let (whole, long) = (streaming.in_one_piece, streaming.long);
    let first = report.total.first_token.percentiles.iter().find(|at| at.percent >= 50.0)?;
    (long >= 5 && 2 * whole > long).then(|| Finding {
        what: "streams come in one piece".to_owned(),
        evidence: format!(
            "all content of {} of {} streams of 8 tokens or more came with one read; the median \
             time to first token, {}, is the time of the whole answer",
            count(whole),
            count(long),
            first.value
        ),
        advice: "see whether the server makes the answer before it sends it, or a proxy between \
                 collects it (nginx: `proxy_buffering off`); users wait for the last token"
            .to_owned(),
    })
}

/// The server uses over 80 % of the machine and its p95 rose by a fifth from the first third of
/// the run to the last.
fn cpu_bound(report: &RunReport) -> Option<Finding> {
    let server = report.server.as_ref()?;
    let late = &server.samples[server.samples.len() / 2..];
    if late.len() < 3 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
    let mean = late.iter().map(|sample| sample.cpu_cores).sum::<f64>() / late.len() as f64;
    let used = mean / f64::from(server.cores.max(1));
    let third = report.history.len() / 3;
    let p95 = |from: usize, to: usize| {
        let mut pooled = Histogram::default();
        report.history[from..to].iter().for_each(|point| pooled.merge(&point.latency));
        victor_stats::percentile(&pooled, 0.95).map(Millis::from_micros)
    };
    let (first, last) = (p95(0, third)?, p95(report.history.len() - third, report.history.len())?);
    (used > 0.8 && last.0 > first.0 * 1.2).then(|| Finding {
        what: "the server is short of CPU".to_owned(),
        evidence: format!(
            "it used {} of {} cores while p95 rose from {first} to {last}",
            percent(used),
            server.cores
        ),
        advice:
            "give it more cores or instances, or profile it; the generator on the same machine \
                 takes its share too"
                .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;
    use victor_types::{
        Bytes, Exemplar, ProcessSample, RowKey, Seconds, ServerResources, Streaming,
    };

    fn failing(kind: FailureKind) -> FailureRow {
        FailureRow {
            key: RowKey { name: "/api/v1/chat (simple)".into(), method: "POST".into() },
            kind,
            count: 7,
            first_seen: Seconds(1.0),
            last_seen: Seconds(9.0),
            exemplars: vec![Exemplar { excerpt: "Not Found".into(), ..Exemplar::default() }],
        }
    }

    #[test]
    fn each_way_of_failing_is_explained_once() {
        let mut report = report(100, 14);
        let missing = failing(FailureKind::HttpStatus(404));
        report.failures = vec![missing.clone(), missing, failing(FailureKind::EmptyAnswer)];
        let found = diagnose(&report);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("chat path"));
        assert!(found[0].evidence.contains("14 turns") && found[0].evidence.contains("Not Found"));
        assert!(found[0].advice.contains("--host"));
    }

    #[test]
    fn streams_in_one_piece_are_no_streams() {
        let mut report = report(100, 0);
        report.total.first_token = report.total.latency.clone();
        let streams =
            |in_one_piece| Some(Streaming { long: 100, in_one_piece, ..Streaming::default() });
        report.total.streaming = streams(50);
        assert_eq!(diagnose(&report), [], "half of them is not most");
        report.total.streaming = streams(51);
        let found = diagnose(&report);
        assert_eq!(found[0].what, "streams come in one piece");
        assert!(found[0].evidence.contains("51 of 100"), "{}", found[0].evidence);
    }

    #[test]
    fn a_busy_and_slowing_server_is_short_of_cpu() {
        let mut report = report(4000, 0);
        let sample = ProcessSample { cpu_cores: 1.9, ..ProcessSample::default() };
        report.server = Some(ServerResources {
            pid: 1,
            command: "s".into(),
            cores: 2,
            memory_total: Bytes(1),
            samples: vec![sample; 20],
            ..ServerResources::default()
        });
        assert_eq!(diagnose(&report), [], "busy alone is no fault");
        for (at, point) in report.history.iter_mut().enumerate() {
            point.latency = [(10_000 + 1000 * at as u64, 100)].into_iter().collect();
        }
        assert_eq!(diagnose(&report)[0].what, "the server is short of CPU");
    }
}
