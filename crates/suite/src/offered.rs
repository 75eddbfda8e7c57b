//! How much load a mix of waiting users can offer.

use victor_plan::Mix;
use victor_users::Class;

/// The waits of a mix: mean and deviation over its users, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    wait_mean: f64,
    wait_deviation: f64,
}

impl Offer {
    /// Of the classes in `mix`, weighted by their users. Classes that are not built in count as not
    /// waiting.
    #[must_use]
    pub fn of(mix: &Mix) -> Self {
        let (mut weights, mut mean, mut square) = (0.0, 0.0, 0.0);
        for share in mix.classes() {
            let weight = f64::from(share.weight);
            if let Some(wait) = Class::by_name(&share.name).map(Class::wait) {
                mean += weight * wait.mean();
                square += weight * (wait.deviation().powi(2) + wait.mean().powi(2));
            }
            weights += weight;
        }
        let (mean, square) = (mean / weights, square / weights);
        Self { wait_mean: mean, wait_deviation: (square - mean * mean).max(0.0).sqrt() }
    }

    /// True when users think between turns.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.wait_mean > 0.0
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
    use victor_plan::ClassShare;

    #[test]
    fn hundred_users_waiting_two_seconds_offer_fifty_turns_a_second() {
        let share = |name: &str, weight| ClassShare { name: name.into(), weight };
        let mix = Mix::try_new(vec![share("VictorLoadTest", 1)]).expect("mix");
        let offer = Offer::of(&mix);
        assert!(offer.waits());
        assert!((offer.rate(100.0, 0.0) - 50.0).abs() < 1e-9);
        assert!((offer.rate(100.0, 2.0) - 25.0).abs() < 1e-9);
        let mix = Mix::try_new(vec![share("SessionUser", 1)]).expect("mix");
        assert!(!Offer::of(&mix).waits());
    }
}
