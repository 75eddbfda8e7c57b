//! The last observations, for those who ask.

use std::collections::VecDeque;
use victor_clock::{Instant, now};
use victor_types::{OBSERVER_VERSION, Observation, ObserverPage};

use crate::Status;

/// Observations held: a quarter of an hour of samples, some 700 bytes each.
const HELD: usize = 900;

/// A bounded log in which each observation has a number.
#[derive(Debug)]
pub struct ObservationLog {
    instance: String,
    start: Instant,
    held: VecDeque<Observation>,
    /// The number of the next observation; the newest one held has one less.
    next: u64,
    /// The last that was found or missing.
    state: Option<Observation>,
}

impl ObservationLog {
    /// An empty log on a clock that begins at `start`. `instance` must differ from one start of the
    /// program to the next.
    #[must_use]
    pub fn new(instance: String, start: Instant) -> Self {
        Self { instance, start, held: VecDeque::new(), next: 0, state: None }
    }

    /// Takes in what a [`crate::Watch`] reported.
    pub fn push(&mut self, observation: Observation) {
        if !matches!(observation, Observation::Sample(_)) {
            self.state = Some(observation.clone());
        }
        self.held.push_back(observation);
        if self.held.len() > HELD {
            self.held.pop_front();
        }
        self.next += 1;
    }

    /// What was observed from number `after` on, as far as it is held; without a number, only which
    /// process is watched, or why none is.
    #[must_use]
    pub fn page(&self, after: Option<u64>, status: &Status) -> ObserverPage {
        let observations = match after {
            None => self.state.iter().cloned().collect(),
            Some(after) => {
                let oldest = self.next - self.held.len() as u64;
                let skip = usize::try_from(after.saturating_sub(oldest)).unwrap_or(usize::MAX);
                self.held.iter().skip(skip).cloned().collect()
            }
        };
        ObserverPage {
            version: OBSERVER_VERSION,
            instance: self.instance.clone(),
            now: now().saturating_duration_since(self.start).into(),
            machine: status.machine().unwrap_or_default(),
            cost: status.cost().unwrap_or_default(),
            next: self.next,
            observations,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_types::{ProcessSample, Seconds};

    #[test]
    fn what_is_new_is_told_once_and_old_things_are_forgotten() {
        let mut log = ObservationLog::new("a".to_owned(), now());
        let found = Observation::Found { at: Seconds(0.0), pid: 7, command: "s".to_owned() };
        log.push(found.clone());
        for second in 1..=1000_u32 {
            let at = Seconds(f64::from(second));
            log.push(Observation::Sample(ProcessSample { at, ..ProcessSample::default() }));
        }
        let status = Status::default();
        let first = log.page(None, &status);
        assert_eq!((first.observations, first.next), (vec![found], 1001));
        assert_eq!(log.page(Some(1001), &status).observations, []);
        assert_eq!(log.page(Some(999), &status).observations.len(), 2);
        assert_eq!(log.page(Some(0), &status).observations.len(), HELD);
        assert_eq!(log.page(Some(u64::MAX), &status).observations, []);
    }
}
