//! `victor load`: resolve, check, run, judge, report.

use crate::live::LiveTable;
use crate::outputs::Files;
use crate::talk::{self, Failure};
use crate::{host_guard, keys, logging, observe, run_id, signals, single};
use clap::ArgMatches;
use tracing::level_filters::LevelFilter;
use victor_config::{LoadConfig, LogLevel, resolve_load};
use victor_engine::{Trace, wait_for};
use victor_plan::{Api, Load};
use victor_suite::{MeasureOptions, Steering, exit_code, measure};
use victor_types::{EndReason, ExitCode, FailureKind, FailureRow, RunReport};
use victor_users::Class;

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let classes = Class::ALL.map(Class::name);
    let cwd = std::env::current_dir().map_err(Failure::usage)?;
    let env = |name: &str| std::env::var(name).ok();
    let config = resolve_load(matches, &env, &cwd, &classes).map_err(Failure::usage)?;
    if !config.ignored.is_empty() {
        talk::say(&format!("warning: {}", config.ignored));
    }
    if config.run.list {
        list();
        return Ok(ExitCode::Ok);
    }
    if config.run.show_config {
        talk::print(&config.origins.show());
        return Ok(ExitCode::Ok);
    }
    let plain = config.run.single.is_some() || config.plan.mix.payload().is_some();
    if !config.run.headless && !plain {
        let text =
            "this version has no live web page yet: add --headless (or LOCUST_HEADLESS=true)";
        return Err(Failure::usage(text));
    }
    logging::start(level(config.run.loglevel), config.run.logfile.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ExitCode::Invalid, format!("cannot start: {error}")))?;
    match &config.run.single {
        Some(user) => runtime.block_on(single::run(&config, user)),
        None => runtime.block_on(swarm(&config)),
    }
}

async fn swarm(config: &LoadConfig) -> Result<ExitCode, Failure> {
    let plan = &config.plan;
    host_guard::check(&plan.target.host, config.run.yes).await?;
    let mut files = Files::open(&config.outputs)?;
    let (observer, target_metrics) = observe::sources(&config.run)?;
    if let Some(most) = config.run.wait_for_target {
        let waited = wait_for(plan, most).await;
        let waited = waited.map_err(|error| Failure::new(error.exit_code(), error))?;
        talk::say(&format!("{} is ready, after {:.1} s", plan.target.host, waited.as_secs_f64()));
    }
    let options = MeasureOptions {
        run_id: run_id::draw(),
        trace: if config.outputs.trace.is_some() { Trace::On } else { Trace::Off },
        target_pid: config.run.target_pid,
        observer,
        target_metrics,
    };
    let stop = signals::count("stopping; the report follows")?;
    let (_terminal, steering) = match keys::listen() {
        Some((terminal, changes)) => (Some(terminal), Steering::new(stop, changes)),
        None => (None, Steering::from(stop)),
    };
    let mut table = LiveTable::default();
    let mut announced = false;
    let measured = measure(plan, options, steering, |progress| {
        if !announced {
            announce(config);
            announced = true;
        }
        files.feed(progress);
        if !config.outputs.only_summary {
            table.update(progress);
        }
    });
    let report = measured.await.map_err(|error| Failure::new(error.exit_code(), error))?;
    tracing::info!(sent = report.total.sent, end = ?report.run.end, "run ended");
    let code = exit_code(&report, config.run.exit_code_on_error);
    if report.run.end == EndReason::Futile {
        let speaks = victor_engine::speaks(plan).await.unwrap_or_default();
        talk::error(&format!("{}{}", futile(&report), others(&report, &speaks)));
    } else {
        files.show(&report);
    }
    files.finish(&report)?;
    Ok(code)
}

/// Why no turn could succeed, in one line.
fn futile(report: &RunReport) -> String {
    let failed = report.failures.first();
    let example = failed.and_then(|row| row.exemplars.first());
    let seen = example.map(|kept| format!(" ({})", kept.excerpt)).unwrap_or_default();
    let kind = failed.map(|row| row.kind.describe()).unwrap_or_default();
    let turns = report.total.failed;
    let advice = report
        .findings
        .first()
        .map(|finding| format!(": {}: {}", finding.what, finding.advice))
        .unwrap_or_default();
    format!(
        "{} answers {kind}{seen} to all of the first {turns} turns, so the run was ended{advice}",
        report.run.host
    )
}

/// The APIs on whose paths the target also answers, for a request that it does not understand.
fn others(report: &RunReport, speaks: &[Api]) -> String {
    let refused = |row: &FailureRow| {
        matches!(row.kind, FailureKind::HttpStatus(400 | 404 | 405 | 415 | 422 | 501))
    };
    let spoken = report.run.api.as_deref();
    let other = speaks.iter().map(|api| api.name()).filter(|name| Some(*name) != spoken);
    let other: Vec<&str> = other.collect();
    if other.is_empty() || !report.failures.iter().any(refused) {
        return String::new();
    }
    format!(
        "; it was spoken to as {}, and also answers on the path of {}: name one with --api",
        spoken.unwrap_or("victor"),
        other.join(", ")
    )
}

fn announce(config: &LoadConfig) {
    let plan = &config.plan;
    let classes = |users| {
        let counts = plan.mix.counts(users);
        let each: Vec<String> = counts.iter().map(|(name, n)| format!("{n} {name}")).collect();
        each.join(", ")
    };
    let offered = match &plan.load {
        Load::Closed(spawn) if let Some(payload) = plan.mix.payload() => {
            format!("{} {}, {} at once", payload.method.name(), payload.endpoint, spawn.users())
        }
        Load::Closed(spawn) => match spawn.rate() {
            Some(rate) => format!("{} ({rate} users/s)", classes(spawn.users())),
            None => format!("up to {} in {} stages", classes(spawn.users()), spawn.stages().len()),
        },
        Load::Open { arrivals, .. } => {
            let names: Vec<&str> =
                plan.mix.classes().iter().map(|class| class.name.as_str()).collect();
            format!("{arrivals} of {}", names.join(", "))
        }
    };
    let length = match (plan.stop.run_time, plan.stop.turns) {
        (Some(length), None) => format!("for {} s", length.as_secs()),
        (None, Some(turns)) => format!("for {turns} turns"),
        (Some(length), Some(turns)) => {
            format!("for {} s or {turns} turns", length.as_secs())
        }
        (None, None) => "until Ctrl-C".to_owned(),
    };
    talk::say(&format!(
        "load on {}: {offered}, {length}, seed {}, {} generator thread{}",
        plan.target.host,
        plan.seed,
        plan.shards,
        if plan.shards == 1 { "" } else { "s" }
    ));
    tracing::info!(host = %plan.target.host, "run starts");
}

fn list() {
    let width = Class::ALL.map(|class| class.name().len()).into_iter().max().unwrap_or(0);
    for class in Class::ALL {
        talk::print(&format!("{:width$}  {}", class.name(), class.summary()));
    }
}

fn level(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info | LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Error | LogLevel::Critical => LevelFilter::ERROR,
    }
}
