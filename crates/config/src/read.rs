//! Text becomes a value, or a [`Problem`] that names the fix.

use crate::{LogLevel, Problem};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;
use victor_plan::{
    Api, ClassShare, Method, Secret, Shape, Slo, Spacing, Stage, Wait, parse_run_time, parse_stages,
};

const YEAR: Duration = Duration::from_secs(8760 * 3600);
const HEAVIEST: u64 = 10_000;
const SLOWEST: f64 = 0.001;
pub(crate) const FASTEST: f64 = 1e6;

/// A whole number from `low` to `high`.
pub(crate) fn whole<T: TryFrom<u64>>(text: &str, low: u64, high: u64) -> Result<T, Problem> {
    let read = text.parse().ok().filter(|number| (low..=high).contains(number));
    read.and_then(|number| T::try_from(number).ok()).ok_or_else(|| Problem::Whole {
        text: text.to_owned(),
        low,
        high,
    })
}

/// A number from `low` to `high`.
pub(crate) fn number(text: &str, low: f64, high: f64) -> Result<f64, Problem> {
    let read = text.parse().ok().filter(|number| (low..=high).contains(number));
    read.ok_or_else(|| Problem::Number { text: text.to_owned(), low, high })
}

/// Users a second.
pub(crate) fn spawn_rate(text: &str) -> Result<f64, Problem> {
    number(text, SLOWEST, FASTEST)
}

/// The spacing of arrivals.
pub(crate) fn spacing(text: &str) -> Result<Spacing, Problem> {
    let wrong = || Problem::NotSpacing { text: text.to_owned() };
    match text {
        "constant" => Ok(Spacing::Constant),
        "poisson" => Ok(Spacing::Poisson),
        _ => {
            let variation = text.strip_prefix("gamma:").ok_or_else(wrong)?;
            number(variation, 0.01, 100.0).map(Spacing::Gamma).map_err(|_| wrong())
        }
    }
}

/// Where the arrivals of an open load come from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Coming {
    Spaced(Spacing),
    Recorded(PathBuf),
}

/// A spacing, or `trace:FILE`.
pub(crate) fn coming(text: &str) -> Result<Coming, Problem> {
    match text.strip_prefix("trace:") {
        Some(file) => path(file).map(Coming::Recorded),
        None => spacing(text).map(Coming::Spaced),
    }
}

/// Stages of a load.
pub(crate) fn stages(text: &str) -> Result<Vec<Stage>, Problem> {
    parse_stages(text).map_err(|error| Problem::Stages { why: error.to_string() })
}

/// A shape by name.
pub(crate) fn shape(text: &str) -> Result<Shape, Problem> {
    Shape::parse(text).ok_or_else(|| Problem::NotShape { text: text.to_owned() })
}

/// `1500ms`, or a length of time as [`time`] reads it; not 0.
pub(crate) fn short_time(text: &str) -> Result<Duration, Problem> {
    match text.strip_suffix("ms").map(str::parse) {
        Some(Ok(ms @ 1..)) => Ok(Duration::from_millis(ms)),
        Some(_) => Err(Problem::NotShortTime { text: text.to_owned() }),
        None => run_time(text).map_err(|_| Problem::NotShortTime { text: text.to_owned() }),
    }
}

/// `100ms..2s`.
pub(crate) fn span(text: &str) -> Result<(Duration, Duration), Problem> {
    let wrong = || Problem::NotSpan { text: text.to_owned() };
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    let read = |part| short_time(part).map_err(|_| wrong());
    let (low, high) = (read(low)?, read(high)?);
    if low <= high { Ok((low, high)) } else { Err(wrong()) }
}

/// `500ms:10s`.
pub(crate) fn limit_for(text: &str) -> Result<(Duration, Duration), Problem> {
    let wrong = || Problem::NotLimitFor { text: text.to_owned() };
    let (limit, span) = text.split_once(':').ok_or_else(wrong)?;
    let read = |part| short_time(part).map_err(|_| wrong());
    Ok((read(limit)?, read(span)?))
}

/// The wait between turns, by the names of Locust's functions.
pub(crate) fn wait(text: &str) -> Result<Wait, Problem> {
    let wrong = || Problem::NotWait { text: text.to_owned() };
    let seconds = |text: &str| number(text.trim(), 0.0, 86_400.0).map_err(|_| wrong());
    let rate = |text: &str| number(text.trim(), 1e-5, FASTEST).map_err(|_| wrong());
    if text == "none" {
        return Ok(Wait::NONE);
    }
    let (kind, arguments) = text.split_once(':').ok_or_else(wrong)?;
    match kind {
        "constant" => Ok(Wait::constant(Duration::from_secs_f64(seconds(arguments)?))),
        "between" => {
            let (low, high) = arguments.split_once(',').ok_or_else(wrong)?;
            Wait::between(seconds(low)?, seconds(high)?).map_err(|_| wrong())
        }
        "constant_pacing" => Ok(Wait::pacing(Duration::from_secs_f64(seconds(arguments)?))),
        "constant_throughput" => Wait::throughput(rate(arguments)?).map_err(|_| wrong()),
        "poisson" => Wait::poisson(rate(arguments)?).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// What [`spawn_rate`] says of a rate that is none.
pub(crate) fn not_a_rate(text: &str) -> Problem {
    Problem::Number { text: text.to_owned(), low: SLOWEST, high: FASTEST }
}

/// A time limit in seconds: a millisecond to a day.
pub(crate) fn seconds(text: &str) -> Result<Duration, Problem> {
    number(text, 0.001, 86_400.0).map(Duration::from_secs_f64)
}

/// A length of time of at most a year, in Locust's grammar.
pub(crate) fn time(text: &str) -> Result<Duration, Problem> {
    let span = parse_run_time(text)?;
    if span > YEAR { Err(Problem::LongTime { text: text.to_owned() }) } else { Ok(span) }
}

/// A length of time that is not 0.
pub(crate) fn run_time(text: &str) -> Result<Duration, Problem> {
    time(text).and_then(|span| if span.is_zero() { Err(Problem::NoTime) } else { Ok(span) })
}

/// On or off, in any of the words that Locust accepts.
pub(crate) fn switch(text: &str) -> Result<bool, Problem> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(Problem::NotSwitch { text: text.to_owned() }),
    }
}

