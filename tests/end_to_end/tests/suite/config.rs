//! A flag beats the environment, which beats `victor.toml`.

use crate::support::Place;

/// Value and origin of `key` as `--show-config` shows them.
fn shown(place: &Place, words: &[&str], env: &[(&str, &str)], key: &str) -> (String, String) {
    let mut all = vec!["load", "--show-config"];
    all.extend(words);
    let ended = place.start(&all, env).wait(20).with_code(0);
    assert_eq!(ended.err, "", "{ended}");
    let line = ended.out.lines().find(|line| line.split(' ').next() == Some(key));
    let line = line.unwrap_or_else(|| panic!("no {key}: {ended}"));
    let (value, origin) = line[key.len()..].trim().split_once("  ").expect("value and origin");
    (value.to_owned(), origin.trim().to_owned())
}

#[test]
fn the_nearest_source_wins() {
    let place = Place::new();
    let is = |words: &[&str], env: &[(&str, &str)], key: &str, value: &str, origin: &str| {
        assert_eq!(shown(&place, words, env, key), (value.to_owned(), origin.to_owned()));
    };
    is(&[], &[], "users", "1", "default");
    place.write("victor.toml", "[load]\nusers = 3\nhost = \"http://file:1\"\n");
    is(&[], &[], "users", "3", "victor.toml line 2");
    let env = [("LOCUST_USERS", "4"), ("LOCUST_HOST", "http://locust:1")];
    is(&[], &env, "users", "4", "environment LOCUST_USERS");
    is(&[], &env, "host", "http://locust:1", "environment LOCUST_HOST");
    is(&["-u", "5"], &env, "users", "5", "flag --users");
    let env = [("VICTOR_API_HOST", "http://own:1"), ("LOCUST_HOST", "http://locust:1")];
    is(&[], &env, "host", "http://own:1", "environment VICTOR_API_HOST");
    is(&["-H", "http://flag:1"], &env, "host", "http://flag:1", "flag --host");
    is(&[], &[("VICTOR_API_HOST", "")], "host", "http://file:1", "victor.toml line 3");
    place.write("other.toml", "\n[load]\nusers = 6\n");
    is(&["--config", "other.toml"], &[], "users", "6", "other.toml line 3");
}

#[test]
fn a_key_is_never_shown() {
    let place = Place::new();
    let env = [("VICTOR_API_KEY", "very-secret")];
    let (value, origin) = shown(&place, &[], &env, "api-key");
    assert_eq!((value.as_str(), origin.as_str()), ("***", "environment VICTOR_API_KEY"));
}

#[test]
fn what_is_shown_is_what_is_run() {
    let place = Place::new();
    let server = crate::support::Server::start(&place, "");
    let file = "[load]\nusers = 2\nspawn-rate = 2\nrun-time = \"2s\"\nseed = 11\nheadless = true\n\
                user-classes = [\"StressTestUser\"]\nreport-json = \"report.json\"\n";
    place.write("victor.toml", file);
    let host = server.host();
    let env = [("LOCUST_USERS", "3"), ("VICTOR_API_HOST", host.as_str())];
    place.start(&["load", "--seed", "12"], &env).wait(20);
    let run = crate::support::report(&place, "report.json").run;
    assert_eq!((run.users, run.seed, run.host), (3, 12, host));
    assert_eq!(run.classes, [("StressTestUser".to_owned(), 3)]);
    assert_eq!(run.run_time.map(|length| length.0), Some(2.0));
}

#[test]
fn the_guides_example_is_read_to_its_last_key() {
    let place = Place::new();
    place.write("victor.toml", include_str!("../../../../docs/guide/victor.toml"));
    let is = |key: &str, value: &str| assert_eq!(shown(&place, &[], &[], key).0, value, "{key}");
    is("users", "50");
    is("user-classes", "VictorLoadTest=3 StressTestUser");
    is("total-timeout", "300");
    is("throughput", "false");
}
