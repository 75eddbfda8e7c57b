//! Faults on command.

use crate::request_id::scramble;
use std::sync::atomic::{AtomicU64, Ordering};

/// Decides, by seed and turn number, which turns see another session's history.
#[derive(Debug)]
pub(crate) struct CrossTalk {
    share: f64,
    seed: u64,
    turns: AtomicU64,
}

impl CrossTalk {
    pub(crate) fn new(share: f64, seed: u64) -> Self {
        Self { share, seed: scramble(seed), turns: AtomicU64::new(0) }
    }

    /// For a turn that is to be crossed, a number to choose the other session by.
    pub(crate) fn strike(&self) -> Option<u64> {
        if self.share <= 0.0 {
            return None;
        }
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let bits = scramble(self.seed.wrapping_add(turn));
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let uniform = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        (uniform < self.share).then(|| scramble(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_strikes_the_share_it_was_given_and_repeats_by_seed() {
        let strikes = |share, seed| -> Vec<bool> {
            let fault = CrossTalk::new(share, seed);
            (0..10_000).map(|_| fault.strike().is_some()).collect()
        };
        let count = |strikes: Vec<bool>| strikes.iter().filter(|struck| **struck).count();
        assert_eq!(count(strikes(0.0, 1)), 0);
        assert_eq!(count(strikes(1.0, 1)), 10_000);
        let some = count(strikes(0.05, 1));
        assert!((430..570).contains(&some), "{some}");
        assert_eq!(strikes(0.05, 1), strikes(0.05, 1));
        assert_ne!(strikes(0.05, 1), strikes(0.05, 2));
    }
}
