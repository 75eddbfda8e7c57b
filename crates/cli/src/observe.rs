//! `victor observe`: watches a server from its own machine, for a load that comes from another.

use crate::talk::{self, Failure};
use crate::{logging, run_id, signals};
use clap::{Arg, ArgGroup, ArgMatches, Command, value_parser};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing::level_filters::LevelFilter;
use victor_clock::{Duration, Instant, now};
use victor_config::RunOptions;
use victor_observe::{
    Observation, ObservationLog, RemoteObserver, SharedLog, Target, TargetMetrics, Watch, serve,
};
use victor_types::ExitCode;

/// Where the token is read from, on both sides: flags can be read by other users of a machine.
const TOKEN: &str = "VICTOR_OBSERVE_TOKEN";

pub(crate) fn command() -> Command {
    let arg = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help);
    Command::new("observe")
        .about("Watch a server's process, machine and container from beside it")
        .arg(
            arg("port", "Port the server listens on, or its address and port")
                .value_name("PORT|ADDRESS:PORT")
                .value_parser(address),
        )
        .arg(
            arg("pid", "Process of the server")
                .value_name("PID")
                .value_parser(value_parser!(u32).range(1..=4_194_304)),
        )
        .group(ArgGroup::new("target").args(["port", "pid"]).required(true))
        .arg(
            arg("listen", "Answer `victor load --observe` here, instead of printing JSON lines; beyond loopback a token is needed")
                .value_name("ADDRESS:PORT")
                .num_args(0..=1)
                .default_missing_value("127.0.0.1:9127")
                .value_parser(address),
        )
        .arg(
            arg("token", "Token that askers must have; other users of the machine can read flags, so prefer VICTOR_OBSERVE_TOKEN")
                .value_name("TOKEN"),
        )
        .arg(
            arg("every", "Time between samples, from 0.1 s")
                .value_name("SECONDS")
                .value_parser(seconds)
                .default_value("1"),
        )
        .arg(
            arg("target-metrics", "Address of the server's own metrics, or `off` [default: /metrics of the port, when it shows known ones]")
                .value_name("URL"),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let listen = matches.get_one::<SocketAddr>("listen").copied();
    let given = matches.get_one::<String>("token").cloned();
    let token = given.or_else(token_of_environment).filter(|token| !token.is_empty());
    if let Some(address) = listen.filter(|address| !address.ip().is_loopback())
        && token.is_none()
    {
        return Err(Failure::usage(format!(
            "--listen {address} is not loopback: set {TOKEN} to a token of your choice, here and \
             where `victor load --observe` runs"
        )));
    }
    logging::start(LevelFilter::WARN, None)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ExitCode::Invalid, format!("cannot start: {error}")))?;
    let start = now();
    runtime.block_on(observe(watch(matches, start)?, start, listen, token))
}

fn watch(matches: &ArgMatches, start: Instant) -> Result<Watch, Failure> {
    let port = matches.get_one::<SocketAddr>("port").copied();
    let target = match (port, matches.get_one::<u32>("pid")) {
        (Some(address), _) => Target::Port(address),
        (None, Some(&pid)) => Target::Pid(pid),
        (None, None) => return Err(Failure::usage("name the server by --port or --pid")),
    };
    let asked = matches.get_one::<String>("target-metrics").map(String::as_str);
    let found = || port.map(|address| TargetMetrics::probe(&format!("http://{address}")));
    let metrics = match metrics("--target-metrics", asked)? {
        Some(metrics) => metrics,
        None => found().unwrap_or_else(TargetMetrics::off),
    };
    let watch = Watch::local(target, start).with_metrics(metrics);
    Ok(match matches.get_one::<Duration>("every") {
        Some(&every) => watch.every(every),
        None => watch,
    })
}

