//! `victor doctor`: what will get in the way of a load test, before it does.

mod check;
mod machine;
mod target;

use crate::talk::{self, Failure};
use check::{Check, Grade};
use clap::{Arg, ArgAction, ArgMatches, Command};
use victor_plan::{Secret, TargetAddress, TransportOptions};
use victor_types::ExitCode;

pub(crate) fn command() -> Command {
    Command::new("doctor")
        .about(
            "Check target, limits, clock, CPU and control group, and say what will get in the way",
        )
        .arg(
            Arg::new("host")
                .long("host")
                .short('H')
                .value_name("URL")
                .env("VICTOR_API_HOST")
                .default_value("http://localhost:8000")
                .help("Base address of the target, which gets one turn"),
        )
        .arg(
            Arg::new("api-key")
                .long("api-key")
                .value_name("KEY")
                .env("VICTOR_API_KEY")
                .hide_env_values(true)
                .help("Key sent as `Authorization: Bearer`"),
        )
        .arg(
            Arg::new("insecure")
                .long("insecure")
                .action(ArgAction::SetTrue)
                .help("Believe any server over https, whatever its certificate"),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON"))
        .after_help(
            "Exit codes: 0 nothing is bad, 2 something about this machine or the address is, 3 the \
             target cannot be loaded.",
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let mut transport = TransportOptions::default();
    if matches.get_flag("insecure") {
        transport.tls.verify = victor_plan::Verify::Nothing;
    }
    let address = TargetAddress {
        host: text("host").unwrap_or_default().trim_end_matches('/').to_owned(),
        api_key: text("api-key").map(Secret::new),
        api: None,
        provider: None,
        model: None,
        stream: false,
        transport,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ExitCode::Invalid, format!("cannot start: {error}")))?;
    let (target, machine) =
        runtime.block_on(async { (target::examine(&address).await, machine::examine().await) });
    let code = exit_code(&target, &machine);
    let all: Vec<Check> = target.into_iter().chain(machine).collect();
    if matches.get_flag("json") {
        talk::print(&check::json(&all));
    } else {
        talk::print(&check::table(&all));
    }
    Ok(code)
}

fn exit_code(target: &[Check], machine: &[Check]) -> ExitCode {
    let bad = |checks: &[Check]| checks.iter().any(|check| check.grade == Grade::Bad);
    let wrong_address =
        target.iter().any(|check| check.grade == Grade::Bad && check.what == target::ADDRESS);
    if bad(target) && !wrong_address {
        ExitCode::Unreachable
    } else if wrong_address || bad(machine) {
        ExitCode::Usage
    } else {
        ExitCode::Ok
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_weighs_more_than_the_machine() {
        let bad = |what| Check::bad(what, "found", "fix");
        let good = || vec![Check::good("clock", "found")];
        assert_eq!(exit_code(&good(), &good()), ExitCode::Ok);
        assert_eq!(exit_code(&[Check::caution("a", "b", "c")], &good()), ExitCode::Ok);
        assert_eq!(exit_code(&good(), &[bad("open files")]), ExitCode::Usage);
        assert_eq!(exit_code(&[bad(target::ADDRESS)], &good()), ExitCode::Usage);
        assert_eq!(exit_code(&[bad("connection")], &[bad("memory")]), ExitCode::Unreachable);
    }
}
