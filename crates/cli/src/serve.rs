//! `victor serve`: the assistant server under test.

use crate::talk::{self, Failure};
use crate::{logging, open_files, serve_context, serve_limits, signals};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use tracing::level_filters::LevelFilter;
use victor_plan::parse_run_time;
use victor_server::{
    ApiKey, Fault, Preset, Profile, ServeError, Server, ServerSettings, fault_help,
};
use victor_types::ExitCode;

pub(crate) fn command() -> Command {
    let arg = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help);
    Command::new("serve")
        .about("Start the assistant server under test, with its simulated model")
        .arg(
            arg("host", "Address to listen on; one that is not loopback needs VICTOR_API_KEYS")
                .value_name("ADDRESS")
                .default_value("127.0.0.1"),
        )
        .arg(
            arg("port", "Port to listen on; 0 takes a free one")
                .short('p')
                .value_parser(value_parser!(u16))
                .default_value("8000"),
        )
        .arg(
            arg("profile", "Service times of the model: instant, fast or cloud")
                .value_parser(|text: &str| text.parse::<Profile>())
                .default_value("fast"),
        )
        .arg(
            arg("preset", "Kind of assistant: chat (answers as long as a public service's) or coding-agent (rounds of tools, thinking, several tokens a chunk) [default: short answers, one step]")
                .value_parser(|text: &str| text.parse::<Preset>()),
        )
        .arg(
            arg("keep-alive", "Send a comment into a stream after so long without an event [default: 15s with --preset coding-agent, else none]")
                .value_name("TIME")
                .value_parser(|text: &str| parse_run_time(text)),
        )
        .arg(arg("no-usage", "End streams without a usage event").action(ArgAction::SetTrue))
        .arg(arg("seed", "Seed of the model and the faults").value_parser(value_parser!(u64)).default_value("0"))
        .arg(
            arg("workspace", "Folder that the tools may read, and nothing outside it")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .default_value("."),
        )
        .arg(
            arg("allow-command", "Program that the tool run_command may run, by its name; may be repeated")
                .value_name("NAME")
                .action(ArgAction::Append),
        )
        .arg(
            arg("truth-log", "Append a JSON line for each chat request: when it was received and written")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            arg("truth-tokens", "Put the instant of each streamed token into the truth log")
                .action(ArgAction::SetTrue),
        )
        .arg(
            arg("fault", "Switch a fault on; repeatable, listed below")
                .value_name("NAME=VALUE")
                .action(ArgAction::Append),
        )
        .arg(
            arg("max-sessions", "Most live sessions; one more evicts the longest idle")
                .value_parser(value_parser!(u64).range(1..=10_000_000))
                .default_value("10000"),
        )
        .arg(
            arg("admin", "Serve /admin/faults, which switches faults while the server runs, to callers on this machine")
                .action(ArgAction::SetTrue),
        )
        .arg(
            arg("session-ttl", "How long an unused session is kept")
                .value_parser(|text: &str| parse_run_time(text))
                .default_value("1h"),
        )
        .arg(
            arg("drain", "How long requests in flight may take to end when the server stops")
                .value_parser(|text: &str| parse_run_time(text))
                .default_value("10s"),
        )
        .arg(arg("workers", "Threads that serve [default: one a core]").value_parser(value_parser!(u16).range(1..=256)))
        .arg(
            arg("allowed-host", "Host name accepted in requests, beside loopback names and --host")
                .action(ArgAction::Append),
        )
        .arg(
            arg("allow-open", "Listen beyond loopback without keys")
                .action(ArgAction::SetTrue),
        )
        .args(serve_context::args())
        .args(serve_limits::args())
        .after_help(format!(
            "{}\n\nEnvironment: VICTOR_API_KEYS=key[:client],... are the keys that open the API.",
            fault_help()
        ))
}

