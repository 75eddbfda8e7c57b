//! From simulated turns to a run report.

use crate::simulation::{END, Random, SPAWN_RATE, TASKS, Turn, USERS, turns};
use crate::statistics::{distribution, histogram};
use crate::words;
use victor_types::{
    ActivitySample, Bytes, EndReason, Exemplar, FailureKind, FailureRow, GeneratorHealth,
    HistoryPoint, HostSample, MemorySample, MetricsSample, Millis, ObserverCost, OtherHalf,
    PerSecond, ProcessSample, REPORT_VERSION, RequestRow, RowKey, RunInfo, RunReport, Seconds,
    ServerResources, SocketCounts, Tool, Validity, Warning,
};

const SEED: u64 = 20_261_123;

/// The golden run report.
pub(crate) fn report() -> RunReport {
    let mut random = Random::seeded(SEED);
    let turns = turns(&mut random);
    let mut rows: Vec<RequestRow> = (0..TASKS.len())
        .map(|task| row(key(task), &turns.iter().filter(|t| t.task == task).collect::<Vec<_>>()))
        .collect();
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    let total = RowKey { name: "Aggregated".into(), method: String::new() };
    let total = row(total, &turns.iter().collect::<Vec<_>>());
    let server = server(&turns, &mut random);
    let incomplete = Warning::Incomplete {
        count: total.incomplete,
        share: total.incomplete as f64 / total.sent as f64,
    };
    RunReport {
        version: REPORT_VERSION,
        tool: Tool { name: "victor".into(), version: "0.1.0".into() },
        run: run_info(),
        verdicts: words::verdicts(&total, &server),
        findings: words::findings(&total),
        failures: failures(&turns),
        judged: None,
        steady_from: None,
        history: (1..=END / 1_000_000).map(|second| point(&turns, second * 1_000_000)).collect(),
        server: Some(server),
        generator: GeneratorHealth {
            shards: 1,
            cpu: 0.041,
            ticker_late_p99: Millis(0.62),
            rss_peak: Bytes(21 << 20),
            slip_p99: None,
            ..GeneratorHealth::default()
        },
        validity: Validity::new(vec![incomplete]),
        rows,
        total,
    }
}

fn key(task: usize) -> RowKey {
    RowKey { name: TASKS[task].name.into(), method: "POST".into() }
}

fn run_info() -> RunInfo {
    RunInfo {
        id: "7f3a9c21".into(),
        host: "http://localhost:8000".into(),
        api: None,
        classes: vec![("VictorLoadTest".into(), USERS)],
        users: USERS,
        spawn_rate: Some(PerSecond(SPAWN_RATE as f64)),
        arrival_rate: None,
        run_time: Some(Seconds(30.0)),
        seed: SEED,
        started_at: "2026-11-23T08:51:00.000Z".into(),
        ended_at: "2026-11-23T08:51:30.000Z".into(),
        duration: Seconds(END as f64 / 1e6),
        end: EndReason::RunTime,
    }
}

fn row(key: RowKey, turns: &[&Turn]) -> RequestRow {
    let of = |keep: fn(&Turn) -> bool| turns.iter().copied().filter(move |turn| keep(turn));
    let count = |keep| of(keep).count() as u64;
    let (succeeded, failed) = (count(Turn::succeeded), count(Turn::failed));
    let bytes: u64 = of(|turn| !turn.is_incomplete()).map(|turn| turn.bytes).sum();
    let seconds = END as f64 / 1e6;
    let successes =
        |value: fn(&Turn) -> u64| distribution(histogram(of(Turn::succeeded).map(value)), failed);
    RequestRow {
        key,
        sent: turns.len() as u64,
        succeeded,
        failed,
        incomplete: count(Turn::is_incomplete),
        incomplete_age_min: of(Turn::is_incomplete)
            .map(|turn| END - turn.planned)
            .min()
            .map(Millis::from_micros),
        throughput: PerSecond(succeeded as f64 / seconds),
        failure_rate: PerSecond(failed as f64 / seconds),
        mean_bytes: bytes as f64 / (succeeded + failed) as f64,
        latency: successes(Turn::latency),
        service: successes(|turn| turn.latency() - turn.queued),
        first_byte: successes(|turn| turn.first_byte),
        first_token: distribution(histogram(std::iter::empty()), 0),
        output_tokens: of(Turn::succeeded).map(|turn| turn.tokens).sum(),
        tokens: None,
        streaming: None,
        goodput: None,
        failed_latency: histogram(of(Turn::failed).map(Turn::latency)),
        retries: 0,
    }
}

fn point(turns: &[Turn], end: u64) -> HistoryPoint {
    let start = end - 1_000_000;
    let within = |at: u64| at >= start && at < end;
    let ended = |keep: fn(&Turn) -> bool| {
        turns.iter().filter(move |turn| keep(turn) && within(turn.done.min(END - 1)))
    };
    HistoryPoint {
        at: Seconds(end as f64 / 1e6),
        window: Seconds(1.0),
        users: USERS.min(end / 1_000_000 * SPAWN_RATE),
        in_flight: turns.iter().filter(|t| t.planned < end && t.done >= end).count() as u64,
        sent: turns.iter().filter(|turn| within(turn.planned)).count() as u64,
        succeeded: ended(Turn::succeeded).count() as u64,
        failed: ended(Turn::failed).count() as u64,
        received: Bytes(ended(|turn| !turn.is_incomplete()).map(|turn| turn.bytes).sum()),
        latency: histogram(ended(Turn::succeeded).map(Turn::latency)),
    }
}

