//! How full is too full.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use thiserror::Error;

/// How full a context window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Below every threshold.
    Normal,
    /// Worth showing.
    Warning,
    /// Full enough to compact between two turns.
    Proactive,
    /// Must be compacted before the next turn.
    Overflow,
    /// The next turn may not fit.
    Critical,
}

/// Shares of a context window, each above 0 and at most 1, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shares {
    /// What compaction leaves. Default 0.45.
    pub target: f64,
    /// Where [`Level::Warning`] begins. Default 0.65.
    pub warning: f64,
    /// Where [`Level::Proactive`] begins. Default 0.75.
    pub proactive: f64,
    /// Where [`Level::Overflow`] begins. Default 0.85.
    pub overflow: f64,
    /// Where [`Level::Critical`] begins. Default 0.95.
    pub critical: f64,
}

impl Default for Shares {
    fn default() -> Self {
        Self { target: 0.45, warning: 0.65, proactive: 0.75, overflow: 0.85, critical: 0.95 }
    }
}

/// Why settings of a context window are refused.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ThresholdError {
    /// A share that is none.
    #[error("`{name}` is {value}: give a share above 0 and at most 1, such as 0.75")]
    Range {
        /// The share's name.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// Two thresholds in the wrong order.
    #[error(
        "`{lower}` must be below `{upper}`: the order is target, warning, proactive, overflow, \
         critical"
    )]
    Order {
        /// The one that must be lower.
        lower: &'static str,
        /// The one that must be higher.
        upper: &'static str,
    },
    /// A text that names no threshold.
    #[error(
        "`{0}` is no threshold: write name=share, such as proactive=0.75; the names are target, \
         warning, proactive, overflow, critical"
    )]
    Unknown(String),
    /// A window without room.
    #[error("the context window holds 0 tokens: give at least 1")]
    Empty,
}

/// Valid [`Shares`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Thresholds(Shares);

impl Thresholds {
    /// Checks that every share is above 0 and at most 1 and that they ascend.
    ///
    /// # Errors
    ///
    /// Names the first share that is out of range, or the first two in the wrong order.
    pub fn try_new(shares: Shares) -> Result<Self, ThresholdError> {
        let named = [
            ("target", shares.target),
            ("warning", shares.warning),
            ("proactive", shares.proactive),
            ("overflow", shares.overflow),
            ("critical", shares.critical),
        ];
        for (name, value) in named {
            // Written so that a value that is not a number is refused, too.
            let is_share = value > 0.0 && value <= 1.0;
            if !is_share {
                return Err(ThresholdError::Range { name, value });
            }
        }
        for pair in named.windows(2) {
            if pair[0].1 >= pair[1].1 {
                return Err(ThresholdError::Order { lower: pair[0].0, upper: pair[1].0 });
            }
        }
        Ok(Self(shares))
    }

    /// The shares.
    #[must_use]
    pub fn shares(&self) -> Shares {
        self.0
    }

    /// The level of a window of which the share `utilization` is in use. A threshold belongs to
    /// the level that begins there.
    #[must_use]
    pub fn level(&self, utilization: f64) -> Level {
        let ends = [
            (self.0.critical, Level::Critical),
            (self.0.overflow, Level::Overflow),
            (self.0.proactive, Level::Proactive),
            (self.0.warning, Level::Warning),
        ];
        let reached = ends.into_iter().find(|(from, _)| utilization >= *from);
        reached.map_or(Level::Normal, |(_, level)| level)
    }
}

impl FromStr for Thresholds {
    type Err = ThresholdError;

    /// Reads `proactive=0.7,target=0.4`; what is not named keeps its default.
    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let mut shares = Shares::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let unknown = || ThresholdError::Unknown(part.to_owned());
            let (name, value) = part.split_once('=').ok_or_else(unknown)?;
            let value: f64 = value.trim().parse().map_err(|_| unknown())?;
            let place = match name.trim() {
                "target" => &mut shares.target,
                "warning" => &mut shares.warning,
                "proactive" => &mut shares.proactive,
                "overflow" => &mut shares.overflow,
                "critical" => &mut shares.critical,
                _ => return Err(unknown()),
            };
            *place = value;
        }
        Self::try_new(shares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_level_begins_at_its_threshold() {
        let thresholds = Thresholds::default();
        let levels = [0.0, 0.649, 0.65, 0.75, 0.85, 0.949, 0.95, 7.0];
        assert_eq!(
            levels.map(|share| thresholds.level(share)),
            [
                Level::Normal,
                Level::Normal,
                Level::Warning,
                Level::Proactive,
                Level::Overflow,
                Level::Overflow,
                Level::Critical,
                Level::Critical
            ]
        );
    }

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(Thresholds::try_new(Shares::default()), Ok(Thresholds::default()));
    }

    #[test]
    fn thresholds_are_read_by_name() {
        let read = |text: &str| text.parse::<Thresholds>();
        let given = read("proactive=0.7, target=0.3").expect("valid").shares();
        assert_eq!(given, Shares { proactive: 0.7, target: 0.3, ..Shares::default() });
        assert_eq!(read(""), Ok(Thresholds::default()));
        for text in ["0.7", "full=0.7", "target", "target=x"] {
            assert_eq!(read(text), Err(ThresholdError::Unknown(text.into())));
        }
        let error = read("target=0.9").expect_err("out of order").to_string();
        assert!(error.contains("`target` must be below `warning`"), "{error}");
    }

    proptest! {
        #[test]
        fn what_reads_ascends_and_the_rest_is_an_error(
            text in prop_oneof![
                any::<String>(),
                "((target|warning|proactive|overflow|critical)=[0-9.eE+-]{0,8},?){0,6}",
            ]
        ) {
            if let Ok(thresholds) = text.parse::<Thresholds>() {
                let Shares { target, warning, proactive, overflow, critical } = thresholds.shares();
                let all = [0.0, target, warning, proactive, overflow, critical];
                prop_assert!(all.is_sorted_by(|a, b| a < b) && critical <= 1.0, "{all:?}");
            }
        }
    }

    #[test]
    fn wrong_shares_are_refused_by_name() {
        for value in [0.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
            let shares = Shares { overflow: value, ..Shares::default() };
            let error = Thresholds::try_new(shares).expect_err("refused").to_string();
            assert!(error.contains("`overflow`"), "{error}");
        }
        let shares = Shares { target: 0.65, ..Shares::default() };
        let order = ThresholdError::Order { lower: "target", upper: "warning" };
        assert_eq!(Thresholds::try_new(shares), Err(order));
    }
}
