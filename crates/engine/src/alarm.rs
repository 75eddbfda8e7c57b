//! Looks out for what ends a run early.

use crate::Timeline;
use std::collections::VecDeque;
use victor_plan::Alarms;
use victor_types::{EndReason, Histogram, HistoryPoint, Millis};

/// Seconds that a share of failures is taken over, and for which saturation must last.
const LOOK_BACK: usize = 10;
/// Fewest turns that make a share.
const ENOUGH: u64 = 50;

/// What the alarms have seen.
#[derive(Debug)]
pub(crate) struct Watchman {
    alarms: Alarms,
    seen: f64,
    recent: VecDeque<Second>,
    /// How long the 95th percentile has been over its limit, in seconds.
    slow_for: f64,
}

#[derive(Debug)]
struct Second {
    sent: u64,
    succeeded: u64,
    failed: u64,
    in_flight: u64,
    latency: Histogram,
}

impl Watchman {
    pub(crate) fn new(alarms: Alarms) -> Self {
        Self { alarms, seen: 0.0, recent: VecDeque::new(), slow_for: 0.0 }
    }

    /// Why the run should end now, if it should.
    pub(crate) fn look(&mut self, timeline: &Timeline) -> Option<EndReason> {
        if self.alarms == Alarms::default() {
            return None;
        }
        let (failed, tokens) = timeline.costs();
        if self.alarms.failures.is_some_and(|most| failed >= most) {
            return Some(EndReason::Failures);
        }
        if self.alarms.tokens.is_some_and(|most| tokens >= most) {
            return Some(EndReason::Tokens);
        }
        // The newest second may still lack another shard's part.
        let complete = timeline.history().len().saturating_sub(1);
        let new: Vec<&HistoryPoint> =
            timeline.history().take(complete).rev().take_while(|at| at.at.0 > self.seen).collect();
        new.into_iter().rev().find_map(|point| self.second(point))
    }

    fn second(&mut self, point: &HistoryPoint) -> Option<EndReason> {
        self.seen = point.at.0;
        if self.recent.len() == LOOK_BACK {
            self.recent.pop_front();
        }
        self.recent.push_back(Second {
            sent: point.sent,
            succeeded: point.succeeded,
            failed: point.failed,
            in_flight: point.in_flight,
            latency: point.latency.clone(),
        });
        if self.alarms.error_rate.is_some_and(|most| self.fails_over(most)) {
            return Some(EndReason::Failures);
        }
        if let Some((limit, span)) = self.alarms.slow {
            let p95 = victor_stats::adjusted_percentile(&point.latency, point.failed, 0.95);
            // A second in which nothing ended says nothing, unless turns are waiting.
            let ended = point.succeeded + point.failed > 0;
            let over = match p95 {
                Some(micros) => Millis::from_micros(micros) > limit,
                None => ended || point.in_flight > 0,
            };
            self.slow_for = if over { self.slow_for + point.window.0 } else { 0.0 };
            if self.slow_for + 0.1 >= span.as_secs_f64() {
                return Some(EndReason::Slow);
            }
        }
        (self.alarms.saturation && self.is_saturated()).then_some(EndReason::Saturated)
    }

    #[expect(clippy::cast_precision_loss, reason = "a share to 15 digits is enough")]
    fn fails_over(&self, most: f64) -> bool {
        let failed: u64 = self.recent.iter().map(|second| second.failed).sum();
        let ended: u64 = self.recent.iter().map(|second| second.failed + second.succeeded).sum();
        ended >= ENOUGH && failed as f64 > most * ended as f64
    }

    /// Turns in flight and their latency have grown, from the first half of the seconds looked at
    /// to the second, by a quarter each; and over all of them a twentieth fewer turns ended than
    /// began. A ramp alone grows the first and may grow the second, but ends as many as it begins.
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    fn is_saturated(&self) -> bool {
        if self.recent.len() < LOOK_BACK {
            return false;
        }
        let half = |from: usize| self.recent.iter().skip(from).take(LOOK_BACK / 2);
        let flights = |from| half(from).map(|second| second.in_flight).sum::<u64>() as f64;
        let median = |from| {
            let mut all = Histogram::default();
            half(from).for_each(|second| all.merge(&second.latency));
            victor_stats::percentile(&all, 0.5).map(|micros| micros as f64)
        };
        let sent: u64 = self.recent.iter().map(|second| second.sent).sum();
        let ended: u64 = self.recent.iter().map(|second| second.succeeded + second.failed).sum();
        let slower = match (median(0), median(LOOK_BACK / 2)) {
            (Some(before), Some(after)) => after > 1.25 * before,
            // Nothing was right any more.
            (Some(_), None) => true,
            _ => false,
        };
        flights(LOOK_BACK / 2) > 1.25 * flights(0).max(1.0)
            && slower
            && sent >= ENOUGH
            && (ended as f64) < 0.95 * sent as f64
    }
}

#[cfg(test)]
#[path = "alarm_tests.rs"]
mod tests;
