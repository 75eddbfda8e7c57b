//! The one table of settings of `victor load`. The command line, the resolution of values,
//! `--show-config` and the reference page are all made from it; nothing about a setting is said
//! anywhere else. It is long because it is a table: an entry for each setting.

use crate::LogLevel;
use crate::read;
use crate::setting::{Fallback, Flag, Key, Kind, Section, Setting, Table};
use crate::transport;
use std::path::PathBuf;
use std::time::Duration;
use victor_plan::{Api, ClassShare, Secret, Slo, Spacing, Targets, TimeLimits, Wait};

use Fallback::{Computed, Nothing, Value};

/// Every setting, in the order of the help and of `--show-config`.
pub(crate) static LOAD: [&Setting; 58] = [
    &HOST.setting,
    &API.setting,
    &PROVIDER.setting,
    &MODEL.setting,
    &API_KEY.setting,
    &STREAM.setting,
    &TARGET_PID.setting,
    &USER_CLASSES.setting,
    &USERS.setting,
    &SPAWN_RATE.setting,
    &WAIT.setting,
    &ARRIVAL_RATE.setting,
    &ARRIVALS.setting,
    &MAX_USERS.setting,
    &RUN_TIME.setting,
    &STOP_TIMEOUT.setting,
    &SEED.setting,
    &SHARDS.setting,
    &transport::TLS_CA.setting,
    &transport::TLS_CERT.setting,
    &transport::TLS_KEY.setting,
    &transport::INSECURE.setting,
    &transport::TRANSPORT.setting,
    &transport::HTTP_VERSION.setting,
    &transport::CONNECTION_REUSE.setting,
    &transport::PROXY.setting,
    &transport::PROXY_USER.setting,
    &transport::FOLLOW_REDIRECTS.setting,
    &transport::COOKIES.setting,
    &transport::COMPRESSION.setting,
    &transport::SOURCE_ADDRESS.setting,
    &CONNECT_TIMEOUT.setting,
    &FIRST_BYTE_TIMEOUT.setting,
    &STALL_TIMEOUT.setting,
    &TOTAL_TIMEOUT.setting,
    &SLO.setting,
    &P50.setting,
    &P95.setting,
    &P99.setting,
    &THROUGHPUT.setting,
    &ERROR_RATE.setting,
    &CPU.setting,
    &MEMORY.setting,
    &HTML.setting,
    &CSV.setting,
    &JSON.setting,
    &JSON_FILE.setting,
    &REPORT_JSON.setting,
    &TRACE.setting,
    &ONLY_SUMMARY.setting,
    &HEADLESS.setting,
    &YES.setting,
    &EXIT_CODE_ON_ERROR.setting,
    &LOGLEVEL.setting,
    &LOGFILE.setting,
    &CONFIG.setting,
    &SHOW_CONFIG.setting,
    &LIST.setting,
];

// === Target ===

pub(crate) static HOST: Key<String> = Key::new("host", Kind::Text, Section::Target, read::host)
    .flag(Flag::Short('H'))
    .env(&["VICTOR_API_HOST", "LOCUST_HOST"])
    .fallback(Value("http://localhost:8000"))
    .help("URL", "Base address of the target");

pub(crate) static API: Key<Option<Api>> = Key::new("api", Kind::Text, Section::Target, read::api)
    .env(&["VICTOR_API"])
    .fallback(Value("auto"))
    .help(
        "NAME",
        "What the target speaks: victor, victor-python, openai, openai-responses or anthropic; auto \
         finds out before the load, with a few requests that make no model work",
    );

pub(crate) static PROVIDER: Key<String> =
    Key::new("provider", Kind::Text, Section::Target, read::text)
        .env(&["VICTOR_PROVIDER"])
        .fallback(Nothing("the server's choice"))
        .help("NAME", "Provider to ask for");

pub(crate) static MODEL: Key<String> = Key::new("model", Kind::Text, Section::Target, read::text)
    .env(&["VICTOR_MODEL"])
    .fallback(Nothing("the server's choice"))
    .help("NAME", "Model to ask for");

