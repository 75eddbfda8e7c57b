//! The settings of `victor load`, resolved.

use crate::burst;
use crate::file::File;
use crate::locust;
use crate::near::nearest;
use crate::offer;
use crate::resolve::Resolved;
use crate::settings as set;
use crate::source::{Environment, Flags, Source};
use crate::transport::transport;
use crate::{ConfigError, IgnoredKeys, LogLevel, Origins, Problem};
use clap::ArgMatches;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::time::Duration;
use victor_plan::{Load, Mix, Plan, TargetAddress, Targets, TimeLimits, TransportOptions};
use victor_types::{Millis, PerSecond};

/// Everything `victor load` needs to know.
#[derive(Debug, Clone)]
pub struct LoadConfig {
    /// The run itself.
    pub plan: Plan,
    /// What is written.
    pub outputs: Outputs,
    /// How the command behaves.
    pub run: RunOptions,
    /// Where each value came from.
    pub origins: Origins,
    /// Keys of Locust's files that are not in force.
    pub ignored: IgnoredKeys,
}

/// What `victor load` writes, besides its summary. Paths are as given: relative ones are meant from
/// the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    /// HTML report, `{u}`, `{r}` and `{t}` already replaced.
    pub html: Option<PathBuf>,
    /// Prefix of the CSV files.
    pub csv: Option<PathBuf>,
    /// Locust's array on standard output.
    pub json: bool,
    /// Locust's array in this file, `.json` already added.
    pub json_file: Option<PathBuf>,
    /// The run report.
    pub report_json: Option<PathBuf>,
    /// Every turn as a JSON line.
    pub trace: Option<PathBuf>,
    /// No statistics until the end.
    pub only_summary: bool,
}

/// What `--single` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleUser {
    /// Name of a user class that there is.
    pub class: String,
    /// Turns to make.
    pub turns: u64,
}

/// How `victor load` behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOptions {
    /// Without the web page.
    pub headless: bool,
    /// Do not ask before loading a public host.
    pub yes: bool,
    /// Process to sample; `None` finds it by the host's port.
    pub target_pid: Option<u32>,
    /// Address of an observer beside the target; `None` samples from here.
    pub observe: Option<String>,
    /// Address of the target's own metrics, or `off`; `None` looks for them at the host.
    pub target_metrics: Option<String>,
    /// How long to wait for the target to be ready; `None` loads at once.
    pub wait_for_target: Option<Duration>,
    /// Exit code when requests failed.
    pub exit_code_on_error: u8,
    /// Least grave level to log.
    pub loglevel: LogLevel,
    /// Where the log goes; `None` is standard error.
    pub logfile: Option<PathBuf>,
    /// Print [`Origins::show`] and end.
    pub show_config: bool,
    /// One user, every turn of it shown, in place of a load.
    pub single: Option<SingleUser>,
    /// Print the user classes and end.
    pub list: bool,
}

/// Resolves the settings of `victor load`: flags, then the environment, then the file of `--config`
/// or else `victor.toml` in `cwd`, then Locust's files, then defaults. A `--config` that ends in
/// `.conf` is one of Locust's files, and the strongest of them. `known_classes` are the user classes there are.
///
/// # Errors
/// See [`ConfigError`]; all are the user's to mend and end the program with exit code 2.
pub fn resolve_load(
    matches: &ArgMatches,
    env: &dyn Fn(&str) -> Option<String>,
    cwd: &Path,
    known_classes: &[&str],
) -> Result<LoadConfig, ConfigError> {
    let (flags, environment) = (Flags(matches), Environment(env));
    let named = Resolved::new(&[&flags]).optional(&set::CONFIG)?;
    let of_locust = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "conf");
    let (locusts, own) = (named.clone().filter(of_locust), named.filter(|path| !of_locust(path)));
    let file = configuration_file(own.as_deref(), cwd)?;
    let mut ignored = IgnoredKeys::default();
    let home = env("HOME");
    let locusts = locust::files(locusts.as_deref(), cwd, home.as_deref(), &mut ignored)?;
    let mut sources: Vec<&dyn Source> = vec![&flags, &environment];
    sources.extend(file.iter().map(|file| file as &dyn Source));
    sources.extend(locusts.iter().map(|file| file as &dyn Source));
    let mut resolved = Resolved::new(&sources);

    let seed = resolved.optional(&set::SEED)?.unwrap_or_else(drawn_seed);
    resolved.choose(&set::SEED, &seed.to_string());
    let mut plan = plan(&resolved, cwd, seed, known_classes)?;
    plan.target.transport = transport(&resolved, env, &plan.target.host)?;
    let outputs = outputs(&resolved, &plan)?;
    let run = run_options(&resolved, known_classes)?;
    Ok(LoadConfig { plan, outputs, run, origins: resolved.origins(), ignored })
}

fn configuration_file(named: Option<&Path>, cwd: &Path) -> Result<Option<File>, ConfigError> {
    const NAME: &str = "victor.toml";
    if let Some(path) = named {
        return File::read(&cwd.join(path), &path.display().to_string()).map(Some);
    }
    let path = cwd.join(NAME);
    if path.exists() { File::read(&path, NAME).map(Some) } else { Ok(None) }
}

/// The standard library keys its hash maps with the system's random numbers. 32 bits of them are
/// easily typed again, and are whole numbers to every reader of JSON.
fn drawn_seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 32
}

