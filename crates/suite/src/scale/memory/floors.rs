//! What stays after each round of load and drain.

use super::size;
use crate::scale::said;
use victor_stats::mean_interval;
use victor_types::{Outcome, Verdict};

/// Growth over all rounds that is not worth a verdict, in bytes, and as a share of what is held.
const LEAST: (f64, f64) = (1024.0 * 1024.0, 0.01);

/// Memory after each round; `units` of work were done between two.
#[derive(Debug, Clone)]
pub(super) struct Floors {
    /// Bytes after each round, in order; the first round fills pools and caches.
    pub(super) bytes: Vec<f64>,
    /// Requests or sessions of a round.
    pub(super) units: f64,
    /// What they are: `session`.
    pub(super) unit: &'static str,
}

impl Floors {
    /// Growth that is too small to be told from noise.
    fn resolution(&self) -> f64 {
        let most = self.bytes.iter().copied().fold(0.0, f64::max);
        LEAST.0.max(LEAST.1 * most)
    }

    /// Whether more stays after each round. A pool that fills adds less and less; a leak adds as much
    /// in the last rounds as in the first.
    pub(super) fn verdict(&self, name: &str) -> Verdict {
        let limit = format!("< {} over all rounds", size(2.0 * self.resolution()));
        let said = |measured, outcome| said::verdict(name, limit.clone(), measured, outcome);
        let steps: Vec<f64> = self.bytes.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let interval = mean_interval(&steps).filter(|_| steps.len() >= FEWEST);
        let Some(step) = interval else {
            let open = said("too few rounds".to_owned(), Outcome::Inconclusive);
            return said::because(open, format!("rounds={}", FEWEST + 2));
        };
        #[expect(clippy::cast_precision_loss, reason = "a number of rounds")]
        let rounds = steps.len() as f64;
        let half = steps.len() / 2;
        let (early, late) = (mean(&steps[..half]), mean(&steps[half..]));
        let measured = format!(
            "{} a {unit} ({} to {}), {} over {rounds} rounds",
            size(step.mean() / self.units),
            size(step.low() / self.units),
            size(step.high() / self.units),
            size(step.mean() * rounds),
            unit = self.unit
        );
        if step.high() * rounds < 2.0 * self.resolution() {
            let most = size(step.high().max(0.0) / self.units);
            let why = format!("up to {most} a {} could have been missed", self.unit);
            return said::because(said(measured, Outcome::Pass), why);
        }
        let grows_on = late > early / 2.0 && late * rounds > self.resolution();
        if step.low() * rounds > self.resolution() && grows_on {
            let why = "each round leaves as much behind as the one before: no pool that fills";
            return said::because(said(measured, Outcome::Fail), why);
        }
        let more = 2 * (steps.len() + 1);
        said::because(said(measured, Outcome::Inconclusive), format!("more rounds: rounds={more}"))
    }
}

/// Steps from which a mean step can be told.
const FEWEST: usize = 4;

fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of rounds")]
    let count = values.len().max(1) as f64;
    values.iter().sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(bytes: &[f64]) -> Outcome {
        let bytes = bytes.iter().map(|mib| mib * 1024.0 * 1024.0).collect();
        Floors { bytes, units: 200.0, unit: "session" }.verdict("floor").outcome
    }

    #[test]
    fn a_leak_adds_as_much_each_round_and_a_pool_does_not() {
        assert_eq!(judged(&[40.0, 42.0, 44.1, 46.0, 48.0, 50.1]), Outcome::Fail);
        assert_eq!(judged(&[40.0, 40.1, 40.0, 40.1, 40.1, 40.0]), Outcome::Pass);
        assert_eq!(judged(&[40.0, 48.0, 52.0, 53.0, 53.2, 53.3]), Outcome::Inconclusive);
        assert_eq!(judged(&[40.0, 45.0, 37.0, 48.0, 41.0, 44.0]), Outcome::Inconclusive);
        assert_eq!(judged(&[40.0, 60.0]), Outcome::Inconclusive);
    }
}
