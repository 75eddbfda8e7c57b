//! `victor stats changes` and `victor stats percentile`: one column of numbers.

use super::input::Source;
use super::print;
use crate::talk::Failure;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde::{Deserialize, Serialize};
use victor_stats::{change_points, percentile_interval, steady_from};
use victor_types::{ExitCode, Histogram};

/// Blocks that values are cut into for their serial correlation.
const BLOCKS: usize = 60;

pub(super) fn changes_command() -> Command {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name).long(name).default_value(default).value_parser(value_parser!(f64)).help(help)
    };
    Command::new("changes")
        .about("Where the level of a series changes, and from where on it is steady")
        .arg(column())
        .arg(number("chance", "0.01", "The probability of a change being none that is accepted"))
        .arg(number(
            "least",
            "0.05",
            "The smallest change that matters, as a share of the level before",
        ))
}

pub(super) fn percentile_command() -> Command {
    Command::new("percentile")
        .about("Percentiles of latencies in ms, in the order measured, with intervals")
        .arg(column())
        .arg(
            Arg::new("quantile")
                .short('q')
                .long("quantile")
                .action(ArgAction::Append)
                .value_parser(value_parser!(f64))
                .default_values(["0.5", "0.95", "0.99"])
                .help("Quantile between 0 and 1; may be given several times"),
        )
}

fn column() -> Arg {
    Arg::new("column")
        .long("column")
        .value_name("NAME")
        .help("The CSV column to read; without it `value`, or the only one")
}

/// A series with a name, as it stands in a line of JSON; one without is a bare array.
#[derive(Debug, Deserialize)]
struct Named {
    id: Option<String>,
    values: Vec<f64>,
}

#[derive(Debug, Serialize)]
struct ChangesLine {
    file: String,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    verdict: &'static str,
    changes: Vec<Change>,
    steady_from: Option<usize>,
    count: usize,
}

#[derive(Debug, Serialize)]
struct Change {
    index: usize,
    before: f64,
    after: f64,
    chance: f64,
}

#[derive(Debug, Serialize)]
struct PercentileLine {
    file: String,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    quantile: f64,
    value_ms: f64,
    low_ms: f64,
    high_ms: Option<f64>,
    count: usize,
    effective_count: f64,
    design_effect: f64,
}

pub(super) fn changes(source: &Source, matches: &ArgMatches) -> Result<Vec<ExitCode>, Failure> {
    let number = |name: &str| matches.get_one::<f64>(name).copied().unwrap_or_default();
    for (line, id, values) in read(source, matches)? {
        let found = change_points(&values, number("chance"), number("least"));
        let changes: Vec<Change> = found
            .iter()
            .map(|change| Change {
                index: change.index(),
                before: change.before(),
                after: change.after(),
                chance: change.chance(),
            })
            .collect();
        let verdict = if changes.is_empty() { "no_change" } else { "changed" };
        let (steady_from, count) = (steady_from(&values), values.len());
        print(&ChangesLine {
            file: source.name(),
            line,
            id,
            verdict,
            changes,
            steady_from,
            count,
        })?;
    }
    Ok(vec![ExitCode::Ok])
}

pub(super) fn percentiles(source: &Source, matches: &ArgMatches) -> Result<Vec<ExitCode>, Failure> {
    let quantiles: Vec<f64> = matches.get_many("quantile").into_iter().flatten().copied().collect();
    for (line, id, values) in read(source, matches)? {
        if let Some(at) = values.iter().position(|value| *value < 0.0) {
            let what = format!("value {} is {}: latencies are 0 or more", at + 1, values[at]);
            return Err(source.wrong(line, what));
        }
        let blocks = blocks(&values);
        for &quantile in &quantiles {
            let found = percentile_interval(&blocks, quantile).ok_or_else(|| {
                source.wrong(line, "give at least 2 values, and --quantile between 0 and 1")
            })?;
            print(&PercentileLine {
                file: source.name(),
                line,
                id: id.clone(),
                quantile,
                value_ms: found.value().0,
                low_ms: found.interval().low.0,
                high_ms: found.interval().high.map(|high| high.0),
                count: values.len(),
                effective_count: found.effective_count(),
                design_effect: found.design_effect(),
            })?;
        }
    }
    Ok(vec![ExitCode::Ok])
}

/// Values in the order measured, cut into equal blocks.
fn blocks(values: &[f64]) -> Vec<Histogram> {
    let size = values.len().div_ceil(BLOCKS).max(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be 0 or more"
    )]
    let micros = |ms: &f64| (ms * 1e3).round() as u64;
    values
        .chunks(size)
        .map(|block| {
            let mut sorted: Vec<u64> = block.iter().map(micros).collect();
            sorted.sort_unstable();
            sorted.into_iter().map(|value| (value, 1)).collect()
        })
        .collect()
}

type Series = (usize, Option<String>, Vec<f64>);

fn read(source: &Source, matches: &ArgMatches) -> Result<Vec<Series>, Failure> {
    if source.text().trim_start().starts_with('[') {
        let lines = source.lines::<Vec<f64>>()?;
        return Ok(lines.into_iter().map(|(line, values)| (line, None, values)).collect());
    }
    if source.is_json() {
        let lines = source.lines::<Named>()?;
        return Ok(lines.into_iter().map(|(line, own)| (line, own.id, own.values)).collect());
    }
    let table = source.table()?;
    let values = match (matches.get_one::<String>("column"), table.names()) {
        (Some(name), _) => table.need(&[name.to_lowercase().as_str()], source)?,
        (None, [only]) => table.need(&[only.as_str()], source)?,
        (None, _) => table.need(&["value", "latency_ms"], source)?,
    };
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        return Err(source.wrong(at + 2, "the value is not finite"));
    }
    Ok(vec![(1, None, values.to_vec())])
}
