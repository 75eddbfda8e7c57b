//! Reports made up for the tests of verdicts.

use super::*;
use victor_plan::{ClassShare, Load, Mix, SpawnSchedule};
use victor_stats::interval_with_design_effect;
use victor_types::{
    Bytes, Distribution, EndReason, GeneratorHealth, Histogram, HistoryPoint, PercentileValue,
    ProcessSample, REPORT_VERSION, RequestRow, RowKey, RunInfo, Seconds, Tool, Validity, Warning,
};

/// 20 s with 10 users in which `succeeded` turns took 1 to 100 ms, evenly spread over values and
/// time, and `failed` turns failed.
pub(crate) fn report(succeeded: u64, failed: u64) -> RunReport {
    let latency =
        |n: u64| -> Histogram { (0..n).map(|i| (1000 * (1 + (i * 37) % 100), 1)).collect() };
    let part = |all: u64, at: u64| all * (at + 1) / 20 - all * at / 20;
    let point = |at: u64| HistoryPoint {
        #[expect(clippy::cast_precision_loss, reason = "seconds of a test")]
        at: Seconds(at as f64 + 1.0),
        window: Seconds(1.0),
        users: 10,
        in_flight: 1,
        sent: part(succeeded, at) + part(failed, at),
        succeeded: part(succeeded, at),
        failed: part(failed, at),
        received: Bytes(0),
        latency: latency(part(succeeded, at)),
    };
    let history: Vec<HistoryPoint> = (0..20).map(point).collect();
    let mut histogram = Histogram::default();
    history.iter().for_each(|point| histogram.merge(&point.latency));
    #[expect(clippy::cast_precision_loss, reason = "counts of a test")]
    let throughput = PerSecond(succeeded as f64 / 20.0);
    RunReport {
        version: REPORT_VERSION,
        tool: Tool { name: "victor".into(), version: "0".into() },
        run: RunInfo {
            id: "ab".into(),
            host: "http://localhost:8000".into(),
            api: None,
            classes: vec![("SessionUser".into(), 10)],
            users: 10,
            spawn_rate: Some(PerSecond(10.0)),
            arrival_rate: None,
            run_time: Some(Seconds(20.0)),
            seed: 1,
            started_at: String::new(),
            ended_at: String::new(),
            duration: Seconds(20.0),
            end: EndReason::RunTime,
        },
        total: row(histogram, succeeded, failed, throughput),
        rows: Vec::new(),
        failures: Vec::new(),
        history,
        judged: None,
        steady_from: None,
        server: None,
        generator: GeneratorHealth::default(),
        validity: Validity::default(),
        verdicts: Vec::new(),
        findings: Vec::new(),
    }
}

fn row(histogram: Histogram, succeeded: u64, failed: u64, throughput: PerSecond) -> RequestRow {
    let value = |percent: f64| {
        let q = percent / 100.0;
        Some(PercentileValue {
            percent,
            value: Millis::from_micros(victor_stats::percentile(&histogram, q)?),
            interval: interval_with_design_effect(&histogram, q, 1.0),
            adjusted: victor_stats::adjusted_percentile(&histogram, failed, q)
                .map(Millis::from_micros),
        })
    };
    let percentiles = [50.0, 95.0, 99.0].into_iter().filter_map(value).collect();
    RequestRow {
        key: RowKey { name: "Aggregated".into(), method: String::new() },
        sent: succeeded + failed,
        succeeded,
        failed,
        incomplete: 0,
        incomplete_age_min: None,
        throughput,
        failure_rate: PerSecond(0.0),
        mean_bytes: 0.0,
        latency: Distribution {
            count: succeeded,
            percentiles,
            histogram,
            ..Distribution::default()
        },
        service: Distribution::default(),
        first_byte: Distribution::default(),
        first_token: Distribution::default(),
        output_tokens: 0,
        tokens: None,
        streaming: None,
        goodput: None,
        failed_latency: Histogram::default(),
        retries: 0,
    }
}

fn offer(class: &str) -> Offer {
    let mix = Mix::try_new(vec![ClassShare::weighted(class, 1)]).expect("mix");
    Offer::of(
        &Load::Closed(SpawnSchedule::try_new(10, 10.0).expect("schedule")),
        &mix,
        Seconds(20.0),
    )
}

fn outcomes(report: &RunReport, class: &str) -> Vec<(String, Outcome)> {
    let verdicts = judge(report, &Targets::default(), offer(class));
    verdicts.into_iter().map(|verdict| (verdict.name, verdict.outcome)).collect()
}

fn outcome(report: &RunReport, name: &str) -> Outcome {
    let all = outcomes(report, "SessionUser");
    all.into_iter().find(|(found, _)| found == name).expect("judged").1
}

#[test]
fn a_good_run_passes_and_what_was_not_measured_is_said() {
    let good = report(2000, 0);
    for name in ["latency p50", "latency p95", "latency p99", "error rate"] {
        assert_eq!(outcome(&good, name), Outcome::Pass, "{name}");
    }
    for name in ["throughput", "server CPU", "server memory"] {
        assert_eq!(outcome(&good, name), Outcome::NotApplicable, "{name}");
    }
}