pub(crate) static API_KEY: Key<Secret> =
    Key::new("api-key", Kind::Secret, Section::Target, read::secret)
        .env(&["VICTOR_API_KEY"])
        .fallback(Nothing("none is sent"))
        .help(
            "KEY",
            "Key sent as `Authorization: Bearer` (`x-api-key` to anthropic); never shown. Other users of the machine can read \
             flags, so prefer the environment",
        );

pub(crate) static STREAM: Key<bool> = switch("stream", Section::Target, "Ask for streamed answers");

pub(crate) static TARGET_PID: Key<u32> =
    Key::new("target-pid", Kind::Whole, Section::Target, |text| read::whole(text, 1, 4_194_304))
        .fallback(Nothing("found by the host's port"))
        .help("PID", "Process whose CPU and memory are sampled");

// === Load ===

pub(crate) static USER_CLASSES: Key<Vec<ClassShare>> =
    Key::new("user-classes", Kind::Names, Section::Load, read::classes)
        .flag(Flag::Positional)
        .env(&["LOCUST_USER_CLASSES"])
        .fallback(Value("VictorLoadTest"))
        .help(
            "UserClass[=WEIGHT]",
            "User classes, each with its weight (1 when not given); `--list` shows all",
        );

pub(crate) static USERS: Key<u64> =
    Key::new("users", Kind::Whole, Section::Load, |text| read::whole(text, 1, 1_000_000))
        .flag(Flag::Short('u'))
        .env(&["LOCUST_USERS"])
        .fallback(Value("1"))
        .help("N", "Users at the peak");

pub(crate) static SPAWN_RATE: Key<f64> =
    Key::new("spawn-rate", Kind::Number, Section::Load, read::spawn_rate)
        .flag(Flag::Short('r'))
        .env(&["LOCUST_SPAWN_RATE"])
        .fallback(Value("1"))
        .help("RATE", "Users started a second");

pub(crate) static WAIT: Key<Wait> = Key::new("wait", Kind::Text, Section::Load, read::wait)
    .fallback(Nothing("each class's own"))
    .help(
        "WAIT",
        "Wait of every user between turns, in place of its class's own: none, constant:SECONDS, \
         between:LOW,HIGH, constant_pacing:SECONDS, constant_throughput:RATE or poisson:RATE, as \
         Locust's functions",
    );

pub(crate) static ARRIVAL_RATE: Key<f64> =
    Key::new("arrival-rate", Kind::Number, Section::Load, read::spawn_rate)
        .fallback(Nothing("closed load"))
        .help(
            "RATE",
            "Open load: turns arrive at this rate a second, whether or not earlier ones were \
             answered; their latency counts from when they were due. Users and spawn rate then mean \
             nothing",
        );

pub(crate) static ARRIVALS: Key<Spacing> =
    Key::new("arrivals", Kind::Text, Section::Load, read::spacing)
        .fallback(Value("constant"))
        .help(
            "SPACING",
            "Spacing of an open load: constant, poisson, or gamma:CV with a coefficient of \
             variation (above 1 is burstier than poisson)",
        );

pub(crate) static MAX_USERS: Key<u64> =
    Key::new("max-users", Kind::Whole, Section::Load, |text| read::whole(text, 1, 1_000_000))
        .fallback(Value("10000"))
        .help(
            "N",
            "Most users at once in an open load; a turn that finds all busy waits for one, as part \
             of its latency",
        );

pub(crate) static RUN_TIME: Key<Duration> =
    Key::new("run-time", Kind::Time, Section::Load, read::run_time)
        .flag(Flag::Short('t'))
        .env(&["LOCUST_RUN_TIME"])
        .fallback(Nothing("until Ctrl-C"))
        .help("TIME", "Length of the run: 300, 300s, 20m, 3h, 1h30m");

