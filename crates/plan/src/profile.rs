//! How many turns are due by when, for a rate that changes in straight lines.

use crate::Stage;
use std::time::Duration;

/// A rate over time, made of straight pieces, with its integral: the number of turns expected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    /// Start and end in seconds; the last end may be infinite.
    from: f64,
    until: f64,
    /// Rate at the start, and its change a second.
    rate: f64,
    slope: f64,
    /// Turns expected before the piece.
    before: f64,
}

impl Profile {
    /// `rate` turns a second without end.
    pub(crate) fn constant(rate: f64) -> Self {
        Self {
            pieces: vec![Piece { from: 0.0, until: f64::INFINITY, rate, slope: 0.0, before: 0.0 }],
        }
    }

    /// Led through stages from a rate of 0; nothing is due after the last.
    pub(crate) fn staged(stages: &[Stage]) -> Self {
        let mut profile = Self { pieces: Vec::new() };
        let (mut at, mut rate) = (0.0, 0.0);
        for stage in stages {
            let end = at + stage.length.as_secs_f64();
            let change = match stage.pace {
                None => end - at,
                Some(pace) => ((stage.level - rate).abs() / pace).min(end - at),
            };
            let slope = match stage.pace {
                Some(pace) => pace * (stage.level - rate).signum(),
                None => (stage.level - rate) / change,
            };
            if change > 0.0 {
                profile.push(at, at + change, rate, slope);
                rate += slope * change;
            }
            if stage.length.is_zero() || stage.pace.is_none() {
                rate = stage.level;
            }
            profile.push(at + change, end, rate, 0.0);
            at = end;
        }
        profile
    }

    fn push(&mut self, from: f64, until: f64, rate: f64, slope: f64) {
        if until > from {
            let before = self.expected(from);
            self.pieces.push(Piece { from, until, rate, slope, before });
        }
    }

    /// Goes on at `rate` from `at` on, without end.
    pub(crate) fn redirect(&mut self, at: f64, rate: f64) {
        self.pieces.retain(|piece| piece.from < at);
        if let Some(last) = self.pieces.last_mut() {
            last.until = last.until.min(at);
        }
        self.push(at, f64::INFINITY, rate, 0.0);
    }

    /// Turns expected by `at` seconds.
    pub(crate) fn expected(&self, at: f64) -> f64 {
        let piece = self.pieces.iter().rev().find(|piece| piece.from <= at);
        piece.map_or(0.0, |piece| piece.expected(at.min(piece.until)))
    }

    /// When `turns` are expected; `None` when there will never be so many.
    pub(crate) fn when(&self, turns: f64) -> Option<Duration> {
        let reaches = |piece: &&Piece| piece.expected(piece.until) > turns;
        let seconds = self.pieces.iter().find(reaches)?.when(turns);
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }
}

impl Piece {
    fn expected(&self, at: f64) -> f64 {
        let t = at - self.from;
        if self.slope == 0.0 {
            // An infinite time at a rate of 0 is no turns, not a number that is none.
            return if self.rate == 0.0 { self.before } else { self.before + self.rate * t };
        }
        self.before + self.rate * t + self.slope * t * t / 2.0
    }

    /// Solves `expected(at) = turns`.
    fn when(&self, turns: f64) -> f64 {
        let left = (turns - self.before).max(0.0);
        if self.slope == 0.0 {
            return self.from + left / self.rate;
        }
        // In the form that does not cancel for small slopes.
        let root = (self.rate * self.rate + 2.0 * self.slope * left).max(0.0).sqrt();
        self.from + 2.0 * left / (self.rate + root).max(f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn staged(text: &str) -> Profile {
        Profile::staged(&crate::parse_stages(text).expect("stages"))
    }

    #[test]
    fn a_ramp_expects_the_area_below_it() {
        let ramp = staged("10s:20,5s:20,10s:0");
        for (at, turns) in [(0.0, 0.0), (5.0, 25.0), (10.0, 100.0), (15.0, 200.0), (99.0, 300.0)] {
            assert!((ramp.expected(at) - turns).abs() < 1e-9, "{at}");
        }
        assert_eq!(ramp.when(25.0), Some(Duration::from_secs(5)));
        assert_eq!(ramp.when(300.5), None, "over");
        let jump = staged("0:10,2s:10,0:0,3s:0,0:5,1s:5");
        assert_eq!(jump.when(20.0), Some(Duration::from_secs(5)), "nothing is due at a rate of 0");
        let paced = staged("10s:20@10,10s:0@5");
        assert!((paced.expected(20.0) - (20.0 + 160.0 + 40.0)).abs() < 1e-9);
    }

    #[test]
    fn a_redirected_profile_keeps_its_past() {
        let mut profile = Profile::constant(10.0);
        profile.redirect(3.0, 2.0);
        assert!((profile.expected(5.0) - 34.0).abs() < 1e-9);
        profile.redirect(5.0, 0.0);
        assert_eq!(profile.when(34.5), None);
        profile.redirect(100.0, 1.0);
        assert_eq!(profile.when(35.0), Some(Duration::from_secs(101)));
    }

    proptest! {
        #[test]
        fn when_is_the_inverse_of_expected(
            levels in prop::collection::vec((1_u64..10, 0.0_f64..50.0), 1..6), share in 0.0_f64..0.999,
        ) {
            let stages: Vec<Stage> = levels
                .iter()
                .map(|&(seconds, level)| Stage::ramp(Duration::from_secs(seconds), level))
                .collect();
            let profile = Profile::staged(&stages);
            let turns = profile.expected(1e6) * share;
            if let Some(at) = profile.when(turns) {
                let again = profile.expected(at.as_secs_f64());
                prop_assert!((again - turns).abs() < 1e-3, "{turns} at {at:?} is {again}");
            }
        }
    }
}
