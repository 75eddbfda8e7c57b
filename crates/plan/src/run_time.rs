//! Locust's grammar for lengths of time.

use std::time::Duration;

/// Text that is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time: write 20, 20s, 3m, 2h, 1h20m or 3h30m10s")]
pub struct RunTimeError(String);

/// Reads `20`, `20s`, `3m`, `2h`, `1h20m`, `3h30m10s`: digits alone are seconds, else hours, minutes
/// and seconds in that order, each optional, whole numbers only.
///
/// # Errors
/// Everything else, the empty text included.
pub fn parse_run_time(text: &str) -> Result<Duration, RunTimeError> {
    let wrong = || RunTimeError(text.to_owned());
    let number = |digits: &str| digits.parse::<u64>().map_err(|_| wrong());
    if text.is_empty() {
        return Err(wrong());
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return number(text).map(Duration::from_secs);
    }
    let mut rest = text;
    let mut seconds = 0_u64;
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && rest[digits..].starts_with(unit) {
            let part = number(&rest[..digits])?.checked_mul(length).ok_or_else(wrong)?;
            seconds = seconds.checked_add(part).ok_or_else(wrong)?;
            rest = &rest[digits + 1..];
        }
    }
    if rest.is_empty() { Ok(Duration::from_secs(seconds)) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn locusts_forms_are_read_and_others_refused() {
        for (text, seconds) in
            [("20", 20), ("0s", 0), ("20s", 20), ("3m", 180), ("1h20m", 4800), ("3h30m10s", 12_610)]
        {
            assert_eq!(parse_run_time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "5x", "1m30", "1.5h", "10d", "30s1h", "-3", "s", "1 h", "99999999999999999999"]
        {
            assert!(parse_run_time(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn hours_minutes_and_seconds_add_up(h in 0_u64..99, m in 0_u64..99, s in 0_u64..99) {
            let read = parse_run_time(&format!("{h}h{m}m{s}s"));
            prop_assert_eq!(read, Ok(Duration::from_secs(h * 3600 + m * 60 + s)));
        }

        #[test]
        fn no_text_panics(text in ".{0,12}") {
            let _ = parse_run_time(&text);
        }
    }
}