pub(crate) static STOP_TIMEOUT: Key<Duration> =
    Key::new("stop-timeout", Kind::Time, Section::Load, read::time)
        .flag(Flag::Short('s'))
        .env(&["LOCUST_STOP_TIMEOUT"])
        .fallback(Value("0"))
        .help(
            "TIME",
            "How long turns in flight may go on when the run is over, written as --run-time",
        );

pub(crate) static SEED: Key<u64> =
    Key::new("seed", Kind::Whole, Section::Load, |text| read::whole(text, 0, u64::MAX))
        .fallback(Nothing("drawn at random and printed"))
        .help("N", "Seed of every random choice; the same seed offers the same load");

pub(crate) static SHARDS: Key<u32> =
    Key::new("shards", Kind::Whole, Section::Load, |text| read::whole(text, 1, 1024))
        .fallback(Value("1"))
        .help("N", "Generator threads");

// === Time limits of a turn ===

pub(crate) static CONNECT_TIMEOUT: Key<Duration> = timeout(
    "connect-timeout",
    || seconds(TimeLimits::default().connect),
    "Longest time to open a connection, in seconds",
);

pub(crate) static FIRST_BYTE_TIMEOUT: Key<Duration> = timeout(
    "first-byte-timeout",
    || seconds(TimeLimits::default().first_byte),
    "Longest time from the request's last byte to the answer's first, in seconds",
);

pub(crate) static STALL_TIMEOUT: Key<Duration> = timeout(
    "stall-timeout",
    || seconds(TimeLimits::default().stall),
    "Longest silence within an answer, in seconds",
);

pub(crate) static TOTAL_TIMEOUT: Key<Duration> = timeout(
    "total-timeout",
    || seconds(TimeLimits::default().total),
    "Longest time for a whole turn, in seconds",
);

// === Targets ===

pub(crate) static SLO: Key<Slo> = Key::new("slo", Kind::Text, Section::Targets, read::slo)
    .fallback(Nothing("goodput is not counted"))
    .help(
        "LIST",
        "What makes a turn good, for goodput: upper bounds on ttft, ttfo, itl, tpot, e2e and \
         e2e_sched, such as ttft:300ms,tpot:50ms,e2e:2s",
    );

pub(crate) static P50: Key<Option<f64>> = target(
    "p50_ms",
    read::limit,
    || limit(Targets::default().p50.map(|span| span.0)),
    "Median latency below this, in milliseconds",
);

pub(crate) static P95: Key<Option<f64>> = target(
    "p95_ms",
    read::limit,
    || limit(Targets::default().p95.map(|span| span.0)),
    "95th percentile of latency below this, in milliseconds",
);

pub(crate) static P99: Key<Option<f64>> = target(
    "p99_ms",
    read::limit,
    || limit(Targets::default().p99.map(|span| span.0)),
    "99th percentile of latency below this, in milliseconds",
);

pub(crate) static THROUGHPUT: Key<Option<f64>> = target(
    "throughput",
    read::limit,
    || limit(Targets::default().throughput.map(|rate| rate.0)),
    "Successes a second above this, with 100 users that do not wait",
);

pub(crate) static ERROR_RATE: Key<Option<f64>> = target(
    "error_rate",
    read::share,
    || limit(Targets::default().error_rate),
    "Share of failed turns below this, up to 1",
);

pub(crate) static CPU: Key<Option<f64>> = target(
    "cpu",
    read::share,
    || limit(Targets::default().cpu),
    "Mean share of the machine's cores used by the server below this, up to 1",
);

pub(crate) static MEMORY: Key<Option<f64>> = target(
    "memory",
    read::share,
    || limit(Targets::default().memory),
    "Largest share of the machine's memory used by the server below this, up to 1",
);

// === Results ===

pub(crate) static HTML: Key<PathBuf> = file("html", &["LOCUST_HTML"]).help(
    "FILE",
    "HTML report; `{u}`, `{r}` and `{t}` in the name become users, spawn rate and run time in seconds",
);

pub(crate) static CSV: Key<PathBuf> =
    file("csv", &["LOCUST_CSV"]).help("PREFIX", "CSV files with names that begin with this");

