//! Over TLS.

use crate::support::{Front, Place, Server, report};

const WORDS: &str = "SessionUser -u 4 -r 4 -t 2 --report-json report.json --trace trace.jsonl";

#[test]
fn a_target_over_tls_is_loaded_like_any_other() {
    let place = Place::new();
    let server = Server::start(&place, "--profile instant");
    let front = Front::of(&place, server.address());
    for stream in ["", " --stream"] {
        let ended = place.load(&front.host(), &format!("{WORDS} --tls-ca front.pem{stream}"));
        let report = report(&place, "report.json");
        assert!(report.total.succeeded > 100 && report.total.failed == 0, "{ended}");
        let trace = place.read("trace.jsonl");
        let secured = trace.lines().filter(|line| line.contains("\"secured_ns\"")).count();
        assert_eq!(secured, 4, "each user opened one connection: {ended}");
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent() {
    let place = Place::new();
    let server = Server::start(&place, "--profile instant");
    let front = Front::of(&place, server.address());
    let ended = place.load(&front.host(), WORDS).with_code(3);
    for part in ["issuer is unknown", "--tls-ca", "--insecure"] {
        assert!(ended.error().contains(part), "`{part}` is not said: {ended}");
    }
    let ended = place.load(&front.host(), &format!("{WORDS} --insecure"));
    assert!(report(&place, "report.json").total.succeeded > 0, "{ended}");
    place.load(&front.host(), &format!("{WORDS} --tls-ca nowhere.pem")).with_code(2);
}

#[test]
fn turns_on_web_sockets_are_judged_and_recorded_like_any_other() {
    let place = Place::new();
    let server = Server::start(&place, "--profile instant");
    let front = Front::of(&place, server.address());
    for host in [format!("http://{}", server.address()), front.host()] {
        let words = format!("{WORDS} --tls-ca front.pem --transport ws");
        let ended = place.load(&host, &words);
        let report = report(&place, "report.json");
        assert!(report.total.succeeded > 100 && report.total.failed == 0, "{ended}");
        let trace = place.read("trace.jsonl");
        let opened = trace.lines().filter(|line| line.contains("\"opening_ns\"")).count();
        assert_eq!(opened, 4, "each user kept its socket: {ended}");
        let mut right = trace.lines().filter(|line| line.contains("\"success\""));
        assert!(right.all(|line| line.contains("first_content_ns")), "{ended}");
    }
}
