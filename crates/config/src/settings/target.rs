//! Where the load goes.

use super::family::switch;
use crate::read;
use crate::setting::{Fallback, Flag, Key, Kind, Section};
use std::time::Duration;
use victor_plan::{Api, Secret};

use Fallback::{Nothing, Value};

pub(crate) static HOST: Key<String> = Key::new("host", Kind::Text, Section::Target, read::host)
    .flag(Flag::Short('H'))
    .env(&["VICTOR_API_HOST", "LOCUST_HOST"])
    .fallback(Value("http://localhost:8000"))
    .help("URL", "Base address of the target")
    .locust();

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

pub(crate) static OBSERVE: Key<String> = Key::new(
    "observe",
    Kind::Text,
    Section::Target,
    read::text,
)
.fallback(Nothing("the process is sampled from here"))
.help(
    "URL",
    "`victor observe` beside a server on another machine, such as http://10.0.0.5:9127; its \
         token is read from VICTOR_OBSERVE_TOKEN",
);

pub(crate) static TARGET_METRICS: Key<String> =
    Key::new("target-metrics", Kind::Text, Section::Target, read::text)
        .fallback(Nothing("`/metrics` of the host, when it shows known ones"))
        .help(
            "URL",
            "Address of the server's own metrics (Prometheus or OpenMetrics text): heap, garbage \
             collection, sessions; `off` instead of an address asks for none",
        );

pub(crate) static WAIT_FOR_TARGET: Key<Duration> =
    Key::new("wait-for-target", Kind::Time, Section::Target, read::run_time)
        .fallback(Nothing("it must be there"))
        .help(
            "TIME",
            "Wait up to so long until the target accepts connections and, where it has \
             `/health/ready` or `/health`, says there that it is ready; written as --run-time",
        );