fn plan(resolved: &Resolved, cwd: &Path, seed: u64, known: &[&str]) -> Result<Plan, ConfigError> {
    let load = offer::load(resolved, cwd)?;
    let payload = burst::payload(resolved, cwd)?;
    if payload.is_none() && resolved.optional(&set::CONCURRENCY)?.is_some() {
        return Err(resolved.refuse(&set::CONCURRENCY, Problem::NoPayload));
    }
    Ok(Plan {
        target: target(resolved)?,
        mix: payload
            .map_or_else(|| mix(resolved, known), |payload| Ok(Mix::of_payload(payload)))?,
        stop: offer::stop(resolved, &load)?,
        load,
        warm_up: resolved.optional(&set::WARM_UP)?,
        habits: offer::habits(resolved)?,
        limits: TimeLimits {
            connect: resolved.required(&set::CONNECT_TIMEOUT)?,
            first_byte: resolved.required(&set::FIRST_BYTE_TIMEOUT)?,
            stall: resolved.required(&set::STALL_TIMEOUT)?,
            total: resolved.required(&set::TOTAL_TIMEOUT)?,
        },
        slo: resolved.optional(&set::SLO)?,
        seed,
        shards: resolved.required(&set::SHARDS)?,
        targets: Targets {
            p50: resolved.required(&set::P50)?.map(Millis),
            p95: resolved.required(&set::P95)?.map(Millis),
            p99: resolved.required(&set::P99)?.map(Millis),
            throughput: resolved.required(&set::THROUGHPUT)?.map(PerSecond),
            error_rate: resolved.required(&set::ERROR_RATE)?,
            cpu: resolved.required(&set::CPU)?,
            memory: resolved.required(&set::MEMORY)?,
        },
    })
}

fn target(resolved: &Resolved) -> Result<TargetAddress, ConfigError> {
    Ok(TargetAddress {
        host: resolved.required(&set::HOST)?,
        api: resolved.required(&set::API)?,
        api_key: resolved.optional(&set::API_KEY)?,
        provider: resolved.optional(&set::PROVIDER)?,
        model: resolved.optional(&set::MODEL)?,
        stream: resolved.required(&set::STREAM)?,
        transport: TransportOptions::default(),
    })
}

fn mix(resolved: &Resolved, known: &[&str]) -> Result<Mix, ConfigError> {
    let classes = resolved.required(&set::USER_CLASSES)?;
    let unknown = classes.iter().find(|class| !known.contains(&class.name.as_str()));
    if let Some(class) = unknown {
        return Err(resolved.refuse(&set::USER_CLASSES, stranger(class.name.clone(), known)));
    }
    let wait = resolved.optional(&set::WAIT)?;
    Mix::try_new(classes)
        .map(|mix| mix.with_wait(wait))
        .map_err(|_| resolved.refuse(&set::USER_CLASSES, Problem::NoClass))
}

fn outputs(resolved: &Resolved, plan: &Plan) -> Result<Outputs, ConfigError> {
    let html = resolved.optional(&set::HTML)?;
    let json_file = resolved.optional(&set::JSON_FILE)?;
    Ok(Outputs {
        html: html.map(|path| filled(&path, plan)),
        csv: resolved.optional(&set::CSV)?,
        json: resolved.required(&set::JSON)?,
        json_file: json_file.map(|name| PathBuf::from(format!("{}.json", name.display()))),
        report_json: resolved.optional(&set::REPORT_JSON)?,
        trace: resolved.optional(&set::TRACE)?,
        only_summary: resolved.required(&set::ONLY_SUMMARY)?,
    })
}

fn single(resolved: &Resolved, known: &[&str]) -> Result<Option<SingleUser>, ConfigError> {
    let turns = resolved.required(&set::TURNS)?;
    let Some(class) = resolved.optional(&set::SINGLE)? else { return Ok(None) };
    if known.contains(&class.as_str()) {
        return Ok(Some(SingleUser { class, turns }));
    }
    Err(resolved.refuse(&set::SINGLE, stranger(class, known)))
}

fn stranger(name: String, known: &[&str]) -> Problem {
    let hint = match nearest(&name, known.iter().copied()) {
        Some(near) => format!("did you mean {near}? (`victor load --list` shows all)"),
        None => format!("choose from {}", known.join(", ")),
    };
    Problem::UnknownClass { name, hint }
}

fn run_options(resolved: &Resolved, known: &[&str]) -> Result<RunOptions, ConfigError> {
    Ok(RunOptions {
        headless: resolved.required(&set::HEADLESS)?,
        yes: resolved.required(&set::YES)?,
        target_pid: resolved.optional(&set::TARGET_PID)?,
        observe: resolved.optional(&set::OBSERVE)?,
        target_metrics: resolved.optional(&set::TARGET_METRICS)?,
        wait_for_target: resolved.optional(&set::WAIT_FOR_TARGET)?,
        exit_code_on_error: resolved.required(&set::EXIT_CODE_ON_ERROR)?,
        loglevel: resolved.required(&set::LOGLEVEL)?,
        logfile: resolved.optional(&set::LOGFILE)?,
        show_config: resolved.required(&set::SHOW_CONFIG)?,
        single: single(resolved, known)?,
        list: resolved.required(&set::LIST)?,
    })
}

/// Locust's `{u}`, `{r}` and `{t}`. As there, `{t}` stays when the run has no length, and
/// so does `{r}` when there is no one rate; a spawn rate
/// with a fraction keeps it, where Locust cuts it off.
fn filled(path: &Path, plan: &Plan) -> PathBuf {
    let mut text = path.display().to_string();
    let rate = match &plan.load {
        Load::Closed(spawn) => spawn.rate(),
        Load::Open { arrivals, .. } => arrivals.rate(),
    };
    text = text.replace("{u}", &plan.load.most_users().to_string());
    if let Some(rate) = rate {
        text = text.replace("{r}", &rate.to_string());
    }
    if let Some(run_time) = plan.stop.run_time {
        text = text.replace("{t}", &run_time.as_secs().to_string());
    }
    PathBuf::from(text)
}