#[test]
fn too_few_turns_are_not_a_pass() {
    let short = report(100, 0);
    assert_eq!(outcome(&short, "latency p99"), Outcome::Inconclusive);
    assert_eq!(outcome(&short, "error rate"), Outcome::Inconclusive);
    let verdicts = judge(&short, &Targets::default(), offer("SessionUser"));
    let p99 = verdicts.iter().find(|verdict| verdict.name == "latency p99").expect("judged");
    assert_eq!(
        p99.reason.as_deref(),
        Some("100 turns measured; about 299 would decide: run longer")
    );
    assert_eq!(outcome(&report(0, 0), "latency p50"), Outcome::Inconclusive);
}

#[test]
fn failures_fail_the_error_rate_and_the_percentiles_they_reach() {
    let bad = report(1800, 200);
    assert_eq!(outcome(&bad, "error rate"), Outcome::Fail);
    assert_eq!(outcome(&bad, "latency p95"), Outcome::Fail, "a tenth is infinitely slow");
    assert_eq!(outcome(&bad, "latency p50"), Outcome::Pass);
    assert_eq!(outcome(&report(0, 50), "latency p50"), Outcome::Fail, "a dead target never passes");
}

#[test]
fn an_outage_fails_though_it_is_one_event() {
    let mut run = report(1000, 1000);
    for (at, point) in run.history.iter_mut().enumerate() {
        (point.succeeded, point.failed) = if at < 10 { (100, 0) } else { (0, 100) };
        if at >= 10 {
            point.latency = Histogram::default();
        }
    }
    for name in ["error rate", "latency p95", "latency p99"] {
        assert_eq!(outcome(&run, name), Outcome::Fail, "{name}");
    }
    assert_eq!(outcome(&run, "latency p50"), Outcome::Inconclusive, "half the turns is no proof");
}

#[test]
fn slow_answers_fail() {
    let strict = Targets { p50: Some(Millis(20.0)), ..Targets::default() };
    let verdicts = judge(&report(2000, 0), &strict, offer("SessionUser"));
    assert_eq!((verdicts[0].name.as_str(), verdicts[0].outcome), ("latency p50", Outcome::Fail));
}

#[test]
fn waiting_users_are_judged_by_what_they_offer() {
    // 10 users with 2 s of wait and 0.05 s of latency offer 4.9 turns a second, so 97.6 in 20 s and
    // half a turn for each start.
    for (turns, expected) in [(103, Outcome::Pass), (60, Outcome::Fail)] {
        let run = report(turns, 0);
        let all = outcomes(&run, "VictorLoadTest");
        let served = all.iter().find(|(name, _)| name == "offered load served").expect("judged");
        let throughput = all.iter().find(|(name, _)| name == "throughput").expect("judged");
        assert_eq!((served.1, throughput.1), (expected, Outcome::NotApplicable), "{turns} turns");
    }
}

#[test]
fn an_open_load_is_judged_by_what_was_due() {
    for (turns, expected) in [(1000, Outcome::Pass), (900, Outcome::Fail)] {
        let offer = Offer::Arriving { turns: 1000.0, variation: 0.0 };
        let verdicts = judge(&report(turns, 0), &Targets::default(), offer);
        let served = verdicts.iter().find(|v| v.name == "offered load served").expect("judged");
        assert_eq!(served.outcome, expected, "{turns} of 1000");
    }
}

#[test]
fn hundred_users_without_wait_are_judged_by_throughput() {
    for (turns, expected) in [(4000, Outcome::Pass), (1000, Outcome::Fail)] {
        let mut run = report(turns, 0);
        run.run.users = 100;
        run.history.iter_mut().for_each(|point| point.users = 100);
        assert_eq!(outcome(&run, "throughput"), expected, "{turns} turns in 20 s");
    }
}

#[test]
fn the_servers_share_of_the_machine_is_judged() {
    let mut run = report(2000, 0);
    let sample =
        |cpu_cores| ProcessSample { cpu_cores, rss: Bytes(900), ..ProcessSample::default() };
    run.server = Some(ServerResources {
        pid: 1,
        command: "victor".into(),
        cores: 2,
        memory_total: Bytes(1000),
        samples: vec![sample(1.0), sample(1.2), sample(1.1)],
        ..ServerResources::default()
    });
    assert_eq!(outcome(&run, "server CPU"), Outcome::Pass);
    assert_eq!(outcome(&run, "server memory"), Outcome::Fail);
}

#[test]
fn an_invalid_run_has_no_verdict() {
    let mut run = report(2000, 0);
    run.validity = Validity::new(vec![Warning::GeneratorCpu { share: 0.99 }]);
    assert_eq!(outcome(&run, "latency p50"), Outcome::Invalid);
    assert_eq!(outcome(&run, "throughput"), Outcome::NotApplicable);
}

#[test]
fn targets_that_are_off_are_not_judged() {
    let none = Targets {
        p50: None,
        p95: None,
        p99: None,
        throughput: None,
        error_rate: None,
        cpu: None,
        memory: None,
    };
    assert_eq!(judge(&report(10, 0), &none, offer("SessionUser")), []);
}
