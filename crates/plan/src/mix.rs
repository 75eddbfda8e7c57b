//! Which user is of which class.

use crate::{Payload, PlanError, Wait};

/// A user class by name with its weight in the mix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassShare {
    /// Name, `VictorLoadTest`.
    pub name: String,
    /// Weight; 0 leaves the class out.
    pub weight: u32,
    /// Exactly so many users, who start first, in place of a share by weight; as Locust's
    /// `fixed_count`.
    pub fixed: Option<u64>,
}

impl ClassShare {
    /// A share by weight.
    #[must_use]
    pub fn weighted(name: &str, weight: u32) -> Self {
        Self { name: name.to_owned(), weight, fixed: None }
    }

    fn in_round(&self) -> u32 {
        if self.fixed.is_some() { 0 } else { self.weight }
    }
}

/// The classes of a run. Users are dealt out so that at every moment of the ramp each class's share
/// is as near to its weight as whole users allow.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    classes: Vec<ClassShare>,
    wait: Option<Wait>,
    payload: Option<Payload>,
    /// One round of the deal: class indices, as long as the weights' sum.
    round: Vec<u16>,
}

impl Mix {
    /// # Errors
    /// When no class has a positive weight.
    pub fn try_new(classes: Vec<ClassShare>) -> Result<Self, PlanError> {
        // Where all are counted, further users are shared out evenly.
        let all_fixed = classes.iter().all(|class| class.in_round() == 0)
            && classes.iter().any(|class| class.fixed > Some(0));
        let share = |class: &ClassShare| {
            if all_fixed { u32::from(class.fixed > Some(0)) } else { class.in_round() }
        };
        let gcd = classes.iter().map(share).fold(0, gcd);
        if gcd == 0 {
            return Err(PlanError::NoClass);
        }
        let weights: Vec<i64> = classes.iter().map(|class| i64::from(share(class) / gcd)).collect();
        let sum: i64 = weights.iter().sum();
        // Smooth weighted round robin: the class that is most behind its share comes next.
        let mut credit = vec![0_i64; weights.len()];
        let round = (0..sum.min(100_000))
            .map(|_| {
                credit.iter_mut().zip(&weights).for_each(|(credit, weight)| *credit += weight);
                let ahead = (0..credit.len()).rev().max_by_key(|&at| credit[at]).unwrap_or(0);
                credit[ahead] -= sum;
                u16::try_from(ahead).unwrap_or(u16::MAX)
            })
            .collect();
        Ok(Self { classes, wait: None, payload: None, round })
    }

    /// The same users with this wait in place of their classes' own; `None` leaves each its own.
    #[must_use]
    pub fn with_wait(self, wait: Option<Wait>) -> Self {
        Self { wait, ..self }
    }

    /// The wait that replaces the classes' own.
    #[must_use]
    pub fn wait(&self) -> Option<Wait> {
        self.wait
    }

    /// The users of a plain burst, who all make this request and do not wait.
    #[must_use]
    pub fn of_payload(payload: Payload) -> Self {
        let classes = vec![ClassShare::weighted("Payload", 1)];
        Self { classes, wait: Some(Wait::NONE), payload: Some(payload), round: vec![0] }
    }

    /// The request of a plain burst.
    #[must_use]
    pub fn payload(&self) -> Option<&Payload> {
        self.payload.as_ref()
    }

    /// The classes, as given.
    #[must_use]
    pub fn classes(&self) -> &[ClassShare] {
        &self.classes
    }

    /// Index of the class of user `user`.
    #[must_use]
    pub fn class_of(&self, user: u64) -> usize {
        let mut user = user;
        for (class, share) in self.classes.iter().enumerate() {
            match user.checked_sub(share.fixed.unwrap_or(0)) {
                None => return class,
                Some(rest) => user = rest,
            }
        }
        let at = user % self.round.len() as u64;
        usize::from(self.round[usize::try_from(at).unwrap_or(0)])
    }

    /// How many of `users` users each class gets, by name, classes without users left out.
    #[must_use]
    pub fn counts(&self, users: u64) -> Vec<(String, u64)> {
        let mut counts = vec![0_u64; self.classes.len()];
        let mut users = users;
        for (count, share) in counts.iter_mut().zip(&self.classes) {
            *count = share.fixed.unwrap_or(0).min(users);
            users -= *count;
        }
        let (rounds, rest) = (users / self.round.len() as u64, users % self.round.len() as u64);
        for (at, &class) in self.round.iter().enumerate() {
            counts[usize::from(class)] += rounds + u64::from((at as u64) < rest);
        }
        let named = self.classes.iter().zip(counts);
        named.filter(|(_, n)| *n > 0).map(|(class, n)| (class.name.clone(), n)).collect()
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(weights: &[(&str, u32)]) -> Result<Mix, PlanError> {
        let share = |&(name, weight): &(&str, u32)| ClassShare::weighted(name, weight);
        Mix::try_new(weights.iter().map(share).collect())
    }

    #[test]
    fn users_are_dealt_out_by_weight_at_every_moment() {
        let mix = mix(&[("A", 10), ("B", 2), ("C", 0)]).expect("mix");
        let dealt: String = (0..12).map(|user| ["A", "B", "C"][mix.class_of(user)]).collect();
        assert_eq!(dealt, "AAABAAAAABAA");
        assert_eq!(mix.counts(18), [("A".to_owned(), 15), ("B".to_owned(), 3)]);
    }

    #[test]
    fn a_mix_of_nothing_is_refused() {
        assert_eq!(mix(&[("A", 0)]), Err(PlanError::NoClass));
        assert_eq!(mix(&[]), Err(PlanError::NoClass));
    }

    #[test]
    fn counted_classes_come_first_and_exactly() {
        let fixed =
            |name: &str, count| ClassShare { fixed: Some(count), ..ClassShare::weighted(name, 1) };
        let classes = vec![ClassShare::weighted("A", 1), fixed("B", 2), fixed("C", 1)];
        let mix = Mix::try_new(classes).expect("mix");
        let dealt: String = (0..6).map(|user| ["A", "B", "C"][mix.class_of(user)]).collect();
        assert_eq!(dealt, "BBCAAA");
        let named = |name: &str, count| (name.to_owned(), count);
        assert_eq!(mix.counts(6), [named("A", 3), named("B", 2), named("C", 1)]);
        assert_eq!(mix.counts(1), [named("B", 1)]);
        let only = Mix::try_new(vec![fixed("B", 1), fixed("C", 1)]).expect("mix");
        assert_eq!(only.counts(5).iter().map(|class| class.1).sum::<u64>(), 5);
    }
}
