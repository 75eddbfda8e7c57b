//! `victor scale`: the scalability suite.

use crate::live::LiveTable;
use crate::outputs::touch;
use crate::talk::{self, Failure};
use crate::{host_guard, logging, open_files, run_id, scale_target, signals};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::path::PathBuf;
use tracing::level_filters::LevelFilter;
use victor_config::LoadConfig;
use victor_plan::{TargetAddress, parse_run_time};
use victor_report::console::CaseReport;
use victor_report::junit;
use victor_suite::Progress;
use victor_suite::scale::{
    Case, Context, Selection, TestError, TestResult, catalogue, within_budget,
};
use victor_types::{ExitCode, Outcome, Verdict};

/// Connections of the largest test, with some to spare.
const MOST_CONNECTIONS: usize = 11_000;

pub(crate) fn command() -> Command {
    let arg = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help);
    Command::new("scale")
        .about("Run the scalability suite, with a verdict for each test")
        .arg(
            Arg::new("names")
                .value_name("NAME")
                .num_args(0..)
                .help("Tests: Group, Group::test or test"),
        )
        .arg(
            arg(
                "host",
                "Address of the target [env: VICTOR_API_HOST] [default: http://localhost:8000]",
            )
            .short('H')
            .value_name("URL"),
        )
        .arg(
            arg(
                "config",
                "File with the target and its limits [default: victor.toml, if there is one]",
            )
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            arg("keyword", "Only tests whose name holds: \"concurrent and not 500\"")
                .short('k')
                .value_name("EXPR"),
        )
        .arg(arg("mark", "Only tests marked so: \"not slow\"").short('m').value_name("EXPR"))
        .arg(
            arg("exitfirst", "Stop at the first test that does not pass")
                .short('x')
                .action(ArgAction::SetTrue),
        )
        .arg(
            arg("verbose", "Say what each test measured, also when it passes (always on)")
                .short('v')
                .action(ArgAction::Count),
        )
        .arg(
            arg("no-capture", "Show progress while a test runs")
                .short('s')
                .action(ArgAction::SetTrue),
        )
        .arg(
            arg("list", "List the tests with their parameters and end")
                .short('l')
                .action(ArgAction::SetTrue),
        )
        .arg(
            arg("set", "Set a parameter of a test")
                .value_name("TEST.PARAM=VALUE")
                .action(ArgAction::Append),
        )
        .arg(
            arg("budget", "Time for all tests, such as 30m: those that do not fit are left out")
                .value_name("TIME"),
        )
        .arg(
            arg("seed", "Seed of every random choice")
                .value_parser(value_parser!(u64))
                .default_value("1"),
        )
        .arg(
            arg("target-pid", "Process of the server [default: found by its port]")
                .value_parser(value_parser!(u32)),
        )
        .arg(
            arg("junit", "Write JUnit XML").value_name("FILE").value_parser(value_parser!(PathBuf)),
        )
        .arg(
            arg("json", "Write the results as JSON")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            arg("yes", "Do not ask before loading a public host")
                .short('y')
                .action(ArgAction::SetTrue),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let names: Vec<String> = matches.get_many("names").into_iter().flatten().cloned().collect();
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let selection =
        Selection::parse(&names, text("keyword"), text("mark")).map_err(Failure::usage)?;
    let cases: Vec<&Case> = catalogue().iter().filter(|case| selection.takes(case)).collect();
    if matches.get_flag("list") {
        cases.iter().for_each(|case| list(case));
        return Ok(ExitCode::Ok);
    }
    if cases.is_empty() {
        return Err(Failure::usage(
            "no test is selected: loosen -k or -m, see `victor scale --list`",
        ));
    }
    let set = settings(matches)?;
    let (cases, left_out) = fitting(matches, &cases)?;
    let config = scale_target::resolve(matches)?;
    for flag in ["junit", "json"] {
        if let Some(path) = matches.get_one::<PathBuf>(flag) {
            touch(&format!("--{flag}"), path)?;
        }
    }
    logging::start(LevelFilter::WARN, None)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ExitCode::Invalid, format!("cannot start: {error}")))?;
    let code = runtime.block_on(suite(matches, &cases, &set, &config))?;
    for case in left_out {
        talk::print(&format!(
            "left out for want of time: {} (about {} s)",
            case.id(),
            case.seconds
        ));
    }
    Ok(code)
}

