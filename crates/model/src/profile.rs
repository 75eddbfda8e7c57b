//! How fast and how talkative the model is.

use crate::lengths::Lengths;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A named set of service times and answer lengths; the numbers are in the table of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// No service time at all: what is measured is the server and the network.
    Instant,
    /// A quick local model: a plain turn takes about 40 ms, 99 of 100 under 120 ms.
    #[default]
    Fast,
    /// A model behind a cloud API: a plain turn takes one to two seconds.
    Cloud,
}

/// The service times and answer lengths of one profile. Times follow a closed form:
/// `prefill = (overhead + per_prompt_token * prompt tokens) * jitter`, and each token of the answer
/// takes `per_output_token * jitter`, where every jitter is a lognormal draw of mean 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Fixed time before the first token.
    pub(crate) overhead: Duration,
    /// Time before the first token for each token of the prompt.
    pub(crate) per_prompt_token: Duration,
    /// Time for each token of the answer.
    pub(crate) per_output_token: Duration,
    /// Standard deviation of the logarithm of each jitter.
    pub(crate) jitter: f64,
    /// Tokens of a free answer.
    pub(crate) lengths: Lengths,
}

const INSTANT: Pace = Pace {
    overhead: Duration::ZERO,
    per_prompt_token: Duration::ZERO,
    per_output_token: Duration::ZERO,
    jitter: 0.0,
    lengths: Lengths::Lognormal { median: 24.0, sigma: 0.4, longest: 90 },
};

const FAST: Pace = Pace {
    overhead: Duration::from_millis(12),
    per_prompt_token: Duration::from_micros(5),
    per_output_token: Duration::from_millis(1),
    jitter: 0.25,
    lengths: Lengths::Lognormal { median: 24.0, sigma: 0.4, longest: 90 },
};

const CLOUD: Pace = Pace {
    overhead: Duration::from_millis(300),
    per_prompt_token: Duration::from_micros(100),
    per_output_token: Duration::from_millis(12),
    jitter: 0.25,
    lengths: Lengths::Lognormal { median: 60.0, sigma: 0.5, longest: 400 },
};

impl Profile {
    /// Every profile, slowest last.
    pub const ALL: [Self; 3] = [Self::Instant, Self::Fast, Self::Cloud];

    /// The name written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Fast => "fast",
            Self::Cloud => "cloud",
        }
    }

    pub(crate) const fn pace(self) -> &'static Pace {
        match self {
            Self::Instant => &INSTANT,
            Self::Fast => &FAST,
            Self::Cloud => &CLOUD,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A profile name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown profile `{0}`: use `instant`, `fast` or `cloud`")]
pub struct UnknownProfile(String);

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownProfile(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_a_wrong_one_lists_the_right_ones() {
        for profile in Profile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(profile));
        }
        let error = "turbo".parse::<Profile>().expect_err("no such profile");
        assert_eq!(error.to_string(), "unknown profile `turbo`: use `instant`, `fast` or `cloud`");
    }
}