pub(crate) static JSON: Key<bool> = switch(
    "json",
    Section::Results,
    "Statistics as Locust's JSON array on standard output, at the end",
);

pub(crate) static JSON_FILE: Key<PathBuf> =
    file("json-file", &[]).help("NAME", "The same array in NAME.json; the ending is always added");

pub(crate) static REPORT_JSON: Key<PathBuf> =
    file("report-json", &[]).help("FILE", "The whole run report as versioned JSON");

pub(crate) static TRACE: Key<PathBuf> =
    file("trace", &[]).help("FILE", "Every single turn as JSON lines");

pub(crate) static ONLY_SUMMARY: Key<bool> =
    switch("only-summary", Section::Results, "No statistics on the console until the end")
        .env(&["LOCUST_ONLY_SUMMARY"]);

// === Command ===

pub(crate) static HEADLESS: Key<bool> =
    switch("headless", Section::Command, "Without the web page: start now, on the console")
        .env(&["LOCUST_HEADLESS"]);

pub(crate) static YES: Key<bool> =
    switch("yes", Section::Command, "Load hosts beyond this machine and private networks unasked");

pub(crate) static EXIT_CODE_ON_ERROR: Key<u8> =
    Key::new("exit-code-on-error", Kind::Whole, Section::Command, |text| read::whole(text, 0, 255))
        .env(&["LOCUST_EXIT_CODE_ON_ERROR"])
        .fallback(Value("1"))
        .help("CODE", "Exit code when requests failed");

pub(crate) static LOGLEVEL: Key<LogLevel> =
    Key::new("loglevel", Kind::Text, Section::Command, read::level)
        .flag(Flag::Short('L'))
        .env(&["LOCUST_LOGLEVEL"])
        .fallback(Value("INFO"))
        .help("LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL");

pub(crate) static LOGFILE: Key<PathBuf> =
    Key::new("logfile", Kind::Text, Section::Command, read::path)
        .env(&["LOCUST_LOGFILE"])
        .fallback(Nothing("standard error"))
        .help("FILE", "Where the log goes");

pub(crate) static CONFIG: Key<PathBuf> =
    Key::new("config", Kind::Text, Section::Command, read::path)
        .table(None)
        .fallback(Nothing("./victor.toml if there is one"))
        .help("FILE", "Configuration file");

pub(crate) static SHOW_CONFIG: Key<bool> = switch(
    "show-config",
    Section::Command,
    "Print every setting with its value and where it came from, and end",
)
.table(None);

pub(crate) static LIST: Key<bool> =
    switch("list", Section::Command, "Print the user classes, and end")
        .flag(Flag::Short('l'))
        .table(None);

// === Families ===

const fn switch(key: &'static str, section: Section, help: &'static str) -> Key<bool> {
    Key::new(key, Kind::Switch, section, read::switch).fallback(Value("false")).help("BOOL", help)
}

const fn file(key: &'static str, env: &'static [&'static str]) -> Key<PathBuf> {
    Key::new(key, Kind::Text, Section::Results, read::path)
        .env(env)
        .fallback(Nothing("not written"))
}

const fn timeout(key: &'static str, default: fn() -> String, help: &'static str) -> Key<Duration> {
    Key::new(key, Kind::Number, Section::Limits, read::seconds)
        .table(Some(Table::Limits))
        .fallback(Computed(default))
        .help("SECONDS", help)
}

const fn target(
    key: &'static str,
    read: fn(&str) -> Result<Option<f64>, crate::Problem>,
    default: fn() -> String,
    help: &'static str,
) -> Key<Option<f64>> {
    Key::new(key, Kind::Limit, Section::Targets, read)
        .flag(Flag::None)
        .table(Some(Table::Targets))
        .fallback(Computed(default))
        .help("LIMIT", help)
}

fn seconds(span: Duration) -> String {
    span.as_secs_f64().to_string()
}

fn limit(limit: Option<f64>) -> String {
    limit.map_or_else(|| "false".to_owned(), |limit| limit.to_string())
}