async fn observe(
    watch: Watch,
    start: Instant,
    listen: Option<SocketAddr>,
    token: Option<String>,
) -> Result<ExitCode, Failure> {
    let mut stop = signals::count("stopping")?;
    let (out, mut inbox) = mpsc::channel(64);
    let Some(address) = listen else {
        let watching = tokio::spawn(watch.run(out));
        let print = async {
            while let Some(observation) = inbox.recv().await {
                print_line(&observation);
            }
        };
        tokio::select! {
            () = print => {}
            _ = stop.wait_for(|&count| count > 0) => watching.abort(),
        }
        return Ok(ExitCode::Ok);
    };
    let unusable = |error| {
        Failure::usage(format!(
            "--listen {address}: {error}: choose another port, or stop what has it"
        ))
    };
    let listener = TcpListener::bind(address).await.map_err(unusable)?;
    let at = listener.local_addr().map_err(unusable)?;
    let log = ObservationLog::new(run_id::draw(), start);
    let log: SharedLog = Arc::new(Mutex::new(log));
    let status = watch.status();
    let written = Arc::clone(&log);
    tokio::spawn(watch.run(out));
    tokio::spawn(async move {
        while let Some(observation) = inbox.recv().await {
            say(&observation);
            written.lock().unwrap_or_else(PoisonError::into_inner).push(observation);
        }
    });
    talk::print(&format!("victor observe: http://{at} (Ctrl-C stops)"));
    let stopped = async move {
        let _ = stop.wait_for(|&count| count > 0).await;
    };
    serve(listener, log, status, token, stopped).await.map_err(unusable)?;
    Ok(ExitCode::Ok)
}

fn print_line(observation: &Observation) {
    if let Ok(line) = serde_json::to_string(observation) {
        talk::print(&line);
    }
}

/// What changes is said to the person at the terminal; samples are for those who ask.
fn say(observation: &Observation) {
    match observation {
        Observation::Found { pid, command, .. } => {
            talk::say(&format!("watching {command} (process {pid})"));
        }
        Observation::Missing { reason, .. } => talk::say(&format!("nothing to watch: {reason}")),
        Observation::Sample(_) => {}
    }
}

/// Where `victor load` looks at the server, from its settings and the environment.
pub(crate) fn sources(
    run: &RunOptions,
) -> Result<(Option<RemoteObserver>, Option<TargetMetrics>), Failure> {
    let observer = run.observe.as_deref().map(|url| {
        let observer = RemoteObserver::new(url, token_of_environment());
        observer.map_err(|error| Failure::usage(format!("--observe: {error}")))
    });
    Ok((observer.transpose()?, metrics("--target-metrics", run.target_metrics.as_deref())?))
}

fn metrics(flag: &str, asked: Option<&str>) -> Result<Option<TargetMetrics>, Failure> {
    match asked {
        None => Ok(None),
        Some("off") => Ok(Some(TargetMetrics::off())),
        Some(url) => TargetMetrics::at(url)
            .map(Some)
            .map_err(|error| Failure::usage(format!("{flag}: {error}"))),
    }
}

fn token_of_environment() -> Option<String> {
    std::env::var(TOKEN).ok().filter(|token| !token.is_empty())
}

/// A port of this machine, or an address with a port.
fn address(text: &str) -> Result<SocketAddr, String> {
    let of_port = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let parsed = text.parse::<u16>().map(of_port).or_else(|_| text.parse());
    parsed.map_err(|_| "write it like 8000 or 127.0.0.1:8000".to_owned())
}

/// A time between samples.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.1..=3600.0).contains(number));
    number.map(Duration::from_secs_f64).ok_or_else(|| "write seconds from 0.1 to 3600".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(line: &[&str]) -> Failure {
        let matches = command().try_get_matches_from(line).expect("understood");
        run(&matches).expect_err("refused")
    }

    #[test]
    fn an_open_door_needs_a_token() {
        if token_of_environment().is_none() {
            let refused = failure(&["observe", "--port", "8000", "--listen", "0.0.0.0:9127"]);
            assert_eq!(refused.code, ExitCode::Usage);
            assert!(refused.text.contains(TOKEN), "{}", refused.text);
        }
    }

    #[test]
    fn a_target_is_needed_and_addresses_are_read() {
        assert!(command().try_get_matches_from(["observe"]).is_err());
        assert!(command().try_get_matches_from(["observe", "--port", "1", "--pid", "1"]).is_err());
        assert_eq!(address("8000"), Ok(SocketAddr::from(([127, 0, 0, 1], 8000))));
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert!(seconds("0").is_err() && seconds("100ms").is_err() && seconds("NaN").is_err());
        assert!(address("[::1]:80").is_ok() && address("localhost").is_err());
    }

    #[test]
    fn what_metrics_are_asked_for_is_checked() {
        assert!(matches!(metrics("--target-metrics", Some("off")), Ok(Some(_))));
        let refused = metrics("--target-metrics", Some("localhost:1")).expect_err("no scheme");
        assert!(refused.text.starts_with("--target-metrics: `localhost:1`"), "{}", refused.text);
    }
}
