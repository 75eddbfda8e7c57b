//! The same users on every API, each against a server that speaks that one alone.

use crate::support::{Pace, Place, Server, report, vendor};
use victor_types::RunReport;

const APIS: [&str; 4] = ["openai", "openai-responses", "anthropic", "victor-python"];

fn load(host: &str, words: &str) -> RunReport {
    let place = Place::new();
    let all = format!(
        "SessionUser VictorLoadTest --wait none -u 4 -r 4 -t 2 --stop-timeout 10 --api-key k \
         --report-json report.json {words}"
    );
    let ended = place.load(host, &all);
    let report = report(&place, "report.json");
    assert_eq!(report.total.failed, 0, "{:?} {ended}", report.failures);
    assert!(report.total.succeeded > 20, "{ended}");
    report
}

fn median(times: &victor_types::Distribution) -> f64 {
    let found = times.percentiles.iter().find(|p| (p.percent - 50.0).abs() < 1e-9);
    found.expect("a median").value.0
}

#[test]
fn every_api_is_found_and_its_users_remember_and_use_tools() {
    for api in APIS {
        let server = vendor(api, Pace::Token);
        let report = load(&server.host(), "--stream");
        assert_eq!(report.run.api.as_deref(), Some(api));
        let streaming = report.total.streaming.as_ref().expect("streams");
        assert_eq!(streaming.streams, report.total.succeeded);
        assert!(streaming.comments > 0, "{api}");
        // A word every 2 ms at the least, 12 of them: however busy the machine, not less than that.
        assert!(median(&streaming.itl) > 1.0, "{api}: {:?}", streaming.itl.mean);
        let (first, output) = (median(&report.total.first_token), median(&streaming.first_output));
        if api == "victor-python" {
            assert!((first - output).abs() < 1e-9, "no reasoning");
            let tokens = report.total.tokens.as_ref().expect("tokens");
            assert_eq!(tokens.estimated_turns, report.total.succeeded, "it reports none");
        } else {
            assert!(output > first, "{api}: reasoning comes first, {first} {output}");
            let tokens = report.total.tokens.as_ref().expect("tokens");
            assert_eq!(tokens.estimated_turns, 0, "{api}");
            assert_eq!(tokens.output, 18 * report.total.succeeded, "{api}");
            assert!(streaming.first_tool_call.count > 0, "{api}");
        }
    }
}

#[test]
fn plain_answers_and_a_base_address_with_its_version_do_as_well() {
    for api in APIS {
        let server = vendor(api, Pace::Token);
        let version = if api == "victor-python" { "" } else { "/v1" };
        let words = format!("--api {api} --slo ttft:20s,e2e:20s");
        let report = load(&format!("{}{version}", server.host()), &words);
        assert!(report.total.streaming.is_none(), "nothing was streamed");
        let good = report.total.goodput.as_ref().expect("objectives");
        assert_eq!(
            (good.good, good.slo.as_str()),
            (report.total.succeeded, "ttft:20000ms,e2e:20000ms")
        );
    }
}

#[test]
fn a_stream_in_one_piece_is_found_out() {
    let server = vendor("openai", Pace::Whole);
    let report = load(&server.host(), "--stream");
    let findings: Vec<&str> = report.findings.iter().map(|found| found.what.as_str()).collect();
    assert!(findings.contains(&"streams come in one piece"), "{findings:?}");
}

#[test]
fn the_wrong_api_is_refused_with_the_right_one() {
    let place = Place::new();
    let server = vendor("openai", Pace::Token);
    let ended = place.load(&server.host(), "-t 1m --api anthropic --api-key k").with_code(2);
    for part in ["--api anthropic", "/v1/messages", "--api openai"] {
        assert!(ended.error().contains(part), "{part}: {ended}");
    }
    let ended =
        place.load(&server.host(), "-t 1m --api openai --model other --api-key k").with_code(2);
    assert!(ended.error().contains("422"), "{ended}");
}

#[test]
fn the_real_server_is_found_with_one_request_that_starts_no_turn() {
    let place = Place::new();
    let server = Server::start(&place, "--profile fast");
    place.load(
        &server.host(),
        "StressTestUser -u 2 -r 2 -t 1 --stream --stop-timeout 10 --report-json report.json",
    );
    server.stop();
    let report = report(&place, "report.json");
    assert_eq!(report.run.api.as_deref(), Some("victor"));
    assert_eq!(crate::support::truth(&place).len() as u64, report.total.sent);
}
