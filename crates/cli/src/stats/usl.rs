//! `victor stats usl`.

use super::input::Source;
use super::{Interval, print};
use crate::talk::Failure;
use clap::{Arg, ArgMatches, Command};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use victor_stats::{UslFit, UslLoss, usl};
use victor_types::ExitCode;

pub(super) fn command() -> Command {
    Command::new("usl").about("Capacity from levels of concurrency: the Universal Scalability Law").arg(
        Arg::new("loss")
            .long("loss")
            .value_parser(["relative", "absolute"])
            .default_value("relative")
            .help("What the fit makes small: relative errors, or absolute ones as in most publications"),
    )
}

/// Levels, as they stand in JSON.
#[derive(Debug, Deserialize)]
struct Levels {
    id: Option<String>,
    data: Vec<(f64, f64)>,
}

/// One set of levels a line, or one document with sets by name.
#[derive(Debug, Deserialize)]
struct Named {
    data: Vec<(f64, f64)>,
}

#[derive(Debug, Serialize)]
struct Line {
    file: String,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    verdict: &'static str,
    loss: &'static str,
    gamma: Interval,
    alpha: Interval,
    beta: Interval,
    peak_concurrency: Option<Interval>,
    peak_throughput: Option<f64>,
    asymptote: Option<f64>,
    worst_residual: f64,
    doubts: Vec<String>,
}

pub(super) fn run(source: &Source, matches: &ArgMatches) -> Result<Vec<ExitCode>, Failure> {
    let (loss, name) = match matches.get_one::<String>("loss").map(String::as_str) {
        Some("absolute") => (UslLoss::Absolute, "absolute"),
        _ => (UslLoss::Relative, "relative"),
    };
    let mut codes = Vec::new();
    for (line, id, data) in levels(source)? {
        let fit = usl(&data, loss).map_err(|error| source.wrong(line, error))?;
        print(&describe(source, line, id, name, &fit))?;
        codes.push(ExitCode::Ok);
    }
    Ok(codes)
}

type Set = (usize, Option<String>, Vec<(f64, f64)>);

fn levels(source: &Source) -> Result<Vec<Set>, Failure> {
    if !source.is_json() {
        let table = source.table()?;
        let users = table.need(&["concurrency", "users", "n"], source)?;
        let throughput = table.need(&["throughput", "x"], source)?;
        let pairs = users.iter().copied().zip(throughput.iter().copied());
        return Ok(vec![(1, None, pairs.collect())]);
    }
    if let Ok(named) = serde_json::from_str::<BTreeMap<String, Named>>(source.text()) {
        return Ok(named.into_iter().map(|(id, set)| (1, Some(id), set.data)).collect());
    }
    let lines = source.lines::<Levels>()?;
    Ok(lines.into_iter().map(|(line, set)| (line, set.id, set.data)).collect())
}

fn describe(
    source: &Source,
    line: usize,
    id: Option<String>,
    loss: &'static str,
    fit: &UslFit,
) -> Line {
    let worst = fit.residuals().iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
    Line {
        file: source.name(),
        line,
        id,
        verdict: if fit.doubts().is_empty() { "trusted" } else { "doubtful" },
        loss,
        gamma: fit.gamma().into(),
        alpha: fit.alpha().into(),
        beta: fit.beta().into(),
        peak_concurrency: fit.peak().map(|peak| peak.concurrency.into()),
        peak_throughput: fit.peak().map(|peak| peak.throughput),
        asymptote: fit.asymptote(),
        worst_residual: worst.unwrap_or_default(),
        doubts: fit.doubts().iter().map(ToString::to_string).collect(),
    }
}
