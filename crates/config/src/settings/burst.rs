//! Plain requests in place of users' turns.

use crate::read;
use crate::setting::{Fallback, Key, Kind, Section};
use victor_plan::Method;

use Fallback::{Nothing, Value};

pub(crate) static ENDPOINT: Key<String> = Key::new(
    "endpoint",
    Kind::Text,
    Section::Load,
    read::endpoint,
)
.fallback(Nothing("users make turns; with --payload /api/v1/chat"))
.help(
    "PATH",
    "Plain requests to this path in place of users' turns, without waits; right is a status \
             of success, unless the body is JSON with an `error` at its top level",
);

pub(crate) static PAYLOAD: Key<String> = Key::new("payload", Kind::Text, Section::Load, read::text)
    .fallback(Nothing("users make turns"))
    .help("FILE", "Body of the plain requests, a JSON file; @- is standard input");

pub(crate) static METHOD: Key<Method> = Key::new("method", Kind::Text, Section::Load, read::method)
    .fallback(Value("POST"))
    .help("METHOD", "Method of the plain requests: GET, POST, PUT, PATCH or DELETE");

pub(crate) static CONCURRENCY: Key<u64> =
    Key::new("concurrency", Kind::Whole, Section::Load, |text| read::whole(text, 1, 1_000_000))
        .fallback(Nothing("--users"))
        .help("N", "Plain requests under way at once, from the start; with --requests in all");
