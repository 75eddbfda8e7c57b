//! `victor load`'s configuration as its users meet it: texts, files, secrets, the reference page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use victor_config::{ConfigError, LoadConfig, load_command, reference_page, resolve_load};
use victor_types::ExitCode;

const CLASSES: [&str; 4] = ["VictorLoadTest", "StressTestUser", "ChatUser", "APIUser"];

/// What a user has typed, set and written.
#[derive(Default)]
struct Given {
    flags: &'static str,
    env: &'static [(&'static str, &'static str)],
    file: Option<&'static str>,
}

impl Given {
    fn flags(flags: &'static str) -> Self {
        Self { flags, ..Self::default() }
    }

    fn env(env: &'static [(&'static str, &'static str)]) -> Self {
        Self { env, ..Self::default() }
    }

    fn file(text: &'static str) -> Self {
        Self { file: Some(text), ..Self::default() }
    }

    fn resolve(&self) -> Result<LoadConfig, ConfigError> {
        let folder = tempfile::tempdir().expect("folder");
        if let Some(text) = self.file {
            std::fs::write(folder.path().join("victor.toml"), text).expect("file");
        }
        let words = std::iter::once("load").chain(self.flags.split_whitespace());
        let matches = load_command().try_get_matches_from(words).expect("flags");
        let find = |name: &str| self.env.iter().find(|(known, _)| *known == name);
        let env = |name: &str| find(name).map(|(_, text)| (*text).to_owned());
        resolve_load(&matches, &env, folder.path(), &CLASSES)
    }

    fn config(&self) -> LoadConfig {
        self.resolve().expect("resolves")
    }

    fn error(&self) -> String {
        let error = self.resolve().expect_err("refused");
        assert_eq!(error.exit_code(), ExitCode::Usage);
        error.to_string()
    }
}

#[test]
fn wrong_values_are_told_by_their_source_and_with_the_fix() {
    let cases = [
        Given::flags("--users 0"),
        Given::flags("-u -3"),
        Given::env(&[("LOCUST_USERS", "abc")]),
        Given::file("[load]\nusers = 0\n"),
        Given::file("[load]\nusers = 1_000_000_000\n"),
        Given::flags("--run-time 5x"),
        Given::env(&[("LOCUST_RUN_TIME", "1m30")]),
        Given::flags("-t 0"),
        Given::flags("-s 99999h"),
        Given::flags("-r -1"),
        Given::file("[load]\nspawn-rate = nan\n"),
        Given::env(&[("LOCUST_SPAWN_RATE", "0")]),
        Given::flags("-H localhost:8000"),
        Given::env(&[("VICTOR_API_HOST", "ftp://files.example.com")]),
        Given::env(&[("LOCUST_HOST", "http://")]),
        Given::flags("--host http://localhost:99999"),
        Given::flags("VictorLoadTst"),
        Given::flags("Nobody"),
        Given::env(&[("LOCUST_USER_CLASSES", "ChatUser chatuser=2")]),
        Given::flags("ChatUser=many"),
        Given::flags("ChatUser ChatUser=2"),
        Given::flags("ChatUser=0 APIUser=0"),
        Given::env(&[("LOCUST_HEADLESS", "maybe")]),
        Given::flags("--exit-code-on-error 256"),
        Given::flags("-L LOUD"),
        Given::flags("--shards 0"),
        Given::flags("--stall-timeout 0"),
        Given::file("[limits]\ntotal-timeout = -5\n"),
        Given::file("[targets]\nerror_rate = 5\n"),
        Given::file("[targets]\np95_ms = 0\n"),
        Given::flags("--html="),
        Given::env(&[("VICTOR_MODEL", "a\nb")]),
    ];
    let told: String = cases.iter().map(|given| given.error() + "\n").collect();
    assert_eq!(told.lines().count(), cases.len(), "every message is one line");
    insta::assert_snapshot!(told);
}