fn failures(turns: &[Turn]) -> Vec<FailureRow> {
    let mut rows: Vec<FailureRow> = Vec::new();
    for turn in turns.iter().filter(|turn| turn.failed()) {
        let (Some(kind), key) = (turn.failure, key(turn.task)) else { continue };
        let at = Seconds(turn.done as f64 / 1e6);
        let found = rows.iter().position(|row| row.key == key && row.kind == kind);
        let index = found.unwrap_or_else(|| {
            rows.push(FailureRow {
                key,
                kind,
                count: 0,
                first_seen: at,
                last_seen: at,
                exemplars: Vec::new(),
            });
            rows.len() - 1
        });
        let row = &mut rows[index];
        row.count += 1;
        row.last_seen = Seconds(row.last_seen.0.max(at.0));
        if row.exemplars.len() < 2 {
            row.exemplars.push(exemplar(turn, kind, row.count));
        }
    }
    rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    rows
}

fn exemplar(turn: &Turn, kind: FailureKind, number: u64) -> Exemplar {
    let other = (turn.user + 17) % USERS;
    let wrong = kind == FailureKind::WrongSession;
    Exemplar {
        kind: Some(kind),
        request_id: format!("7f3a9c21-{:02}-{:03}", turn.user, turn.planned / 10_000 % 1000),
        session_id: wrong.then(|| format!("7f3a9c21-s{:02}", turn.user)),
        at: Seconds(turn.done as f64 / 1e6),
        latency: Millis::from_micros(turn.latency()),
        excerpt: if wrong {
            format!("You said: message {number} of MARK-7f3a9c21-{other:02}. Is there more?")
        } else {
            r#"503 Service Unavailable: {"error":"queue is full","retry_after":1}"#.into()
        },
        expected: wrong.then(|| format!("MARK-7f3a9c21-{:02}", turn.user)),
        other: wrong.then(|| OtherHalf {
            marker: format!("MARK-7f3a9c21-{other:02}"),
            session_id: format!("7f3a9c21-s{other:02}"),
        }),
    }
}

fn server(turns: &[Turn], random: &mut Random) -> ServerResources {
    let sample = |second: u64| {
        let (start, end) = ((second - 1) * 1_000_000, second * 1_000_000);
        let served = turns.iter().filter(|t| t.done >= start && t.done < end).count() as u64;
        let users = USERS.min(second * SPAWN_RATE);
        ProcessSample {
            at: Seconds(second as f64),
            cpu_cores: (served * 21 + random.between(8, 60)) as f64 / 1000.0,
            rss: Bytes((39 << 20) + users * 98_304 + second * 12_288),
            threads: 4,
            fds: Some(12 + u32::try_from(users).expect("few users")),
            cpu_system: Some((served * 6) as f64 / 1000.0),
            processes: Some(1),
            memory: Some(MemorySample {
                anonymous: Some(Bytes((27 << 20) + users * 98_304 + second * 12_288)),
                swap: Some(Bytes(0)),
                // Read seldom.
                pss: (second % 5 == 1).then_some(Bytes((37 << 20) + users * 98_304)),
                uss: (second % 5 == 1).then_some(Bytes((36 << 20) + users * 98_304)),
            }),
            activity: Some(ActivitySample {
                voluntary_switches: Some(PerSecond((served * 9) as f64)),
                involuntary_switches: Some(PerSecond(second as f64)),
                minor_faults: Some(PerSecond((served * 2) as f64)),
                major_faults: Some(PerSecond(0.0)),
                ..ActivitySample::default()
            }),
            sockets: (second % 5 == 1).then(|| SocketCounts {
                established: u32::try_from(users).ok(),
                listening: Some(1),
                waiting_accept: Some(0),
                ..SocketCounts::default()
            }),
            host: Some(HostSample {
                cpu_cores: Some((served * 40) as f64 / 1000.0),
                steal_cores: Some(0.02),
                memory_available: Some(Bytes(5 << 30)),
                cpu_pressure: Some(0.03),
                ..HostSample::default()
            }),
            cgroup: None,
            metrics: Some(MetricsSample {
                live_sessions: Some(users as f64),
                ..MetricsSample::default()
            }),
        }
    };
    ServerResources {
        pid: 4711,
        command: "victor".into(),
        cores: 4,
        memory_total: Bytes(8 << 30),
        samples: (1..=END / 1_000_000).map(sample).collect(),
        observer: None,
        metrics: Some("http://127.0.0.1:8000/metrics".into()),
        cost: Some(ObserverCost {
            cpu: Seconds(0.021),
            cpu_cores: 0.0007,
            longest_read: Millis(1.9),
            samples: END / 1_000_000,
            skipped: 0,
        }),
    }
}
