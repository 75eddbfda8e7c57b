//! The `victor` binary: parse, plan, run, judge, report.

mod doctor;
mod host_guard;
mod keys;
mod live;
mod load;
mod logging;
mod observe;
mod open_files;
mod outputs;
mod run_id;
mod scale;
mod scale_target;
mod serve;
mod serve_context;
mod serve_limits;
mod signals;
mod single;
mod stats;
mod talk;

use clap::Command;
use std::process::ExitCode as ProcessExit;
use victor_types::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn command() -> Command {
    Command::new("victor")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Load and scalability testing for AI assistants")
        .after_help(
            "Start here: `victor serve` in one terminal, `victor load --headless -u 20 -r 20 -t 60s` in \
             another.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(serve::command())
        .subcommand(victor_config::load_command())
        .subcommand(scale::command())
        .subcommand(stats::command())
        .subcommand(observe::command())
        .subcommand(doctor::command())
}

fn main() -> ProcessExit {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version are answers, not errors; clap knows which stream they belong to.
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Ok };
            let _ = error.print();
            return code.code().into();
        }
    };
    let done = match matches.subcommand() {
        Some(("serve", matches)) => serve::run(matches),
        Some(("load", matches)) => load::run(matches),
        Some(("scale", matches)) => scale::run(matches),
        Some(("doctor", matches)) => doctor::run(matches),
        Some(("stats", matches)) => stats::run(matches),
        Some(("observe", matches)) => observe::run(matches),
        _ => Ok(ExitCode::Usage),
    };
    let code = done.unwrap_or_else(|failure| {
        talk::error(&failure.text);
        failure.code
    });
    code.code().into()
}