#[test]
fn a_wrong_file_is_told_with_its_line() {
    let cases = [
        "[load]\n# a comment\nusers = 5\nspawn_rate = 2\n",
        "[load]\nusesr = 5\n",
        "[load]\ncompression = true\n",
        "[load]\np95_ms = 300\n",
        "[load]\nlist = true\n",
        "[laod]\nusers = 5\n",
        "[server]\nport = 8000\n",
        "users = 5\n",
        "load = 5\n",
        "[load]\nusers = \"5\"\n",
        "[load]\nusers = 1.5\n",
        "[load]\n\nhost = 8000\n",
        "[load]\nheadless = \"true\"\n",
        "[load]\nuser-classes = [1, 2]\n",
        "[load]\nrun-time = 1.5\n",
        "[limits]\nconnect-timeout = \"5\"\n",
        "[targets]\ncpu = true\n",
        "[load]\nusers = \n",
        "[load]\nhost = \"http://é\" x\n",
        "[load]\nusers = 1\nusers = 2\n",
        "[load\nusers = 1\n",
    ];
    let mut told = String::new();
    for text in cases {
        let error = Given::file(text).error();
        assert_eq!(error.lines().count(), 1, "{error}");
        writeln!(told, "{error}").expect("a string");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn an_unreadable_file_is_told_with_its_name() {
    insta::assert_snapshot!(Given::flags("--config nowhere/at-all.toml").error(), @"cannot read nowhere/at-all.toml (No such file or directory (os error 2)): check the path and its permissions, or --config");
}

#[test]
fn a_named_file_replaces_the_one_of_the_folder() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("victor.toml"), "[load]\nusers = 5\nshards = 2\n")
        .expect("file");
    std::fs::write(folder.path().join("other.toml"), "[load]\nusers = 9\n").expect("file");
    let words = ["load", "--config", "other.toml"];
    let matches = load_command().try_get_matches_from(words).expect("flags");
    let config = resolve_load(&matches, &|_| None, folder.path(), &CLASSES).expect("resolves");
    assert_eq!((config.plan.load.most_users(), config.plan.shards), (9, 1));
    let origin = config.origins.of("users").map(ToString::to_string);
    assert_eq!(origin.as_deref(), Some("other.toml line 2"));
}

#[test]
fn stages_can_be_tables_of_the_file() {
    let file = "[load]\nshards = 1\n[[stage]]\nduration = \"30s\"\nusers = 10\n\
                [[stage]]\nduration = 60\nusers = 50\nspawn-rate = 5.0\n";
    let config = Given::file(file).config();
    assert_eq!(config.origins.value_of("stages"), Some("30s:10,60:50@5.0"));
    assert_eq!(config.plan.load.most_users(), 50);
    assert_eq!(config.plan.stop.run_time.map(|span| span.as_secs()), Some(90));
    for wrong in ["stage = 5\n", "[[stage]]\nusers = 1\n", "[[stage]]\nduration = 5\nuser = 1\n"] {
        assert!(Given::file(wrong).error().contains("line"), "{wrong}");
    }
}

#[test]
fn loads_that_contradict_each_other_are_refused() {
    let cases = [
        Given::flags("--arrival-rate 5 --stages 5s:3"),
        Given::flags("--arrival-rate 5 --arrival-stages 5s:3"),
        Given::flags("--shape soak --stages 5s:3"),
        Given::flags("--arrivals trace:nowhere.jsonl"),
        Given::flags("--stages 5s"),
        Given::flags("--stages 0:5"),
        Given::flags("--shape wave"),
        Given::flags("--patience 0"),
        Given::flags("--retry-backoff 2s..1s"),
        Given::flags("--stop-on-p95 500"),
        Given::flags("ChatUser:0"),
    ];
    let told: String = cases.iter().map(|given| given.error() + "\n").collect();
    let folder = told.split("cannot use ").nth(1).and_then(|rest| rest.split("nowhere").next());
    let told = told.replace(folder.expect("the folder is named"), "FOLDER/");
    insta::assert_snapshot!(told);
}

