//! How much load, of what, and when.

use crate::read::{self, Coming};
use crate::setting::{Fallback, Flag, Key, Kind, Section};
use std::time::Duration;
use victor_plan::{ClassShare, Wait};

use Fallback::{Nothing, Value};

pub(crate) static USER_CLASSES: Key<Vec<ClassShare>> = Key::new(
    "user-classes",
    Kind::Names,
    Section::Load,
    read::classes,
)
.flag(Flag::Positional)
.env(&["LOCUST_USER_CLASSES"])
.fallback(Value("VictorLoadTest"))
.help(
    "UserClass[=WEIGHT|:COUNT]",
    "User classes, each with its weight (1 when not given) or, after a colon, an exact number \
             of users, who start first (ChatUser:5); `--list` shows all",
);

pub(crate) static USERS: Key<u64> =
    Key::new("users", Kind::Whole, Section::Load, |text| read::whole(text, 1, 1_000_000))
        .flag(Flag::Short('u'))
        .env(&["LOCUST_USERS"])
        .fallback(Value("1"))
        .help("N", "Users at the peak")
        .locust();

pub(crate) static SPAWN_RATE: Key<f64> =
    Key::new("spawn-rate", Kind::Number, Section::Load, read::spawn_rate)
        .flag(Flag::Short('r'))
        .env(&["LOCUST_SPAWN_RATE"])
        .fallback(Value("1"))
        .help("RATE", "Users started a second")
        .locust();

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

pub(crate) static ARRIVALS: Key<Coming> =
    Key::new("arrivals", Kind::Text, Section::Load, read::coming).fallback(Value("constant")).help(
        "SPACING",
        "Spacing of an open load: constant, poisson, or gamma:CV with a coefficient of \
             variation (above 1 is burstier than poisson); or trace:FILE for arrivals as they were \
             recorded, one a line: seconds, JSON lines or CSV",
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
        .help("TIME", "Length of the run: 300, 300s, 20m, 3h, 1h30m")
        .locust();

pub(crate) static STOP_TIMEOUT: Key<Duration> =
    Key::new("stop-timeout", Kind::Time, Section::Load, read::time)
        .flag(Flag::Short('s'))
        .env(&["LOCUST_STOP_TIMEOUT"])
        .fallback(Value("0"))
        .help(
            "TIME",
            "How long turns in flight may go on when the run is over, written as --run-time",
        )
        .locust();

pub(crate) static SEED: Key<u64> =
    Key::new("seed", Kind::Whole, Section::Load, |text| read::whole(text, 0, u64::MAX))
        .fallback(Nothing("drawn at random and printed"))
        .help("N", "Seed of every random choice; the same seed offers the same load");

pub(crate) static SHARDS: Key<u32> =
    Key::new("shards", Kind::Whole, Section::Load, |text| read::whole(text, 1, 1024))
        .fallback(Value("1"))
        .help("N", "Generator threads");
