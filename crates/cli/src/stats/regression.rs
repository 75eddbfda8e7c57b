//! `victor stats regression`.

use super::input::{Source, Table};
use super::{Interval, print};
use crate::talk::Failure;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde::{Deserialize, Serialize};
use victor_stats::{
    Comparison, ComparisonError, Design, Metric, RegressionFinding, RegressionVerdict,
    regression_verdict,
};
use victor_types::ExitCode;

pub(super) fn command() -> Command {
    Command::new("regression")
        .about("Whether a candidate is slower than its baseline, metric by metric")
        .arg(
            Arg::new("together").long("together").action(ArgAction::SetTrue).help(
                "One verdict for all lines of a file: endpoints of one gate, corrected together",
            ),
        )
}

/// One pair of sides, as it stands in a line of JSON.
#[derive(Debug, Deserialize)]
struct Pair {
    id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    design: Order,
    a: Vec<Vec<f64>>,
    b: Vec<Vec<f64>>,
    ta: Option<Vec<f64>>,
    tb: Option<Vec<f64>>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Interleaved,
    Sequential,
}

#[derive(Debug, Serialize)]
struct Line {
    file: String,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    verdict: &'static str,
    worse: Vec<String>,
    metrics: Vec<MetricLine>,
    drift: Option<f64>,
}

#[derive(Debug, Serialize)]
struct MetricLine {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    metric: &'static str,
    ratio: Interval,
    p_worse: f64,
    p_better: f64,
    margin: f64,
}

pub(super) fn run(source: &Source, matches: &ArgMatches) -> Result<Vec<ExitCode>, Failure> {
    let pairs = if source.is_json() { source.lines::<Pair>()? } else { vec![(1, table(source)?)] };
    let mut comparisons = Vec::new();
    for (line, pair) in pairs {
        let id = pair.id.clone();
        comparisons.push((line, id, comparison(pair).map_err(|error| source.wrong(line, error))?));
    }
    let mut codes = Vec::new();
    if matches.get_flag("together") {
        let all: Vec<Comparison> = comparisons.into_iter().map(|(_, _, pair)| pair).collect();
        codes.push(report(source, 1, None, &all)?);
    } else {
        for (line, id, comparison) in comparisons {
            codes.push(report(source, line, id, &[comparison])?);
        }
    }
    Ok(codes)
}

fn comparison(pair: Pair) -> Result<Comparison, ComparisonError> {
    let design = match pair.design {
        Order::Interleaved => Design::Interleaved,
        Order::Sequential => {
            let places =
                |from: usize, count: usize| (from..from + count).map(|i| i as f64).collect();
            Design::Sequential {
                baseline: pair.ta.unwrap_or_else(|| places(0, pair.a.len())),
                candidate: pair.tb.unwrap_or_else(|| places(pair.a.len(), pair.b.len())),
            }
        }
    };
    let name = pair.name.or(pair.id).unwrap_or_default();
    Comparison::try_new(name, pair.a, pair.b, design)
}

/// Columns `side` (0 for the baseline, 1 for the candidate), `block` and `value`.
fn table(source: &Source) -> Result<Pair, Failure> {
    let table: Table = source.table()?;
    let sides = table.need(&["side"], source)?;
    let blocks = table.need(&["block"], source)?;
    let values = table.need(&["value", "latency_ms"], source)?;
    let mut split: [Vec<(f64, Vec<f64>)>; 2] = [Vec::new(), Vec::new()];
    for (i, ((&side, &block), &value)) in sides.iter().zip(blocks).zip(values).enumerate() {
        let own = match side {
            0.0 => &mut split[0],
            1.0 => &mut split[1],
            _ => {
                let what =
                    format!("`side` is {side}: write 0 for the baseline and 1 for the candidate");
                return Err(source.wrong(i + 2, what));
            }
        };
        match own.iter_mut().find(|(number, _)| number.total_cmp(&block).is_eq()) {
            Some((_, values)) => values.push(value),
            None => own.push((block, vec![value])),
        }
    }
    let [a, b] = split.map(|side| side.into_iter().map(|(_, values)| values).collect());
    Ok(Pair { id: None, name: None, design: Order::Interleaved, a, b, ta: None, tb: None })
}

fn report(
    source: &Source,
    line: usize,
    id: Option<String>,
    comparisons: &[Comparison],
) -> Result<ExitCode, Failure> {
    let finding = regression_verdict(comparisons);
    let (verdict, code) = match finding.verdict() {
        RegressionVerdict::Regression => ("regression", ExitCode::Regression),
        RegressionVerdict::Improved => ("improved", ExitCode::Ok),
        RegressionVerdict::Pass => ("pass", ExitCode::Ok),
        RegressionVerdict::Inconclusive => ("inconclusive", ExitCode::Inconclusive),
    };
    let worse =
        finding.worse().map(|m| format!("{} {}", m.name(), metric(m.metric())).trim().to_owned());
    let worse = worse.collect();
    let metrics = metrics(&finding);
    print(&Line {
        file: source.name(),
        line,
        id,
        verdict,
        worse,
        metrics,
        drift: finding.drift(),
    })?;
    Ok(code)
}

fn metrics(finding: &RegressionFinding) -> Vec<MetricLine> {
    let line = |found: &victor_stats::MetricFinding| MetricLine {
        name: found.name().to_owned(),
        metric: metric(found.metric()),
        ratio: found.ratio().into(),
        p_worse: found.p_worse(),
        p_better: found.p_better(),
        margin: found.metric().margin(),
    };
    finding.metrics().iter().map(line).collect()
}

fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::Typical => "typical",
        Metric::P95 => "p95",
        Metric::P99 => "p99",
    }
}