#[test]
fn shapes_and_records_become_loads() {
    let config = Given::flags("--shape double-wave -u 30 -t 2m").config();
    assert_eq!(config.plan.load.most_users(), 30);
    assert_eq!(config.plan.stop.run_time.map(|span| span.as_secs()), Some(120));
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("day.csv"), "timestamp\n0\n4\n10\n").expect("file");
    let words = ["load", "--arrivals", "trace:day.csv", "--time-scale", "0.5"];
    let matches = load_command().try_get_matches_from(words).expect("flags");
    let config = resolve_load(&matches, &|_| None, folder.path(), &CLASSES).expect("resolves");
    assert_eq!(config.plan.load.length().map(|span| span.as_secs()), Some(5));
}

#[test]
fn show_config_tells_where_each_value_came_from() {
    let given = Given {
        flags: "-u 100 --seed 7 --headless ChatUser=3 APIUser",
        env: &[
            ("VICTOR_API_HOST", "http://127.0.0.1:8000"),
            ("LOCUST_HOST", "http://not.this.one"),
            ("VICTOR_API_KEY", "sk-secret"),
            ("LOCUST_SPAWN_RATE", ""),
        ],
        file: Some(
            "[load]\nspawn-rate = 12.5\nusers = 3\nrun-time = \"5m\"\n\n\
             [limits]\nstall-timeout = 10\n\n[targets]\np95_ms = 250\ncpu = false\n",
        ),
    };
    insta::assert_snapshot!(given.config().origins.show());
}

#[test]
fn every_choice_reaches_the_plan_and_the_command() {
    let given = Given {
        flags: "-t 90s -s 5 --stream --provider sim --model m --target-pid 42 --csv out/run \
                --json --json-file stats --report-json r.json --trace t.jsonl --only-summary --yes \
                --exit-code-on-error 9 -L debug --logfile v.log --list --show-config",
        file: Some(
            "[load]\nuser-classes = [\"ChatUser=2\", \"APIUser\"]\nshards = 0x2\n\
             [transport]\ntls-ca = \"ca.pem\"\ntls-cert = \"c.pem\"\ntls-key = \"k.pem\"\ninsecure = true\n\
             http-version = \"2\"\nconnection-reuse = \"shared:3\"\nproxy = \"http://p:1\"\n\
             proxy-user = \"u:p\"\nfollow-redirects = 2\ncookies = false\ncompression = true\n\
             source-address = \"127.0.0.2,::1\"\n\
             [limits]\nconnect-timeout = 0.5\nfirst-byte-timeout = 6\n\
             [targets]\nthroughput = false\nmemory = 0.5\n",
        ),
        ..Given::default()
    };
    insta::assert_debug_snapshot!({
        let mut config = given.config();
        config.plan.seed = 0;
        (config.plan, config.outputs, config.run)
    });
}

#[test]
fn the_environment_can_take_back_what_a_file_sets() {
    let file = Some("[load]\nheadless = true\n");
    let given = Given { env: &[("LOCUST_HEADLESS", "false")], file, ..Given::default() };
    assert!(!given.config().run.headless);
    let given = Given { flags: "--headless=no", file, ..Given::default() };
    assert!(!given.config().run.headless);
}

#[test]
fn a_key_appears_in_no_text() {
    const KEY: &str = "sk-secret";
    let accepted = [
        Given::flags("--api-key sk-secret"),
        Given::env(&[("VICTOR_API_KEY", "sk-secret")]),
        Given::file("[load]\napi-key = \"sk-secret\"\n"),
    ];
    for given in accepted {
        let config = given.config();
        let key = config.plan.target.api_key.as_ref().map(|key| key.expose().to_owned());
        assert_eq!(key.as_deref(), Some(KEY));
        for text in [format!("{config:?}"), config.origins.show()] {
            assert!(!text.contains(KEY) && text.contains("***"), "{text}");
        }
    }
    let refused = [
        Given::env(&[("VICTOR_API_KEY", "sk-secret with spaces")]),
        Given::env(&[("VICTOR_API_KEY", "sk-secret\nX-Other: 1")]),
        Given::file("[load]\napi-key = [\"sk-secret\"]\n"),
        Given::file("[load]\napi-key = \"sk-secret\n"),
        Given::file("[load]\napi-key = sk-secret\n"),
        Given::flags("-H http://user:sk-secret@host"),
        Given::flags("-H http://host/?key=sk-secret"),
    ];
    for given in refused {
        let error = given.resolve().expect_err("refused");
        for text in [format!("{error:?}"), error.to_string()] {
            assert!(!text.contains(KEY), "{text}");
        }
    }
}

