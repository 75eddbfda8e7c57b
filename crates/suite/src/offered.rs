//! How much load a plan offers.

use std::time::Duration;
use victor_plan::{Load, Mix};
use victor_types::Seconds;
use victor_users::Class;

/// What is offered, whatever the server makes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Offer {
    /// Users who ask again as soon as they are answered: as much as the server takes.
    AsMuchAsTaken,
    /// Users who think between turns.
    Thinking(Thinking),
    /// Turns that arrive by a schedule, whose gaps have a coefficient of variation.
    Arriving {
        /// Turns that were due over the run.
        turns: f64,
        /// Coefficient of variation of the gaps.
        variation: f64,
    },
    /// What was offered is not known: the load was changed by hand.
    Unknown,
}

impl Offer {
    /// Of a plan, over a run of this length.
    #[must_use]
    pub fn of(load: &Load, mix: &Mix, length: Seconds) -> Self {
        match load {
            Load::Open { arrivals, .. } => {
                let length = Duration::try_from_secs_f64(length.0).unwrap_or_default();
                Self::Arriving { turns: arrivals.expected(length), variation: arrivals.variation() }
            }
            Load::Closed(_) => {
                let thinking = Thinking::of(mix, load.most_users());
                if thinking.wait_mean > 0.0 {
                    Self::Thinking(thinking)
                } else {
                    Self::AsMuchAsTaken
                }
            }
        }
    }
}

/// The waits of a mix: mean and deviation over its users, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thinking {
    wait_mean: f64,
    wait_deviation: f64,
}

impl Thinking {
    /// Of `users` users of `mix`. Classes that are not built in count as not
    /// waiting.
    #[must_use]
    pub fn of(mix: &Mix, users: u64) -> Self {
        let (mut weights, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (name, count) in mix.counts(users) {
            #[expect(clippy::cast_precision_loss, reason = "numbers of users are small")]
            let weight = count as f64;
            let own = Class::by_name(&name).map(Class::wait);
            if let Some(wait) = mix.wait().or(own) {
                mean += weight * wait.mean();
                square += weight * (wait.deviation().powi(2) + wait.mean().powi(2));
            }
            weights += weight;
        }
        let (mean, square) = (mean / weights, square / weights);
        Self { wait_mean: mean, wait_deviation: (square - mean * mean).max(0.0).sqrt() }
    }

    /// The most turns a second that `users` users offer when a turn takes `latency` seconds: each
    /// begins one per wait and latency.
    #[must_use]
    pub fn rate(&self, users: f64, latency: f64) -> f64 {
        users / (self.wait_mean + latency)
    }

    /// Turns expected from users who were there for `user_seconds` together, `started` of them
    /// beginning with a turn at once, and the standard deviation of that number. By renewal theory
    /// (Cox, Renewal Theory, 1962, 4.2): T / mean, plus half a turn for each user that begins with
    /// one, with a variance of T deviation² / mean³.
    pub(crate) fn expected(&self, user_seconds: f64, started: f64, latency: f64) -> (f64, f64) {
        let cycle = self.wait_mean + latency;
        let turns = user_seconds / cycle;
        (turns + started / 2.0, (turns * (self.wait_deviation / cycle).powi(2)).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_plan::{Arrivals, ClassShare, Spacing, SpawnSchedule};

    fn offer(class: &str, load: &Load) -> Offer {
        let share = ClassShare::weighted(class, 1);
        Offer::of(load, &Mix::try_new(vec![share]).expect("mix"), Seconds(10.0))
    }

    #[test]
    fn hundred_users_waiting_two_seconds_offer_fifty_turns_a_second() {
        let closed = Load::Closed(SpawnSchedule::try_new(100, 10.0).expect("schedule"));
        let Offer::Thinking(thinking) = offer("VictorLoadTest", &closed) else {
            panic!("they wait")
        };
        assert!((thinking.rate(100.0, 0.0) - 50.0).abs() < 1e-9);
        assert!((thinking.rate(100.0, 2.0) - 25.0).abs() < 1e-9);
        assert_eq!(offer("SessionUser", &closed), Offer::AsMuchAsTaken);
        let arrivals = Arrivals::try_new(7.0, Spacing::Poisson).expect("arrivals");
        let open = Load::Open { arrivals, most_users: 10 };
        assert_eq!(offer("VictorLoadTest", &open), Offer::Arriving { turns: 70.0, variation: 1.0 });
    }
}
