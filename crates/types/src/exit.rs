//! Exit codes, a contract with scripts and CI.

use serde::{Deserialize, Serialize};

/// How a command ended. The numbers never change meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitCode {
    /// 0: done, and every verdict passed.
    Ok,
    /// 1: a verdict failed or requests failed.
    Failed,
    /// 2: the command line, environment, configuration file or payload is wrong.
    Usage,
    /// 3: the target cannot be reached.
    Unreachable,
    /// 4: the generator was the bottleneck, so the numbers are not the target's.
    Invalid,
    /// 5: too little was measured for a verdict.
    Inconclusive,
    /// 6: slower or heavier than the baseline.
    Regression,
    /// 7: there is no baseline to compare with.
    NoBaseline,
    /// 130: interrupted; the report of what ran was written.
    Interrupted,
    /// A code chosen by the user with `--exit-code-on-error`.
    OnError(u8),
}

impl ExitCode {
    /// The number handed to the operating system.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Invalid => 4,
            Self::Inconclusive => 5,
            Self::Regression => 6,
            Self::NoBaseline => 7,
            Self::Interrupted => 130,
            Self::OnError(code) => code,
        }
    }

    /// Every documented code with its meaning, in order; the reference page is made from it.
    pub const TABLE: [(Self, &'static str); 9] = [
        (Self::Ok, "ok"),
        (Self::Failed, "a verdict failed, or requests failed (see `--exit-code-on-error`)"),
        (Self::Usage, "usage or configuration: the message names the flag or key and the fix"),
        (Self::Unreachable, "the target is unreachable"),
        (Self::Invalid, "the run is invalid: the generator was the bottleneck"),
        (Self::Inconclusive, "inconclusive: too little was measured for a verdict"),
        (Self::Regression, "regression against the baseline"),
        (Self::NoBaseline, "no baseline to compare with"),
        (Self::Interrupted, "interrupted; the report of what ran was still written"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_documented_ones() {
        let codes: Vec<u8> = ExitCode::TABLE.iter().map(|(code, _)| code.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 130]);
    }
}
