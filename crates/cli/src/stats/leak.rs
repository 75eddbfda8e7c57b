//! `victor stats leak`.

use super::input::Source;
use super::{Interval, print};
use crate::talk::Failure;
use clap::{Arg, ArgMatches, Command, value_parser};
use serde::{Deserialize, Serialize};
use victor_stats::{
    Driver, LeakFinding, LeakPolicy, LeakVerdict, MemorySeries, SeriesError, Shape, leak_verdict,
};
use victor_types::ExitCode;

pub(super) fn command() -> Command {
    Command::new("leak")
        .about("Whether memory leaks, with bytes per request")
        .arg(
            Arg::new("least-mb")
                .long("least-mb")
                .value_name("MIB")
                .default_value("1")
                .value_parser(value_parser!(f64))
                .help("Growth over the run that is too little to matter, in MiB"),
        )
        .arg(
            Arg::new("least-share")
                .long("least-share")
                .value_name("SHARE")
                .default_value("0.01")
                .value_parser(value_parser!(f64))
                .help("The same as a share of the median; the larger of both counts"),
        )
}

/// One run, as it stands in a line of JSON.
#[derive(Debug, Deserialize)]
struct Run {
    id: Option<String>,
    dt_s: Option<f64>,
    t_s: Option<Vec<f64>>,
    req: Vec<f64>,
    rss_kib: Option<Vec<f64>>,
    rss_bytes: Option<Vec<f64>>,
    live: Option<Vec<f64>>,
    sessions_done: Option<Vec<f64>>,
}

#[derive(Debug, Serialize)]
struct Line {
    file: String,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    verdict: &'static str,
    growth_bytes: Interval,
    bytes_per_request: Option<Interval>,
    bytes_per_hour: Interval,
    leak_probability: f64,
    no_leak_probability: f64,
    resolution_bytes: f64,
    shape: &'static str,
    driver: &'static str,
    sawtooth_cycles: usize,
    correlation: f64,
    note: &'static str,
}

pub(super) fn run(source: &Source, matches: &ArgMatches) -> Result<Vec<ExitCode>, Failure> {
    let number = |name: &str| matches.get_one::<f64>(name).copied().unwrap_or_default();
    let policy = LeakPolicy::new(number("least-mb") * 1024.0 * 1024.0, number("least-share"));
    let runs = if source.is_json() { source.lines::<Run>()? } else { vec![(1, table(source)?)] };
    let mut codes = Vec::new();
    for (line, run) in runs {
        let id = run.id.clone();
        let series = series(run, source, line)?;
        let finding = leak_verdict(&series, policy);
        print(&describe(source, line, id, &finding))?;
        codes.push(match finding.verdict() {
            LeakVerdict::Leak => ExitCode::Failed,
            LeakVerdict::NoLeak => ExitCode::Ok,
            LeakVerdict::Inconclusive => ExitCode::Inconclusive,
        });
    }
    Ok(codes)
}

fn table(source: &Source) -> Result<Run, Failure> {
    let table = source.table()?;
    let own = |names: &[&str]| table.find(names).map(<[f64]>::to_vec);
    Ok(Run {
        id: None,
        dt_s: None,
        t_s: Some(table.need(&["t_s", "time_s", "time"], source)?.to_vec()),
        req: table.need(&["req", "requests"], source)?.to_vec(),
        rss_kib: own(&["rss_kib"]),
        rss_bytes: own(&["rss_bytes", "memory_bytes"]),
        live: own(&["live"]),
        sessions_done: own(&["sessions_done", "sessions"]),
    })
}

fn series(run: Run, source: &Source, line: usize) -> Result<MemorySeries, Failure> {
    let memory = match (run.rss_kib, run.rss_bytes) {
        (Some(kib), None) => kib.into_iter().map(|kib| kib * 1024.0).collect::<Vec<f64>>(),
        (None, Some(bytes)) => bytes,
        (None, None) => {
            return Err(source.wrong(line, "memory is missing: give `rss_kib` or `rss_bytes`"));
        }
        (Some(_), Some(_)) => {
            return Err(source.wrong(line, "`rss_kib` and `rss_bytes` are the same: give one"));
        }
    };
    let time = match (run.t_s, run.dt_s) {
        (Some(time), _) => time,
        (None, Some(step)) => (1..=memory.len()).map(|i| step * i as f64).collect(),
        (None, None) => return Err(source.wrong(line, "time is missing: give `t_s` or `dt_s`")),
    };
    let wrong = |error: SeriesError| source.wrong(line, error);
    let mut series = MemorySeries::try_new(time, run.req, memory).map_err(wrong)?;
    if let Some(live) = run.live {
        series = series.with_live(live).map_err(wrong)?;
    }
    if let Some(sessions) = run.sessions_done {
        series = series.with_sessions(sessions).map_err(wrong)?;
    }
    Ok(series)
}

fn describe(source: &Source, line: usize, id: Option<String>, finding: &LeakFinding) -> Line {
    Line {
        file: source.name(),
        line,
        id,
        verdict: match finding.verdict() {
            LeakVerdict::Leak => "leak",
            LeakVerdict::NoLeak => "no_leak",
            LeakVerdict::Inconclusive => "inconclusive",
        },
        growth_bytes: finding.growth().into(),
        bytes_per_request: finding.bytes_per_request().map(Interval::from),
        bytes_per_hour: finding.bytes_per_hour().into(),
        leak_probability: finding.leak_probability(),
        no_leak_probability: finding.no_leak_probability(),
        resolution_bytes: finding.resolution(),
        shape: shape(finding.shape()),
        driver: match finding.driver() {
            Driver::Time => "time",
            Driver::Requests => "requests",
            Driver::Sessions => "sessions",
        },
        sawtooth_cycles: finding.cycles(),
        correlation: finding.correlation(),
        note: "a fill with a time constant beyond half of this run cannot be told from a leak",
    }
}

fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Flat => "flat",
        Shape::Step => "step",
        Shape::TwoSteps => "two_steps",
        Shape::Saturating => "saturating",
        Shape::TwoFills => "two_fills",
        Shape::Capped => "capped",
        Shape::Logarithmic => "logarithmic",
        Shape::Linear => "linear",
        Shape::WarmUpLinear => "warm_up_linear",
        Shape::StepLinear => "step_linear",
        Shape::LateLinear => "late_linear",
        Shape::Knee => "knee",
        Shape::Power => "power",
        Shape::Doubling => "doubling",
    }
}
