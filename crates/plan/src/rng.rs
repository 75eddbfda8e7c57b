//! Random numbers, all from one seed.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// A user's own random numbers: small (16 bytes) and the same on every machine.
pub type UserRng = Pcg64Mcg;

/// The numbers of user `user` in a run with `seed`. Users do not share numbers, so adding a user
/// changes nothing for the others.
#[must_use]
pub fn user_rng(seed: u64, user: u64) -> UserRng {
    // SplitMix64's finaliser (Steele, Lea, Flood 2014) spreads neighbouring user numbers.
    let mut z = seed ^ user.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    UserRng::seed_from_u64(z ^ (z >> 31))
}

/// The numbers of the run itself.
#[must_use]
pub fn run_rng(seed: u64) -> UserRng {
    user_rng(seed, u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn users_differ_and_a_seed_repeats() {
        let draw = |seed, user| user_rng(seed, user).random::<u64>();
        assert_eq!(draw(7, 3), draw(7, 3));
        assert_ne!(draw(7, 3), draw(7, 4));
        assert_ne!(draw(7, 3), draw(8, 3));
    }
}
