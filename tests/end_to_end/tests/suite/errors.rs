//! What is wrong is said once, clearly, with the fix; and nothing is sent when it is known before.

use crate::support::{Ended, Place, Pretend, Server, expected_code, report};
use victor_types::{EndReason, FailureKind};

/// Nothing listens on port 1 of this machine.
const NOBODY: &str = "http://127.0.0.1:1";

fn says(ended: &Ended, parts: &[&str]) {
    for part in parts {
        assert!(ended.error().contains(part), "`{part}` is not said: {ended}");
    }
}

#[test]
fn an_absent_server_is_named_with_how_to_start_one() {
    let place = Place::new();
    let ended = place.load(NOBODY, "-u 5 -t 1m").with_code(3);
    says(&ended, &["127.0.0.1:1", "victor serve", "--host", "VICTOR_API_HOST"]);
    assert_eq!(ended.out, "", "{ended}");
    let ended = place.load("http://no-such-host.invalid", "-t 1m").with_code(3);
    says(&ended, &["no-such-host.invalid", "no address", "--host"]);
}

#[test]
fn a_target_that_is_waited_for_in_vain_is_named_with_what_it_said() {
    let place = Place::new();
    let words = "-u 1 -t 5 --wait-for-target 1s";
    let ended = place.load(NOBODY, words).with_code(3);
    says(&ended, &["not ready within 1 s", "refused", "--wait-for-target"]);
    let starting = Pretend::http("503 Service Unavailable");
    let ended = place.load(&starting.host(), words).with_code(3);
    says(&ended, &["/health/ready", "status 503"]);
    assert!(starting.connections() > 2, "asked again: {ended}");
}

#[test]
fn a_port_that_does_not_speak_http_is_malformed_and_no_crash() {
    let place = Place::new();
    let talkers = [
        Pretend::answering(b"\x00\xff\xfenonsense\r\n\r\n\x80"),
        Pretend::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nnot json"),
        Pretend::answering(b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}"),
        Pretend::greeting(b"SSH-2.0-OpenSSH_9.6\r\n"),
    ];
    for talker in talkers {
        let words = "StressTestUser -u 3 -r 3 -t 1 --report-json report.json";
        let ended = place.load(&talker.host(), words);
        let report = report(&place, "report.json");
        assert_eq!(ended.code(), expected_code(&report), "{ended}");
        assert!(report.total.failed > 0 && report.total.succeeded == 0, "{ended}");
        let kinds: Vec<FailureKind> = report.failures.iter().map(|row| row.kind).collect();
        assert_eq!(kinds, [FailureKind::MalformedBody], "{ended}");
        assert!(ended.out.contains("malformed_body"), "the console names it: {ended}");
    }
}

#[test]
fn an_answer_that_breaks_off_is_cut() {
    let place = Place::new();
    let talkers = [
        Pretend::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"response\":\"half"),
        Pretend::answering(b""),
    ];
    for talker in talkers {
        let words = "StressTestUser -u 3 -r 3 -t 1 --report-json report.json";
        place.load(&talker.host(), words);
        let report = report(&place, "report.json");
        let kinds: Vec<FailureKind> = report.failures.iter().map(|row| row.kind).collect();
        assert_eq!(kinds, [FailureKind::Cut]);
    }
}

#[test]
fn a_server_that_wants_something_else_ends_the_run_with_the_fix() {
    let place = Place::new();
    let cases: [(&str, u16, &[&str]); 3] = [
        ("404 Not Found", 404, &["/api/v1/chat", "--host", "victor serve"]),
        ("422 Unprocessable Entity", 422, &["message, session_id, context", "--provider"]),
        ("401 Unauthorized", 401, &["VICTOR_API_KEY", "--api-key"]),
    ];
    for (status, code, parts) in cases {
        let server = Pretend::http(status);
        let words = "-u 5 -r 5 -t 10m --report-json report.json";
        let ended = place.load(&server.host(), words).with_code(2);
        says(&ended, parts);
        let report = report(&place, "report.json");
        assert_eq!(report.run.end, EndReason::Futile);
        assert_eq!(expected_code(&report), 2);
        assert!(report.failures.iter().all(|row| row.kind == FailureKind::HttpStatus(code)));
    }
}

#[test]
fn a_wrong_key_is_refused_by_the_real_server_and_explained() {
    let place = Place::new();
    let server = Server::with_env(&place, "", &[("VICTOR_API_KEYS", "right-key")]);
    let ended = place.load(&server.host(), "-u 2 -r 2 -t 10m --api-key wrong-key").with_code(2);
    says(&ended, &["VICTOR_API_KEY"]);
    assert!(!format!("{}{}", ended.out, ended.err).contains("wrong-key"), "a key is never shown");
}

