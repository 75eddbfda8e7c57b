//! The server seen beside the load: by the run itself, and by `victor observe`.

use crate::support::{Place, Server, report, until};
use serde_json::Value;
use std::net::TcpListener;
use victor_types::{Observation, RunReport, Warning};

const FLAGS: &str = "-u 5 -r 20 -t 4 --report-json report.json StressTestUser";

fn not_sampled(report: &RunReport) -> Option<&str> {
    report.validity.warnings.iter().find_map(|warning| match warning {
        Warning::ServerNotSampled { reason } => Some(reason.as_str()),
        _ => None,
    })
}

#[test]
fn a_run_sees_the_memory_the_machine_and_what_the_server_tells_of_itself() {
    let place = Place::new();
    let server = Server::start(&place, "--profile instant");
    let ended = place.load(&server.host(), FLAGS);
    let report = report(&place, "report.json");
    let seen = report.server.as_ref().unwrap_or_else(|| panic!("not sampled: {ended}"));
    assert_eq!(seen.metrics, Some(format!("{}/metrics", server.host())));
    assert!(
        seen.samples.iter().any(|sample| sample.metrics.is_some_and(|m| m.in_flight.is_some()))
    );
    assert!(seen.samples.iter().any(|sample| {
        let memory = sample.memory.unwrap_or_default();
        memory.pss.is_some() && memory.uss <= memory.pss && memory.anonymous.is_some()
    }));
    assert!(seen.samples.iter().any(|sample| sample.host.is_some()));
    assert!(
        seen.samples
            .iter()
            .any(|sample| { sample.sockets.is_some_and(|sockets| sockets.listening == Some(1)) })
    );
    let cost = seen.cost.expect("measured");
    assert!(cost.samples >= 2 && cost.cpu.0 > 0.0, "{cost:?}");
    assert!(ended.out.contains("observing it took"), "{ended}");
}

#[test]
fn an_observer_beside_the_server_is_relayed() {
    let place = Place::new();
    let server = Server::start(&place, "--profile instant");
    let port = server.address().port().to_string();
    let env = [("VICTOR_OBSERVE_TOKEN", "some-token")];
    let words = ["observe", "--port", &port, "--listen", "127.0.0.1:0"];
    let observer = place.start(&words, &env);
    let url = until(20, || {
        let told = observer.out();
        let rest = told.lines().next().filter(|_| told.ends_with('\n'))?.split("http://").nth(1)?;
        Some(format!("http://{}", rest.split(' ').next()?))
    })
    .expect("it says where it answers");
    let load = |env: &[(&str, &str)]| {
        let mut words = vec!["load", "--headless", "--host"];
        let host = server.host();
        words.push(&host);
        words.extend(["--observe", &url]);
        words.extend(FLAGS.split_whitespace());
        let ended = place.start(&words, env).wait(60);
        (ended, report(&place, "report.json"))
    };
    let (ended, seen) = load(&env);
    let server = seen.server.as_ref().unwrap_or_else(|| panic!("not relayed: {ended}"));
    assert_eq!(server.observer.as_deref(), Some(url.as_str()));
    assert!(server.cores > 0 && server.samples.len() >= 2, "{server:?}");
    assert!(server.samples.iter().all(|sample| (0.0..60.0).contains(&sample.at.0)));
    let (ended, refused) = load(&[]);
    assert!(
        not_sampled(&refused).is_some_and(|why| why.contains("VICTOR_OBSERVE_TOKEN")),
        "{ended}"
    );
    assert!(refused.total.succeeded > 0, "the run goes on: {ended}");
}

#[test]
fn an_observer_that_is_not_there_is_a_warning_and_the_run_goes_on() {
    let place = Place::new();
    let server = Server::start(&place, "--profile instant");
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let flags = format!("--observe http://{} {FLAGS}", closed.expect("a free port"));
    let ended = place.load(&server.host(), &flags);
    let report = report(&place, "report.json");
    assert!(report.total.succeeded > 0 && report.server.is_none(), "{ended}");
    assert!(not_sampled(&report).is_some_and(|why| why.contains("--observe")), "{ended}");
    assert!(ended.err.contains("cannot be reached"), "{ended}");
}

#[test]
fn without_an_endpoint_it_prints_a_line_for_each_observation() {
    let place = Place::new();
    let server = Server::start(&place, "--profile instant");
    let port = server.address().port().to_string();
    let observer = place.start(&["observe", "--port", &port, "--every", "0.1"], &[]);
    until(20, || (observer.out().lines().count() > 5).then_some(())).expect("lines");
    server.stop();
    let gone = until(20, || {
        observer.out().lines().find(|line| line.contains("missing")).map(str::to_owned)
    });
    assert!(gone.expect("its end is told").contains("has ended"));
    let told = observer.out();
    let whole = told.rsplit_once('\n').expect("lines").0;
    let seen: Vec<Observation> = whole
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    assert!(
        matches!(&seen[0], Observation::Found { command, .. } if command == "victor"),
        "{told}"
    );
    let first: Value = serde_json::from_str(whole.lines().nth(1).expect("a sample")).expect("JSON");
    assert_eq!(first["kind"], "sample");
    assert!(first.get("cgroup").is_none_or(Value::is_object), "what is not known is absent");
}

#[test]
fn an_open_door_without_a_token_is_refused() {
    let place = Place::new();
    let words = ["observe", "--port", "8000", "--listen", "0.0.0.0:0"];
    let ended = place.victor(&words).with_code(2);
    assert!(ended.error().contains("VICTOR_OBSERVE_TOKEN"), "{ended}");
}