/// A limit above 0; `None` for `false`.
pub(crate) fn limit(text: &str) -> Result<Option<f64>, Problem> {
    let positive = |number: &f64| number.is_finite() && *number > 0.0;
    match text.parse() {
        Ok(number) if positive(&number) => Ok(Some(number)),
        _ if text == "false" => Ok(None),
        _ => Err(Problem::NotLimit { text: text.to_owned() }),
    }
}

/// A limit above 0 and at most 1; `None` for `false`.
pub(crate) fn share(text: &str) -> Result<Option<f64>, Problem> {
    let wrong = || Problem::NotShare { text: text.to_owned() };
    let share = limit(text).map_err(|_| wrong())?;
    if share.is_some_and(|share| share > 1.0) { Err(wrong()) } else { Ok(share) }
}

/// Text that is not empty.
pub(crate) fn text(text: &str) -> Result<String, Problem> {
    if text.trim().is_empty() { Err(Problem::Empty) } else { Ok(text.to_owned()) }
}

/// A path that is not empty.
pub(crate) fn path(path: &str) -> Result<PathBuf, Problem> {
    text(path).map(PathBuf::from)
}

/// The path of a request.
pub(crate) fn endpoint(text: &str) -> Result<String, Problem> {
    if text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err(Problem::NotEndpoint { text: text.to_owned() })
}

/// A method of HTTP, in any case.
pub(crate) fn method(text: &str) -> Result<Method, Problem> {
    let found = Method::ALL.into_iter().find(|method| method.name().eq_ignore_ascii_case(text));
    found.ok_or_else(|| Problem::NotMethod { text: text.to_owned() })
}

/// A key that an HTTP header can carry.
pub(crate) fn secret(key: &str) -> Result<Secret, Problem> {
    match text(key)? {
        key if key.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Secret::new(key)),
        _ => Err(Problem::KeyCharacters),
    }
}

/// A base address without a trailing slash. Credentials, queries and fragments are refused unseen:
/// the address is printed in reports.
pub(crate) fn host(text: &str) -> Result<String, Problem> {
    let broken = |why: String| Problem::HostBroken { text: text.to_owned(), why };
    if text.contains('@') {
        return Err(Problem::HostCredentials);
    }
    if text.contains(['?', '#']) {
        return Err(Problem::HostQuery);
    }
    let lower = text.to_ascii_lowercase();
    if !(lower.starts_with("http://") || lower.starts_with("https://")) {
        let rest = text.rsplit("//").next().unwrap_or_default();
        let rest = if rest.is_empty() { "localhost:8000" } else { rest };
        let fix = format!("http://{rest}");
        return Err(Problem::HostScheme { text: text.to_owned(), fix });
    }
    if text.contains(char::is_whitespace) {
        return Err(broken("it has a space".to_owned()));
    }
    Url::parse(text).map_err(|error| broken(error.to_string()))?;
    Ok(text.trim_end_matches('/').to_owned())
}

/// An API by name; `None` is to be found out.
pub(crate) fn api(text: &str) -> Result<Option<Api>, Problem> {
    match Api::by_name(text) {
        None if text != "auto" => Err(Problem::NotApi { text: text.to_owned() }),
        found => Ok(found),
    }
}

/// Objectives of a turn.
pub(crate) fn slo(text: &str) -> Result<Slo, Problem> {
    Ok(Slo::parse(text)?)
}

/// A level of the log, in any case.
pub(crate) fn level(text: &str) -> Result<LogLevel, Problem> {
    LogLevel::ALL
        .into_iter()
        .find(|level| level.name().eq_ignore_ascii_case(text))
        .ok_or_else(|| Problem::NotLevel { text: text.to_owned() })
}

/// `Name[=WEIGHT]` or `Name:COUNT`, separated by spaces; a weight not given is 1.
pub(crate) fn classes(text: &str) -> Result<Vec<ClassShare>, Problem> {
    let mut classes: Vec<ClassShare> = Vec::new();
    for word in text.split_whitespace() {
        let class = class(word)?;
        if classes.iter().any(|other| other.name == class.name) {
            return Err(Problem::ClassTwice { name: class.name });
        }
        classes.push(class);
    }
    if classes.is_empty() { Err(Problem::Empty) } else { Ok(classes) }
}

fn class(word: &str) -> Result<ClassShare, Problem> {
    if let Some((name, count)) = word.split_once(':') {
        let wrong = || Problem::Count { name: name.to_owned(), text: count.to_owned() };
        let fixed = whole(count, 1, 1_000_000).map_err(|_| wrong())?;
        return Ok(ClassShare { fixed: Some(fixed), ..ClassShare::weighted(name, 1) });
    }
    let (name, weight) = word.split_once('=').unwrap_or((word, "1"));
    let wrong = || Problem::Weight { name: name.to_owned(), text: weight.to_owned() };
    whole(weight, 0, HEAVIEST).map(|weight| ClassShare::weighted(name, weight)).map_err(|_| wrong())
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