#[test]
fn failed_requests_choose_the_exit_code() {
    let place = Place::new();
    let server = Pretend::http("503 Service Unavailable");
    for (more, code) in [("", 1), ("--exit-code-on-error 17", 17)] {
        let ended = place.load(&server.host(), &format!("-t 1 --report-json report.json {more}"));
        let report = report(&place, "report.json");
        assert!(report.total.failed > 0 && report.total.succeeded == 0, "{ended}");
        // A machine too busy to make the load makes the run invalid, which weighs more.
        let expected = if report.validity.is_valid() { code } else { 4 };
        assert_eq!(ended.code(), expected, "{ended}");
    }
}

#[test]
fn wrong_usage_is_one_line_and_nothing_is_sent() {
    let place = Place::new();
    place.write("unknown.toml", "[load]\n\nuserz = 3\n");
    place.write("broken.toml", "[load\n");
    place.write("typed.toml", "[load]\nusers = \"many\"\n");
    let server = Pretend::http("200 OK");
    let cases: [(&str, &[&str]); 16] = [
        ("--config nowhere.toml", &["nowhere.toml", "--config"]),
        ("--config workspace", &["workspace", "--config"]),
        ("--config unknown.toml", &["unknown.toml line 3", "load.userz", "`users`"]),
        ("--config broken.toml", &["broken.toml line 1"]),
        ("--config typed.toml", &["typed.toml line 2", "load.users"]),
        ("--users 0", &["--users", "`0`"]),
        ("--users -5", &["--users"]),
        ("--run-time 5x", &["--run-time", "`5x`"]),
        ("--spawn-rate 0", &["--spawn-rate"]),
        ("NoSuchUser", &["NoSuchUser", "VictorLoadTest"]),
        ("VictorLoadTest=0", &["UserClass", "weight"]),
        ("--html /proc/nowhere/run.html", &["--html", "/proc/nowhere/run.html"]),
        ("--csv /proc/nowhere/run", &["--csv", "/proc/nowhere/run"]),
        ("--trace workspace", &["--trace", "workspace"]),
        ("--logfile /proc/nowhere/log", &["--logfile", "/proc/nowhere/log"]),
        ("--no-such-flag", &["--no-such-flag"]),
    ];
    for (words, parts) in cases {
        let ended = place.load(&server.host(), &format!("-t 5 {words}")).with_code(2);
        says(&ended, parts);
        assert_eq!(ended.out, "", "{ended}");
    }
    let ended = place.load("http://192.0.2.1:8000", "-t 5").with_code(2);
    says(&ended, &["192.0.2.1", "--yes"]);
    let ended = place.load("ftp://localhost", "-t 5").with_code(2);
    says(&ended, &["--host", "http://"]);
    assert_eq!(server.connections(), 0, "something was sent");
}

#[test]
fn a_victor_toml_that_is_wrong_is_named_where_it_lies() {
    let place = Place::new();
    place.write("victor.toml", "[load]\nrun-time = \"1m\"\nrun_tyme = \"2m\"\n");
    let server = Pretend::http("200 OK");
    let ended = place.load(&server.host(), "").with_code(2);
    says(&ended, &["victor.toml line 3", "load.run_tyme", "`run-time`"]);
    assert_eq!(server.connections(), 0, "something was sent");
}

#[test]
fn the_doctor_says_what_is_in_the_way_of_a_load() {
    let place = Place::new();
    let doctor = |host: &str, more: &[&str]| {
        let mut words = vec!["doctor", "-H", host];
        words.extend(more);
        place.victor(&words)
    };
    let server = Server::start(&place, "--profile instant");
    let well = doctor(&server.host(), &[]);
    for part in ["chat path", "a right answer", "open files", "ports", "timer", "CPU", "memory"] {
        assert!(well.out.contains(part), "`{part}`: {well}");
    }
    // A machine at its limits is the machine's fault, not the target's.
    assert!([0, 2].contains(&well.code()), "{well}");
    let json = doctor(&server.host(), &["--json"]).out;
    let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(read.as_array().is_some_and(|checks| checks.len() > 8), "{json}");
    let nobody = doctor(NOBODY, &[]).with_code(3);
    assert!(nobody.out.contains("bad") && nobody.out.contains("victor serve"), "{nobody}");
    let other = doctor(&Pretend::http("404 Not Found").host(), &[]).with_code(3);
    for dialect in ["/v1/chat/completions", "/v1/messages", "--host"] {
        assert!(other.out.contains(dialect), "`{dialect}`: {other}");
    }
    let unnamed = doctor("http://no-such-host.invalid", &[]).with_code(3);
    assert!(unnamed.out.contains("resolv.conf"), "{unnamed}");
    doctor("ftp://localhost", &[]).with_code(2);
}