#[test]
fn the_report_name_is_filled_in_as_locust_does() {
    let html = |flags| Given::flags(flags).config().outputs.html;
    let name = |name: &str| Some(PathBuf::from(name));
    assert_eq!(html("--html r_{u}_{r}_{t}.html -u 50 -r 5 -t 2m"), name("r_50_5_120.html"));
    assert_eq!(html("--html r_{r}_{t}.html -r 0.5"), name("r_0.5_{t}.html"));
    assert_eq!(html("-u 5"), None);
}

#[test]
fn an_unknown_flag_ends_with_code_2_and_a_suggestion() {
    let error = load_command().try_get_matches_from(["load", "--user", "5"]).expect_err("unknown");
    assert_eq!(error.exit_code(), i32::from(ExitCode::Usage.code()));
    assert!(error.to_string().contains("'--users'"), "{error}");
}

#[test]
fn the_last_of_two_equal_flags_counts() {
    assert_eq!(Given::flags("-u 5 --users 6").config().plan.load.most_users(), 6);
}

#[test]
fn the_help_shows_every_setting() {
    insta::assert_snapshot!(load_command().term_width(100).render_long_help());
}

#[test]
fn the_reference_page_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/load.md");
    if std::env::var_os("VICTOR_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        std::fs::write(&path, reference_page()).expect("page");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference_page(),
        "docs/reference/load.md is not what the settings say: run \
         `VICTOR_BLESS=1 cargo test -p victor-config` and commit the page"
    );
}

#[test]
fn locusts_files_stand_below_victors_own_in_locusts_order() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("file");
    };
    write("victor.toml", "[load]\nusers = 1\n");
    write("named.conf", "users = 2\nspawn-rate = 2\n");
    write(
        "pyproject.toml",
        "[tool.other]\nx = 1\n[tool.locust]\nspawn-rate = 3\nstop-timeout = 3\n",
    );
    write("locust.conf", "[a]\nstop-timeout: 4\nheadless\ntags = [a, b]\n");
    write(".locust.conf", "headless = false\nrun-time = 5m\n");
    let home = folder.path().to_str().expect("path").to_owned();
    let env = |name: &str| (name == "HOME").then(|| home.clone());
    let words = ["load", "--config", "named.conf"];
    let matches = load_command().try_get_matches_from(words).expect("flags");
    let config = resolve_load(&matches, &env, folder.path(), &CLASSES).expect("resolves");
    let told = |key| {
        let origin = config.origins.of(key).expect("row");
        format!("{} {origin}", config.origins.value_of(key).expect("row"))
    };
    assert_eq!(told("users"), "1 victor.toml line 2");
    assert_eq!(told("spawn-rate"), "2 named.conf line 2");
    assert_eq!(told("stop-timeout"), "3 pyproject.toml line 5");
    assert_eq!(told("headless"), "true locust.conf line 3");
    assert_eq!(told("run-time"), "5m ~/.locust.conf line 2");
    assert!(config.ignored.to_string().contains("`tags` (locust.conf line 4)"));
}

#[test]
fn a_wrong_value_in_locusts_file_is_told_with_its_line() {
    let folder = tempfile::tempdir().expect("folder");
    let matches = load_command().try_get_matches_from(["load"]).expect("flags");
    for (text, told) in [
        ("\nusers = many\n", "locust.conf line 2, users"),
        ("= 5\n", "locust.conf line 1: not `key = value`"),
    ] {
        std::fs::write(folder.path().join("locust.conf"), text).expect("file");
        let error = resolve_load(&matches, &|_: &str| None, folder.path(), &CLASSES);
        let error = error.expect_err("refused").to_string();
        assert!(error.starts_with(told), "{error}");
    }
}
