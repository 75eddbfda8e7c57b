//! The flags of `victor serve` that set how much it takes on.

use crate::talk::Failure;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;
use victor_plan::parse_run_time;
use victor_server::{Capacity, RateLimit, ServerSettings};

/// The flags.
pub(crate) fn args() -> Vec<Arg> {
    let arg = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help);
    let span = |arg: Arg, default: &'static str| {
        arg.value_parser(|text: &str| parse_run_time(text)).default_value(default)
    };
    vec![
        arg("max-concurrent", "Most turns at once")
            .value_name("TURNS")
            .env("VICTOR_MAX_CONCURRENT_REQUESTS")
            .value_parser(value_parser!(NonZeroUsize))
            .default_value("150"),
        arg(
            "queue",
            "Most turns that wait; one more is refused with 503 [default: twice --max-concurrent]",
        )
        .value_name("TURNS")
        .value_parser(value_parser!(usize)),
        span(arg("queue-wait", "Longest time a turn waits before it is refused with 503"), "5s"),
        arg("capacity", "Turns a second the model can take [default: as many as the machine can]")
            .value_name("RATE")
            .value_parser(|text: &str| text.parse::<Capacity>()),
        arg(
            "rate-limit",
            "Most requests of one key, or of one address without keys, such as 60/1m; more get 429",
        )
        .value_name("COUNT/TIME")
        .value_parser(rate_limit),
        arg("cache", "Answer repeated turns without a session from a cache")
            .action(ArgAction::SetTrue),
        arg("cache-size", "Most answers the cache keeps")
            .value_name("ENTRIES")
            .env("VICTOR_CACHE_SIZE")
            .value_parser(value_parser!(usize))
            .default_value("1000"),
        span(
            arg("write-timeout", "Close a connection whose client reads nothing for this long"),
            "30s",
        ),
        arg(
            "min-read-rate",
            "Close a connection whose client reads fewer bytes a second over that time",
        )
        .value_name("BYTES")
        .env("VICTOR_MIN_READ_RATE")
        .value_parser(value_parser!(u64))
        .default_value("256"),
        arg("body-budget", "Most bytes of all request bodies being read at one time; more get 503")
            .value_name("BYTES")
            .env("VICTOR_BODY_BUDGET")
            .value_parser(bytes)
            .default_value("64MiB"),
        arg("max-connections", "Most open connections; more are closed")
            .value_name("CONNECTIONS")
            .value_parser(value_parser!(usize))
            .default_value("20000"),
    ]
}

/// What the flags say.
pub(crate) fn apply(matches: &ArgMatches, settings: &mut ServerSettings) -> Result<(), Failure> {
    fn put<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str, place: &mut T) {
        if let Some(value) = matches.get_one::<T>(name) {
            *place = value.clone();
        }
    }
    put(matches, "max-concurrent", &mut settings.max_concurrent);
    put(matches, "queue-wait", &mut settings.queue_wait);
    put(matches, "write-timeout", &mut settings.write_timeout);
    put(matches, "min-read-rate", &mut settings.min_read_rate);
    put(matches, "body-budget", &mut settings.body_budget);
    put(matches, "max-connections", &mut settings.max_connections);
    settings.queue = matches.get_one("queue").copied();
    settings.capacity = matches.get_one("capacity").copied();
    settings.rate_limit = matches.get_one("rate-limit").copied();
    if matches.get_flag("cache") {
        settings.cache_entries = matches.get_one("cache-size").copied();
    }
    if settings.body_budget < settings.max_body {
        return Err(Failure::usage(format!(
            "--body-budget must hold one body of {} bytes at least",
            settings.max_body
        )));
    }
    if settings.write_timeout.is_zero() {
        return Err(Failure::usage(
            "--write-timeout 0s would close every connection: use 1s or more",
        ));
    }
    Ok(())
}

/// Reads `64MiB`, `500kB` or a plain number of bytes.
fn bytes(text: &str) -> Result<usize, String> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let unit: usize = match unit {
        "" | "B" => 1,
        "kB" => 1000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => 0,
    };
    let number: Option<usize> = digits.trim().parse().ok().filter(|_| unit > 0);
    number
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| format!("`{text}` is no size: write bytes, such as 64MiB or 500kB"))
}

/// Reads `60/1m`.
fn rate_limit(text: &str) -> Result<RateLimit, String> {
    let wrong = || format!("`{text}` is no rate: write requests/time, such as 60/1m or 10/1s");
    let (count, period) = text.split_once('/').ok_or_else(wrong)?;
    let count: NonZeroU32 = count.trim().parse().map_err(|_| wrong())?;
    let period: Duration = parse_run_time(period.trim()).map_err(|_| wrong())?;
    RateLimit::new(count, period).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Command;
    use proptest::prelude::*;

    fn read(args: &[&str]) -> Result<ServerSettings, String> {
        let command = Command::new("serve").args(self::args()).no_binary_name(true);
        let matches = command.try_get_matches_from(args).map_err(|error| error.to_string())?;
        let mut settings = ServerSettings::default();
        apply(&matches, &mut settings).map_err(|failure| failure.text)?;
        Ok(settings)
    }

    #[test]
    fn rates_are_a_count_and_a_time() {
        let limit = rate_limit("60/1m").expect("a rate");
        assert_eq!((limit.count().get(), limit.period()), (60, Duration::from_secs(60)));
        for text in ["60", "0/1m", "60/0s", "60/", "/1m", "a/b"] {
            assert!(rate_limit(text).expect_err(text).contains("60/1m"));
        }
    }

    #[test]
    fn sizes_are_bytes_with_a_unit() {
        let read = [("512", 512), ("2kB", 2000), ("2KiB", 2048), ("1MiB", 1 << 20), ("3B", 3)];
        for (text, expected) in read {
            assert_eq!(bytes(text), Ok(expected));
        }
        for text in ["", "MiB", "-1", "1.5MiB", "1XB", "99999999999999999999", "9999999999999GiB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_limit_or_an_error(
            text in prop_oneof![any::<String>(), "[0-9]{0,25}(/|[kKMG]i?B)?[0-9.]{0,25}(ms|s|m|h)?"]
        ) {
            match rate_limit(&text) {
                Ok(limit) => prop_assert!(!limit.period().is_zero()),
                Err(error) => prop_assert!(error.contains("60/1m")),
            }
            if let Ok(read) = bytes(&text) {
                let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                prop_assert!(digits.trim().parse::<usize>().is_ok_and(|number| read >= number));
            }
        }
    }

    #[test]
    fn the_cache_is_off_unless_it_is_asked_for() {
        let settings = read(&["--cache-size", "10", "--queue", "7"]).expect("settings");
        assert_eq!((settings.cache_entries, settings.queue), (None, Some(7)));
        assert_eq!(read(&["--cache"]).expect("settings").cache_entries, Some(1000));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_flag() {
        for args in [
            ["--max-concurrent", "0"],
            ["--capacity", "0"],
            ["--rate-limit", "often"],
            ["--write-timeout", "0s"],
            ["--body-budget", "1KiB"],
            ["--body-budget", "much"],
        ] {
            assert!(read(&args).expect_err("refused").contains(args[0]), "{args:?}");
        }
    }
}
