//! Which user is of which class.

use crate::{PlanError, Wait};

/// A user class by name with its weight in the mix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassShare {
    /// Name, `VictorLoadTest`.
    pub name: String,
    /// Weight; 0 leaves the class out.
    pub weight: u32,
}

/// The classes of a run. Users are dealt out so that at every moment of the ramp each class's share
/// is as near to its weight as whole users allow.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    classes: Vec<ClassShare>,
    wait: Option<Wait>,
    /// One round of the deal: class indices, as long as the weights' sum.
    round: Vec<u16>,
}

impl Mix {
    /// # Errors
    /// When no class has a positive weight.
    pub fn try_new(classes: Vec<ClassShare>) -> Result<Self, PlanError> {
        let gcd = classes.iter().map(|class| class.weight).fold(0, gcd);
        if gcd == 0 {
            return Err(PlanError::NoClass);
        }
        let weights: Vec<i64> = classes.iter().map(|class| i64::from(class.weight / gcd)).collect();
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
        Ok(Self { classes, wait: None, round })
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

    /// The classes, as given.
    #[must_use]
    pub fn classes(&self) -> &[ClassShare] {
        &self.classes
    }

    /// Index of the class of user `user`.
    #[must_use]
    pub fn class_of(&self, user: u64) -> usize {
        let at = user % self.round.len() as u64;
        usize::from(self.round[usize::try_from(at).unwrap_or(0)])
    }

    /// How many of `users` users each class gets, by name, classes without users left out.
    #[must_use]
    pub fn counts(&self, users: u64) -> Vec<(String, u64)> {
        let mut counts = vec![0_u64; self.classes.len()];
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
        let share = |&(name, weight): &(&str, u32)| ClassShare { name: name.into(), weight };
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
}
