//! Latency against the length of a conversation, added up turn by turn.

use std::collections::BTreeMap;
use victor_stats::{MeanInterval, mean_interval};
use victor_types::{Histogram, TraceOutcome, TraceRecord};

/// Parts of a conversation that have a histogram of their own.
const PARTS: usize = 10;

/// A straight line by least squares, from sums alone.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Line {
    fn add(&mut self, x: f64, y: f64) {
        self.n += 1.0;
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.xy += x * y;
    }

    /// `None` of fewer than 5 points or of one abscissa.
    fn slope(&self) -> Option<f64> {
        let spread = self.n * self.xx - self.x * self.x;
        (self.n >= 5.0 && spread > 0.0).then(|| (self.n * self.xy - self.x * self.y) / spread)
    }
}

/// The lines of one user: over the whole conversation and over each half.
#[derive(Debug, Clone, Copy, Default)]
struct Lines {
    whole: Line,
    halves: [Line; 2],
}

/// Latencies of successes by the number of the turn in its conversation. Memory grows with users,
/// not with turns.
#[derive(Debug)]
pub(super) struct Curve {
    turns: u64,
    users: BTreeMap<u64, Lines>,
    parts: [Histogram; PARTS],
}

impl Curve {
    /// For conversations of `turns` turns.
    pub(super) fn new(turns: u64) -> Self {
        Self { turns: turns.max(1), users: BTreeMap::new(), parts: Default::default() }
    }

    /// Takes a turn of a user with one conversation, if it was right.
    pub(super) fn take(&mut self, turn: &TraceRecord) {
        let number = turn.request_id.rsplit('-').next().and_then(|text| text.parse::<u64>().ok());
        if let Some(number) = number.filter(|_| turn.outcome == TraceOutcome::Success) {
            let micros = turn.done_ns.saturating_sub(turn.planned_ns) / 1000;
            self.add(turn.user, number, micros);
        }
    }

    fn add(&mut self, user: u64, number: u64, micros: u64) {
        #[expect(clippy::cast_precision_loss, reason = "numbers of turns and microseconds")]
        let (x, y) = (number as f64, micros as f64 / 1000.0);
        let lines = self.users.entry(user).or_default();
        lines.whole.add(x, y);
        lines.halves[usize::from(number > self.turns / 2)].add(x, y);
        let part = (number.saturating_sub(1) * PARTS as u64 / self.turns).min(PARTS as u64 - 1);
        self.parts[usize::try_from(part).unwrap_or(0)].add(micros, 1);
    }

    /// Milliseconds that a turn takes longer than the one before, over users. Users are independent of
    /// one another, so their slopes give the interval whatever the turns of one owe to each other.
    pub(super) fn slope(&self) -> Option<MeanInterval> {
        let slopes: Vec<f64> =
            self.users.values().filter_map(|lines| lines.whole.slope()).collect();
        mean_interval(&slopes)
    }

    /// By how much the slope of the second half exceeds `factor` times that of the first.
    pub(super) fn bend(&self, factor: f64) -> Option<MeanInterval> {
        let of = |lines: &Lines| Some(lines.halves[1].slope()? - factor * lines.halves[0].slope()?);
        let bends: Vec<f64> = self.users.values().filter_map(of).collect();
        mean_interval(&bends)
    }

    /// Latencies of the first tenth of all conversations.
    pub(super) fn first(&self) -> &Histogram {
        &self.parts[0]
    }

    /// Latencies of the last tenth.
    pub(super) fn last(&self) -> &Histogram {
        &self.parts[PARTS - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(turns: u64, ms: impl Fn(f64, f64) -> f64) -> Curve {
        let mut curve = Curve::new(turns);
        for user in 0..10 {
            for number in 1..=turns {
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                let (x, noise) = (number as f64, ((number * 7 + user * 13) % 11) as f64 - 5.0);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "positive"
                )]
                let micros = (ms(x, noise) * 1e3) as u64;
                curve.add(user, number, micros);
            }
        }
        curve
    }

    #[test]
    fn a_linear_cost_is_found_and_is_no_bend() {
        let linear = curve(100, |x, noise| 20.0 + 0.1 * x + noise);
        let slope = linear.slope().expect("ten users");
        assert!((slope.mean() - 0.1).abs() < 0.02 && slope.low() > 0.0, "{slope:?}");
        assert!(linear.bend(2.0).expect("halves").high() < 0.0);
        assert_eq!((linear.first().count(), linear.last().count()), (100, 100));
    }

    #[test]
    fn a_cost_that_grows_faster_and_faster_bends() {
        let square = curve(100, |x, noise| 20.0 + 0.02 * x * x + noise);
        assert!(square.bend(2.0).expect("halves").low() > 0.0);
    }
}
