//! Service level objectives of a single turn, for goodput.

use std::fmt;
use std::time::Duration;

/// What a turn must meet to be good; an objective that is `None` is not asked for. All are upper
/// bounds, and a value equal to its bound meets it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slo {
    /// Time to first token.
    pub ttft: Option<Duration>,
    /// Time to first output token: the first that is not reasoning.
    pub ttfo: Option<Duration>,
    /// Mean time between tokens.
    pub itl: Option<Duration>,
    /// Time per output token after the first.
    pub tpot: Option<Duration>,
    /// From sending to the end of the answer.
    pub e2e: Option<Duration>,
    /// From the planned instant to the end of the answer.
    pub e2e_sched: Option<Duration>,
}

/// Text that is no list of objectives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a list of objectives: give some of ttft, ttfo, itl, tpot, e2e and e2e_sched, each \
     once and above 0, such as ttft:300ms,tpot:50ms,e2e:2s"
)]
pub struct SloError(String);

impl Slo {
    /// Reads `ttft:300ms,tpot:50ms,e2e:2s`; a time is a number with `ms` or `s`.
    ///
    /// # Errors
    /// When an objective is unknown, given twice, or not above 0.
    pub fn parse(text: &str) -> Result<Self, SloError> {
        let wrong = || SloError(text.to_owned());
        let mut slo = Self::default();
        for part in text.split(',') {
            let (name, bound) = part.trim().split_once(':').ok_or_else(wrong)?;
            let bound = span(bound.trim()).ok_or_else(wrong)?;
            let place = match name {
                "ttft" => &mut slo.ttft,
                "ttfo" => &mut slo.ttfo,
                "itl" => &mut slo.itl,
                "tpot" => &mut slo.tpot,
                "e2e" => &mut slo.e2e,
                "e2e_sched" => &mut slo.e2e_sched,
                _ => return Err(wrong()),
            };
            if place.replace(bound).is_some() {
                return Err(wrong());
            }
        }
        Ok(slo)
    }

    /// The objectives asked for, by name.
    #[must_use]
    pub fn objectives(&self) -> Vec<(&'static str, Duration)> {
        let all = [
            ("ttft", self.ttft),
            ("ttfo", self.ttfo),
            ("itl", self.itl),
            ("tpot", self.tpot),
            ("e2e", self.e2e),
            ("e2e_sched", self.e2e_sched),
        ];
        all.into_iter().filter_map(|(name, bound)| Some((name, bound?))).collect()
    }
}

fn span(text: &str) -> Option<Duration> {
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let seconds = number.trim().parse::<f64>().ok()? * scale;
    (seconds > 0.0 && seconds <= 86_400.0).then(|| Duration::from_secs_f64(seconds))
}

impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, bound)) in self.objectives().into_iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(f, "{comma}{name}:{}ms", bound.as_secs_f64() * 1e3)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_read_back_as_written() {
        let slo = Slo::parse("ttft:300ms, tpot:50ms,e2e:2s").expect("reads");
        assert_eq!(slo.ttft, Some(Duration::from_millis(300)));
        assert_eq!((slo.e2e, slo.itl), (Some(Duration::from_secs(2)), None));
        assert_eq!(slo.to_string(), "ttft:300ms,tpot:50ms,e2e:2000ms");
        assert_eq!(Slo::parse(&slo.to_string()), Ok(slo));
        for wrong in
            ["", "ttft", "ttft:300", "ttft:0ms", "ttft:-1s", "x:1s", "e2e:1s,e2e:2s", "e2e:nans"]
        {
            assert!(Slo::parse(wrong).is_err(), "{wrong}");
        }
    }
}
