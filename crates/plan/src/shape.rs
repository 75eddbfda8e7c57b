//! Well-known shapes of load, as stages.

use crate::Stage;
use std::time::Duration;

/// A shape by name, to be filled with a peak and a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// This many equal steps up to the peak, each held for the same time.
    Step(u32),
    /// A base, a sudden peak of this many times the base, and the base again.
    Spike(u32),
    /// Two waves, as in Locust's example `double_wave.py`: a third of the peak, then the peak, then
    /// two thirds of it, with the base of a third between.
    DoubleWave,
    /// A twentieth of the time up, the peak, and a twentieth down.
    Soak,
}

/// Straight pieces that a wave is made of.
const PIECES: u32 = 60;

impl Shape {
    /// Reads `step`, `step:N`, `spike`, `spike:N`, `double-wave` or `soak`; steps are 5 and a spike is
    /// 5 times its base unless said otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, number) = text.split_once(':').map_or((text, None), |(a, b)| (a, Some(b)));
        let number = match number {
            None => None,
            Some(text) => Some(text.parse::<u32>().ok().filter(|n| (2..=1000).contains(n))?),
        };
        match (name, number) {
            ("step", n) => Some(Self::Step(n.unwrap_or(5))),
            ("spike", n) => Some(Self::Spike(n.unwrap_or(5))),
            ("double-wave", None) => Some(Self::DoubleWave),
            ("soak", None) => Some(Self::Soak),
            _ => None,
        }
    }

    /// The stages of this shape with this peak over `length`.
    #[must_use]
    pub fn stages(self, peak: f64, length: Duration) -> Vec<Stage> {
        let hold =
            |share: f64, level| [Stage::jump(level), Stage::ramp(length.mul_f64(share), level)];
        match self {
            Self::Step(steps) => {
                let level = |step: u32| peak * f64::from(step) / f64::from(steps);
                (1..=steps).flat_map(|step| hold(1.0 / f64::from(steps), level(step))).collect()
            }
            Self::Spike(times) => {
                let base = peak / f64::from(times);
                [hold(0.4, base), hold(0.2, peak), hold(0.4, base)].concat()
            }
            Self::DoubleWave => {
                let first = Stage::jump(double_wave(0.0, peak));
                let piece = |at: u32| {
                    let x = f64::from(at) / f64::from(PIECES);
                    Stage::ramp(length / PIECES, double_wave(x, peak))
                };
                std::iter::once(first).chain((1..=PIECES).map(piece)).collect()
            }
            Self::Soak => {
                let edge = length.mul_f64(0.05);
                vec![
                    Stage::ramp(edge, peak),
                    Stage::ramp(length.saturating_sub(2 * edge), peak),
                    Stage::ramp(edge, 0.0),
                ]
            }
        }
    }
}

/// The level at share `x` of the time.
fn double_wave(x: f64, peak: f64) -> f64 {
    let wave = |centre: f64| (-(15.0 * x - centre).powi(2)).exp();
    peak * (1.0 + 2.0 * wave(5.0) + wave(10.0)) / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The level at each tenth of 100 s.
    fn levels(name: &str) -> Vec<f64> {
        let stages = Shape::parse(name).expect(name).stages(60.0, Duration::from_secs(100));
        let level = |at: f64| {
            let (mut from, mut before) = (0.0, 0.0);
            for stage in &stages {
                let length = stage.length.as_secs_f64();
                if at < from + length {
                    return before + (stage.level - before) * (at - from) / length;
                }
                (from, before) = (from + length, stage.level);
            }
            before
        };
        (0..10).map(|tenth| level(f64::from(tenth) * 10.0 + 5.0).round()).collect()
    }

    #[test]
    fn shapes_look_like_their_names() {
        assert_eq!(levels("step"), [12.0, 12.0, 24.0, 24.0, 36.0, 36.0, 48.0, 48.0, 60.0, 60.0]);
        assert_eq!(levels("spike:6"), [10.0, 10.0, 10.0, 10.0, 60.0, 60.0, 10.0, 10.0, 10.0, 10.0]);
        assert_eq!(levels("soak"), [60.0; 10]);
        let wave = levels("double-wave");
        assert_eq!((wave[0], wave[9]), (20.0, 20.0));
        assert!(wave[3] > 55.0 && wave[6] > 36.0 && wave[6] <= 40.0, "{wave:?}");
        for wrong in ["", "steps", "step:1", "step:x", "soak:3"] {
            assert_eq!(Shape::parse(wrong), None, "{wrong}");
        }
    }
}
