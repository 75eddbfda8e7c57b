//! What users do when a turn goes badly, and what ends a run early.

use super::family::switch;
use crate::read;
use crate::setting::{Fallback, Key, Kind, Section};
use std::time::Duration;

use Fallback::{Nothing, Value};

pub(crate) static RETRIES: Key<u32> =
    Key::new("retries", Kind::Whole, Section::Habits, |text| read::whole(text, 0, 100))
        .fallback(Value("0"))
        .help(
            "N",
            "Further attempts at a turn that could not connect, was cut, stalled or timed out, or \
             got 408, 425, 429, 500, 502, 503 or 504. Its latency counts over all attempts, from \
             when it was due",
        );

pub(crate) static RETRY_BACKOFF: Key<(Duration, Duration)> =
    Key::new("retry-backoff", Kind::Text, Section::Habits, read::span)
        .fallback(Value("100ms..2s"))
        .help(
            "SPAN",
            "Pause before the second attempt, doubled for each further one up to the longest; a \
             Retry-After that asks for more is honoured",
        );

pub(crate) static PATIENCE: Key<Duration> =
    Key::new("patience", Kind::Text, Section::Habits, read::short_time)
        .fallback(Nothing("users wait for ever"))
        .help(
            "TIME",
            "Hang up so long after a turn was due, also in the middle of its answer, such as 5s or \
             1500ms; it then counts as abandoned",
        );

pub(crate) static REQUESTS: Key<u64> =
    Key::new("requests", Kind::Whole, Section::Stop, |text| read::whole(text, 1, u64::MAX))
        .fallback(Nothing("no limit"))
        .help("N", "End when so many turns of all users together have been made");

pub(crate) static MAX_FAILURES: Key<u64> =
    Key::new("max-failures", Kind::Whole, Section::Stop, |text| read::whole(text, 1, u64::MAX))
        .fallback(Nothing("no limit"))
        .help("N", "End when so many turns have failed");

pub(crate) static MAX_ERROR_RATE: Key<f64> =
    Key::new("max-error-rate", Kind::Number, Section::Stop, |text| read::number(text, 0.0, 1.0))
        .fallback(Nothing("no limit"))
        .help(
            "SHARE",
            "End when more than this share of the last ten seconds' turns failed, up to 1",
        );

pub(crate) static STOP_ON_P95: Key<(Duration, Duration)> =
    Key::new("stop-on-p95", Kind::Text, Section::Stop, read::limit_for)
        .fallback(Nothing("no limit"))
        .help("LIMIT:TIME", "End when p95 has been over the limit for so long, such as 500ms:10s");

pub(crate) static STOP_ON_SATURATION: Key<bool> = switch(
    "stop-on-saturation",
    Section::Stop,
    "End when the target falls behind: for ten seconds turns in flight and their latency grow while \
     fewer end than begin",
);

pub(crate) static MAX_TOKENS: Key<u64> =
    Key::new("max-tokens", Kind::Whole, Section::Stop, |text| read::whole(text, 1, u64::MAX))
        .fallback(Nothing("no limit"))
        .help("N", "End when so many output tokens were received");