pub(crate) fn run(matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut settings = settings(matches)?;
    logging::start(LevelFilter::WARN, None)?;
    let room = open_files::make_room(settings.max_connections);
    if room < settings.max_connections {
        // Fewer than the default are no news unless so many were asked for.
        let asked = matches.value_source("max-connections") == Some(ValueSource::CommandLine);
        if asked || room < 1000 {
            tracing::warn!(
                "room for {room} connections instead of {}: raise the limit of open files (ulimit -n)",
                settings.max_connections
            );
        }
        settings.max_connections = room;
    }
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(&workers) = matches.get_one::<u16>("workers") {
        builder.worker_threads(usize::from(workers));
    }
    let runtime = builder
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ExitCode::Invalid, format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let profile = settings.profile;
        let mut stop = signals::count("stopping; requests in flight may finish")?;
        let server = Server::bind(settings).await.map_err(|error| failure(&error))?;
        talk::print(&format!(
            "victor serve: http://{} (model sim, profile {profile}; Ctrl-C stops)",
            server.local_addr()
        ));
        server.run(async move { stop.wait_for(|&count| count > 0).await.map(|_| ()) }).await;
        Ok(ExitCode::Ok)
    })
}

fn failure(error: &ServeError) -> Failure {
    Failure::usage(error)
}

fn settings(matches: &ArgMatches) -> Result<ServerSettings, Failure> {
    let get = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let mut settings = ServerSettings::default();
    let port = matches.get_one::<u16>("port").copied().unwrap_or(settings.address.port());
    settings.address = address(&get("host"), port)?;
    if let Some(profile) = matches.get_one::<Profile>("profile") {
        settings.profile = *profile;
    }
    settings.preset = matches.get_one::<Preset>("preset").copied();
    settings.keep_alive = matches.get_one::<std::time::Duration>("keep-alive").copied();
    settings.usage = !matches.get_flag("no-usage");
    if let Some(seed) = matches.get_one::<u64>("seed") {
        settings.seed = *seed;
    }
    if let Some(workspace) = matches.get_one::<PathBuf>("workspace") {
        settings.workspace.clone_from(workspace);
    }
    settings.truth_log = matches.get_one::<PathBuf>("truth-log").cloned();
    settings.truth_tokens = matches.get_flag("truth-tokens");
    for text in matches.get_many::<String>("fault").into_iter().flatten() {
        let fault = text.parse::<Fault>();
        let fault = fault.map_err(|error| Failure::usage(format!("--fault: {error}")))?;
        settings.faults.push(fault);
    }
    settings.admin = matches.get_flag("admin");
    for (name, span) in [("session-ttl", &mut settings.session_ttl), ("drain", &mut settings.drain)]
    {
        if let Some(given) = matches.get_one::<std::time::Duration>(name) {
            *span = *given;
        }
    }
    if let Some(&most) = matches.get_one::<u64>("max-sessions") {
        settings.max_sessions = usize::try_from(most).unwrap_or(usize::MAX);
    }
    settings.allowed_hosts =
        matches.get_many::<String>("allowed-host").into_iter().flatten().cloned().collect();
    settings.allowed_commands =
        matches.get_many::<String>("allow-command").into_iter().flatten().cloned().collect();
    settings.allow_open = matches.get_flag("allow-open");
    serve_context::apply(matches, &mut settings);
    serve_limits::apply(matches, &mut settings)?;
    settings.api_keys = keys(std::env::var("VICTOR_API_KEYS").unwrap_or_default().as_str())?;
    Ok(settings)
}

fn address(host: &str, port: u16) -> Result<SocketAddr, Failure> {
    if let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, port));
    }
    let found =
        (host, port).to_socket_addrs().ok().and_then(|mut found| found.find(SocketAddr::is_ipv4));
    found.ok_or_else(|| {
        Failure::usage(format!("--host: `{host}` is no address: write it like 127.0.0.1"))
    })
}

fn keys(text: &str) -> Result<Vec<ApiKey>, Failure> {
    let parts = text.split(',').filter(|part| !part.trim().is_empty());
    parts.map(str::parse).collect::<Result<_, _>>().map_err(Failure::usage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_keys_and_addresses_or_errors(text in "[^\\x00]{0,40}") {
            if let Ok(keys) = keys(&text) {
                prop_assert!(keys.len() <= text.split(',').count());
            }
            if let Ok(ip) = text.parse::<IpAddr>() {
                prop_assert!(address(&text, 1).is_ok_and(|address| address.ip() == ip));
            }
        }
    }

    #[test]
    fn addresses_are_read() {
        assert_eq!(address("127.0.0.1", 1).ok(), Some(SocketAddr::from(([127, 0, 0, 1], 1))));
        assert!(address("::1", 1).is_ok() && address("[::1]", 1).is_ok());
        assert!(address("no such host", 1).is_err());
    }
}
