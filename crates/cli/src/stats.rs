//! `victor stats`: the procedures that judge a run, over series of one's own.
//!
//! Each file gives one JSON line for each series in it, with the verdict and what it stands on. Standard
//! error and the exit code say when a file cannot be read: which, where, and what was expected.

mod input;
mod leak;
mod regression;
mod series;
mod usl;

use crate::talk::{self, Failure};
use clap::{Arg, ArgMatches, Command, value_parser};
use input::Source;
use serde::Serialize;
use std::path::PathBuf;
use victor_types::ExitCode;

pub(crate) fn command() -> Command {
    Command::new("stats")
        .about("Judge series of your own: leaks, regressions, capacity, changes, percentiles")
        .after_help(
            "Files are JSON, one series a line, or CSV, gzipped or not; `-` is standard input. \
             docs/guide/stats.md shows the layouts.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(with_files(leak::command()))
        .subcommand(with_files(regression::command()))
        .subcommand(with_files(usl::command()))
        .subcommand(with_files(series::changes_command()))
        .subcommand(with_files(series::percentile_command()))
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(ExitCode::Usage) };
    let mut worst = ExitCode::Ok;
    for path in matches.get_many::<PathBuf>("files").into_iter().flatten() {
        let source = Source::read(path)?;
        let codes = match name {
            "leak" => leak::run(&source, matches)?,
            "regression" => regression::run(&source, matches)?,
            "usl" => usl::run(&source, matches)?,
            "changes" => series::changes(&source, matches)?,
            _ => series::percentiles(&source, matches)?,
        };
        worst = codes.into_iter().fold(worst, worse);
    }
    Ok(worst)
}

fn with_files(command: Command) -> Command {
    command.arg(
        Arg::new("files")
            .value_name("FILE")
            .num_args(1..)
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .help("Series to judge: JSON lines or CSV, gzipped or not"),
    )
}

/// Of two series the code that matters more: a failed verdict before one left open.
fn worse(a: ExitCode, b: ExitCode) -> ExitCode {
    let rank = |code: ExitCode| match code {
        ExitCode::Ok => 0,
        ExitCode::Inconclusive => 1,
        _ => 2,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// One verdict, on standard output.
fn print(line: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(line)
        .map_err(|error| Failure::new(ExitCode::Invalid, format!("cannot write JSON: {error}")))?;
    talk::print(&text);
    Ok(())
}

/// A number with its 95 % interval, as it is printed.
#[derive(Debug, Serialize)]
struct Interval {
    value: f64,
    low: f64,
    high: f64,
}

impl From<victor_stats::Estimate> for Interval {
    fn from(estimate: victor_stats::Estimate) -> Self {
        Self { value: estimate.value, low: estimate.low, high: estimate.high }
    }
}

#[cfg(test)]
mod labelled;
#[cfg(test)]
mod tests;