/// The tests that fit into `--budget`, and those that do not.
fn fitting<'a>(
    matches: &ArgMatches,
    cases: &[&'a Case],
) -> Result<(Vec<&'a Case>, Vec<&'a Case>), Failure> {
    let Some(text) = matches.get_one::<String>("budget") else {
        return Ok((cases.to_vec(), Vec::new()));
    };
    let budget =
        parse_run_time(text).map_err(|error| Failure::usage(format!("--budget: {error}")))?;
    let (taken, left_out) = within_budget(cases, budget.as_secs());
    if taken.is_empty() {
        let shortest = cases.iter().map(|case| case.seconds).min().unwrap_or(0);
        return Err(Failure::usage(format!(
            "--budget: no test fits into {text}: the shortest takes about {shortest} s"
        )));
    }
    Ok((taken, left_out))
}

fn list(case: &Case) {
    let mark = if case.slow { " [slow]" } else { "" };
    talk::print(&format!("{}{mark}\n    {}; about {} s", case.id(), case.about, case.seconds));
    for param in case.params {
        talk::print(&format!("    {} = {}  {}", param.name, param.default, param.help));
    }
}

/// One `--set`: whose parameter, which, to what.
type Setting = (String, String, u64);

fn settings(matches: &ArgMatches) -> Result<Vec<Setting>, Failure> {
    let given = matches.get_many::<String>("set").into_iter().flatten();
    given.map(|text| setting(text)).collect()
}

fn setting(text: &str) -> Result<Setting, Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!(
            "--set: `{text}` {why}: write it like test_10_concurrent_requests.users=20"
        ))
    };
    let (name, value) = text.split_once('=').ok_or_else(|| wrong("has no value"))?;
    let (test, param) = name.rsplit_once('.').ok_or_else(|| wrong("names no parameter"))?;
    let value = value.parse().map_err(|_| wrong("is not a whole number"))?;
    let known = catalogue()
        .iter()
        .any(|case| case.is_named(test) && case.params.iter().any(|known| known.name == param));
    if test.is_empty() || !known {
        return Err(wrong("names a parameter that no test has"));
    }
    Ok((test.to_owned(), param.to_owned(), value))
}

async fn suite(
    matches: &ArgMatches,
    cases: &[&Case],
    set: &[Setting],
    config: &LoadConfig,
) -> Result<ExitCode, Failure> {
    let yes = matches.get_flag("yes") || config.run.yes;
    host_guard::check(&config.plan.target.host, yes).await?;
    // Each user of the largest test has a connection; the tests themselves say when that fails.
    open_files::make_room(MOST_CONNECTIONS);
    // Tests choose for themselves what is streamed.
    let target = TargetAddress { stream: false, ..config.plan.target.clone() };
    let stop = signals::count("stopping; what was measured follows")?;
    let mut results: Vec<(String, TestResult)> = Vec::new();
    let mut code = ExitCode::Ok;
    for case in cases {
        talk::print(&format!("{} ...", case.id()));
        let mut table = LiveTable::default();
        let mut progress = |progress: &Progress<'_>| {
            if matches.get_flag("no-capture") {
                table.update(progress);
            }
        };
        let mut context = case.context(target.clone(), &run_id::draw, &mut progress, stop.clone());
        context.set = set
            .iter()
            .filter(|(test, ..)| case.is_named(test))
            .map(|(_, name, value)| (name.clone(), *value))
            .collect();
        context.target_pid =
            matches.get_one::<u32>("target-pid").copied().or(config.run.target_pid);
        (context.targets, context.limits) = (config.plan.targets, config.plan.limits);
        if let Some(&seed) = matches.get_one::<u64>("seed") {
            context.seed = seed;
        }
        let ended = run_case(case, &mut context).await;
        let result = context.result;
        let id = case.id();
        talk::print(&case_report(&id, &result).render(talk::width(), talk::colour()));
        code = worse(
            code,
            ended.unwrap_or(match result.outcome() {
                Outcome::Pass | Outcome::NotApplicable => ExitCode::Ok,
                Outcome::Fail => ExitCode::Failed,
                Outcome::Inconclusive => ExitCode::Inconclusive,
                Outcome::Invalid => ExitCode::Invalid,
            }),
        );
        results.push((case.id(), result));
        let first = matches.get_flag("exitfirst") && code != ExitCode::Ok;
        if first || code == ExitCode::Interrupted {
            break;
        }
    }
    write(matches, &results)?;
    talk::print(&closing(&results));
    Ok(code)
}

