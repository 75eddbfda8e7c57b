//! A capacity set by the model: turns begin at most so many a second.
//!
//! Turns that hold a slot pass one turnstile in the order they came. The turnstile lets turn `n`
//! through at `max(arrival, previous passage + 1/capacity)`: the departures of a server with one
//! worker and a fixed service time, to which the model's own times are added. Over any span of `t`
//! seconds at most `t x capacity + 1` turns pass, so at most that many can complete, and a turn
//! whose client hung up before it passed costs nothing.

use std::str::FromStr;
use std::time::Duration;
use tokio::sync::Mutex;
use victor_clock::{Instant, now, sleep_until};

/// Turns a second a model can take: more than 0, at most a million.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity(f64);

/// A capacity that is not a positive number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no capacity: write turns a second, more than 0 and at most 1000000, such as 200")]
pub struct BadCapacity(String);

impl FromStr for Capacity {
    type Err = BadCapacity;

    fn from_str(text: &str) -> Result<Self, BadCapacity> {
        let number = text.trim().parse::<f64>().ok();
        let within = number.filter(|number| *number > 0.0 && *number <= 1e6);
        within
            .filter(|number| Duration::try_from_secs_f64(number.recip()).is_ok())
            .map(Self)
            .ok_or_else(|| BadCapacity(text.to_owned()))
    }
}

impl Capacity {
    /// Turns a second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        self.0
    }
}

/// Lets turns through one by one, no faster than the capacity.
#[derive(Debug)]
pub(crate) struct Turnstile {
    gap: Duration,
    /// The earliest next passage. The lock queues in the order of arrival, and is held while its
    /// holder, the next to pass, waits.
    next: Mutex<Instant>,
}

/// A passage this late was delayed by the timer, not by a lack of turns: the schedule is kept.
const TIMER: Duration = Duration::from_millis(5);

impl Turnstile {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Self { gap: Duration::from_secs_f64(capacity.0.recip()), next: Mutex::new(now()) }
    }

    /// Waits for this turn's passage.
    pub(crate) async fn pass(&self) {
        let mut next = self.next.lock().await;
        if *next > now() {
            sleep_until(*next).await;
        }
        let at = now();
        let late = at.saturating_duration_since(*next);
        *next = if late > TIMER { at } else { *next } + self.gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn turnstile(capacity: &str) -> Arc<Turnstile> {
        Arc::new(Turnstile::new(capacity.parse().expect("a capacity")))
    }

    async fn crowd(turnstile: &Arc<Turnstile>, size: usize) -> Vec<Duration> {
        let start = now();
        let turns: Vec<_> = (0..size)
            .map(|_| {
                let turnstile = Arc::clone(turnstile);
                tokio::spawn(async move {
                    turnstile.pass().await;
                    now() - start
                })
            })
            .collect();
        let mut passed = Vec::new();
        for turn in turns {
            passed.push(turn.await.expect("passed"));
        }
        passed
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_passes_in_order_at_the_capacity() {
        for (capacity, size, seconds) in [("200", 1000, 5.0), ("3000", 6000, 2.0), ("0.5", 5, 8.0)]
        {
            let passed = crowd(&turnstile(capacity), size).await;
            assert!(passed.is_sorted(), "{capacity}");
            let took = passed.last().expect("some").as_secs_f64();
            assert!((seconds * 0.99 - 0.01..seconds + 0.01).contains(&took), "{capacity}: {took}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn idle_time_is_not_saved_up_and_those_who_leave_cost_nothing() {
        let turnstile = turnstile("10");
        turnstile.pass().await;
        victor_clock::sleep(Duration::from_secs(60)).await;
        assert_eq!(crowd(&turnstile, 3).await.last().map(Duration::as_millis), Some(200));
        let gone = Arc::clone(&turnstile);
        let waiting = tokio::spawn(async move { gone.pass().await });
        tokio::task::yield_now().await;
        waiting.abort();
        assert_eq!(crowd(&turnstile, 1).await.last().map(Duration::as_millis), Some(100));
    }

    #[test]
    fn a_capacity_is_a_positive_number() {
        assert_eq!("200".parse(), Ok(Capacity(200.0)));
        for text in ["0", "-1", "", "fast", "NaN", "inf", "2e6", "1e-300"] {
            assert!(text.parse::<Capacity>().is_err(), "{text}");
        }
    }
}
