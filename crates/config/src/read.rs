//! Text becomes a value, or a [`Problem`] that names the fix.

use crate::{LogLevel, Problem};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;
use victor_plan::{Api, ClassShare, Secret, Slo, Spacing, Wait, parse_run_time};

const YEAR: Duration = Duration::from_secs(8760 * 3600);
const HEAVIEST: u64 = 10_000;
const SLOWEST: f64 = 0.001;
const FASTEST: f64 = 1e6;

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

/// `Name[=WEIGHT]`, separated by spaces; a weight not given is 1.
pub(crate) fn classes(text: &str) -> Result<Vec<ClassShare>, Problem> {
    let mut classes: Vec<ClassShare> = Vec::new();
    for word in text.split_whitespace() {
        let (name, weight) = word.split_once('=').unwrap_or((word, "1"));
        let wrong = || Problem::Weight { name: name.to_owned(), text: weight.to_owned() };
        let weight = whole(weight, 0, HEAVIEST).map_err(|_| wrong())?;
        if classes.iter().any(|class| class.name == name) {
            return Err(Problem::ClassTwice { name: name.to_owned() });
        }
        classes.push(ClassShare { name: name.to_owned(), weight });
    }
    if classes.is_empty() { Err(Problem::Empty) } else { Ok(classes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_path_and_loses_its_last_slash() {
        assert_eq!(host("http://127.0.0.1:8000/"), Ok("http://127.0.0.1:8000".to_owned()));
        assert_eq!(host("HTTPS://api.example.com/v2"), Ok("HTTPS://api.example.com/v2".to_owned()));
        assert_eq!(host("http://[::1]:8000"), Ok("http://[::1]:8000".to_owned()));
        for wrong in ["http://", "http://h:99999", "http://a b", "ftp://h", "", "http://u:p@h"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn weights_default_to_one_and_may_be_zero() {
        let read = classes("A B=3  C=0").expect("reads");
        let pairs: Vec<_> = read.iter().map(|class| (class.name.as_str(), class.weight)).collect();
        assert_eq!(pairs, [("A", 1), ("B", 3), ("C", 0)]);
    }

    #[test]
    fn a_wait_is_written_like_the_function_of_locust() {
        let (low, high) = (Duration::from_secs(1), Duration::from_secs(3));
        assert_eq!(wait("none"), Ok(Wait::NONE));
        assert_eq!(wait("constant:1"), Ok(Wait::constant(low)));
        assert_eq!(wait("between:1, 3").map(|wait| wait.mean()), Ok(2.0));
        assert_eq!(wait("constant_pacing:3"), Ok(Wait::pacing(high)));
        assert_eq!(wait("constant_throughput:0.5").map(|wait| wait.mean()), Ok(2.0));
        assert_eq!(wait("poisson:0.25").map(|wait| wait.mean()), Ok(4.0));
        for wrong in ["", "2", "between:3,1", "between:1", "constant:-1", "poisson:0", "none:1"] {
            assert!(wait(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_stay_in_their_range() {
        assert_eq!(whole::<u8>("255", 0, 255), Ok(255));
        for wrong in ["", "-1", "1.5", "256", "99999999999999999999"] {
            assert!(whole::<u8>(wrong, 0, 255).is_err(), "{wrong}");
        }
        assert_eq!(number("1e3", 0.0, 1e6), Ok(1000.0));
        for wrong in ["", "-0.1", "NaN", "inf", "1e7"] {
            assert!(number(wrong, 0.0, 1e6).is_err(), "{wrong}");
        }
        assert_eq!((limit("false"), limit("250")), (Ok(None), Ok(Some(250.0))));
        for wrong in ["nan", "inf", "0", "-5", "true"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
        assert!(share("5").is_err());
    }
}
