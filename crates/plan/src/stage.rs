//! Stages: how a load's level changes over time.

use crate::{PlanError, parse_run_time};
use std::time::Duration;

/// A stretch of a run with the level that it leads to: users of a closed load, turns a second of an
/// open one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// How long it takes; 0 is a jump.
    pub length: Duration,
    /// The level at its end.
    pub level: f64,
    /// How fast the level is reached, a second: the level is then held, as in Locust's stages.
    /// `None` goes there evenly over the whole stage, as in k6's.
    pub pace: Option<f64>,
}

impl Stage {
    /// Reaches `level` evenly over `length`.
    #[must_use]
    pub const fn ramp(length: Duration, level: f64) -> Self {
        Self { length, level, pace: None }
    }

    /// Jumps to `level`, for the first stage of `[jump, hold]`.
    #[must_use]
    pub const fn jump(level: f64) -> Self {
        Self::ramp(Duration::ZERO, level)
    }

    /// # Errors
    /// Unless the level is finite and not negative, and the pace positive.
    pub(crate) fn check(&self) -> Result<(), PlanError> {
        let level = self.level.is_finite() && (0.0..=1e6).contains(&self.level);
        let pace = self.pace.is_none_or(|pace| pace.is_finite() && pace > 1e-9);
        if level && pace { Ok(()) } else { Err(PlanError::Stage { stage: self.to_string() }) }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}s:{}", self.length.as_secs(), self.level)?;
        self.pace.map_or(Ok(()), |pace| write!(f, "@{pace}"))
    }
}

/// Reads `30s:10,1m:50@5,20s:0`: lengths in the grammar of [`parse_run_time`], levels, and after an
/// `@` how fast the level is reached a second.
///
/// # Errors
/// Names the first stage that is none.
pub fn parse_stages(text: &str) -> Result<Vec<Stage>, PlanError> {
    text.split(',').map(|part| parse_stage(part.trim())).collect()
}

fn parse_stage(text: &str) -> Result<Stage, PlanError> {
    let wrong = || PlanError::Stage { stage: text.to_owned() };
    let (length, level) = text.split_once(':').ok_or_else(wrong)?;
    let length = parse_run_time(length).map_err(|_| wrong())?;
    let number = |text: &str| text.parse::<f64>().map_err(|_| wrong());
    let (level, pace) = match level.split_once('@') {
        Some((level, pace)) => (number(level)?, Some(number(pace)?)),
        None => (number(level)?, None),
    };
    let stage = Stage { length, level, pace };
    stage.check().map(|()| stage).map_err(|_| wrong())
}

/// How long stages take together.
pub(crate) fn length(stages: &[Stage]) -> Duration {
    stages.iter().map(|stage| stage.length).sum()
}

/// The highest level of any stage.
pub(crate) fn peak(stages: &[Stage]) -> f64 {
    stages.iter().map(|stage| stage.level).fold(0.0, f64::max)
}

/// Stages that make a load: at least one, with time in it, and a level above 0.
pub(crate) fn check(stages: &[Stage]) -> Result<(), PlanError> {
    stages.iter().try_for_each(Stage::check)?;
    if length(stages).is_zero() || peak(stages) <= 0.0 {
        return Err(PlanError::NoStages);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stages_are_read_as_written() {
        let second = Duration::from_secs(1);
        let read = parse_stages("30s:10, 1m:50@2.5,0:0").expect("stages");
        let held = Stage { pace: Some(2.5), ..Stage::ramp(60 * second, 50.0) };
        assert_eq!(read, [Stage::ramp(30 * second, 10.0), held, Stage::jump(0.0)]);
        for wrong in ["", "30s", "30s:", "x:5", "5s:-1", "5s:nan", "5s:5@0", "5s:5,", "5s:1e9"] {
            let told = parse_stages(wrong).expect_err(wrong).to_string();
            assert!(told.contains("stage"), "{told}");
        }
        assert!(check(&[Stage::jump(5.0)]).is_err(), "no time in it");
        assert!(check(&[Stage::ramp(second, 0.0)]).is_err(), "no load in it");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = parse_stages(&text);
        }
    }
}