/// Carries a test out. A target that is down fails the test; it never skips it.
async fn run_case(case: &Case, context: &mut Context<'_>) -> Option<ExitCode> {
    let error = case.run(context).await.err()?;
    let (outcome, code) = match &error {
        TestError::Engine(error) if error.exit_code() == ExitCode::Unreachable => {
            (Outcome::Fail, ExitCode::Unreachable)
        }
        TestError::Unreachable { .. } => (Outcome::Fail, ExitCode::Unreachable),
        TestError::Engine(error) => (Outcome::Invalid, error.exit_code()),
        TestError::Interrupted => (Outcome::Inconclusive, ExitCode::Interrupted),
        _ => (Outcome::Invalid, ExitCode::Usage),
    };
    context.result.verdicts.push(Verdict {
        name: "carried out".to_owned(),
        limit: "to its end".to_owned(),
        measured: "not carried out".to_owned(),
        outcome,
        reason: Some(error.to_string()),
    });
    Some(code)
}

/// The graver of two codes.
fn worse(a: ExitCode, b: ExitCode) -> ExitCode {
    let order = |code: ExitCode| match code {
        ExitCode::Interrupted => 6,
        ExitCode::Unreachable => 5,
        ExitCode::Usage => 4,
        ExitCode::Failed => 3,
        ExitCode::Invalid => 2,
        ExitCode::Inconclusive => 1,
        _ => 0,
    };
    if order(b) > order(a) { b } else { a }
}

fn case_report<'a>(id: &'a str, result: &'a TestResult) -> CaseReport<'a> {
    CaseReport {
        id,
        outcome: result.outcome(),
        measured: &result.measured,
        verdicts: &result.verdicts,
        failures: &result.failures,
        duration: result.duration,
    }
}

/// Writes the files that were asked for.
fn write(matches: &ArgMatches, results: &[(String, TestResult)]) -> Result<(), Failure> {
    let save = |flag: &str, text: &dyn Fn() -> String| -> Result<(), Failure> {
        let Some(path) = matches.get_one::<PathBuf>(flag) else { return Ok(()) };
        std::fs::write(path, text()).map_err(|error| {
            let path = path.display();
            Failure::usage(format!(
                "cannot write `{path}`: {error}; choose another place with --{flag}"
            ))
        })
    };
    save("junit", &|| {
        let tests: Vec<_> = results
            .iter()
            .map(|(id, result)| (id.clone(), result.verdicts.clone(), result.duration))
            .collect();
        junit::verdicts_xml("victor scale", &tests)
    })?;
    save("json", &|| {
        let tests: Vec<_> = results
            .iter()
            .map(|(id, result)| {
                serde_json::json!({
                    "test": id,
                    "outcome": result.outcome(),
                    "duration_s": result.duration,
                    "measured": result.measured,
                    "verdicts": result.verdicts,
                    "reports": result.reports,
                })
            })
            .collect();
        format!("{:#}\n", serde_json::json!({ "version": 1, "tests": tests }))
    })
}

fn closing(results: &[(String, TestResult)]) -> String {
    let count = |outcome| results.iter().filter(|(_, result)| result.outcome() == outcome).count();
    let kinds = [Outcome::Pass, Outcome::Fail, Outcome::Inconclusive, Outcome::Invalid];
    let parts: Vec<String> = kinds
        .into_iter()
        .filter(|&outcome| count(outcome) > 0)
        .map(|outcome| format!("{} {}", count(outcome), outcome.word()))
        .collect();
    let seconds: f64 = results.iter().map(|(_, result)| result.duration.0).sum();
    let tests = if results.len() == 1 { "test" } else { "tests" };
    format!("{} {tests} in {seconds:.0} s: {}", results.len(), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_set_by_test_and_name() {
        let set = setting("test_10_concurrent_requests.users=20").expect("known");
        assert_eq!(set, ("test_10_concurrent_requests".into(), "users".into(), 20));
        for text in [
            "users=3",
            "test_10_concurrent_requests.users",
            "test_typo.users=1",
            "test_10_concurrent_requests.users=x",
            ".users=1",
        ] {
            assert!(setting(text).expect_err(text).text.contains("--set"), "{text}");
        }
    }

    #[test]
    fn the_graver_code_stands() {
        assert_eq!(worse(ExitCode::Ok, ExitCode::Inconclusive), ExitCode::Inconclusive);
        assert_eq!(worse(ExitCode::Failed, ExitCode::Inconclusive), ExitCode::Failed);
        assert_eq!(worse(ExitCode::Failed, ExitCode::Interrupted), ExitCode::Interrupted);
    }
}
