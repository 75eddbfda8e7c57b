//! Seeded draws: everything random about an answer follows from the seed and the messages.

use crate::message::Message;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64Mcg;

/// A stream of draws.
pub(crate) struct Draws(Pcg64Mcg);

impl Draws {
    /// The stream that belongs to all of `messages` in one turn: times and call ids.
    pub(crate) fn of_messages(seed: u64, messages: &[&Message], turn: u64) -> Self {
        let mut hash = Fingerprint::new(seed);
        hash.add(&turn.to_le_bytes());
        for message in messages {
            hash.add(&[message.role as u8]);
            hash.add(message.content.as_bytes());
            for call in &message.tool_calls {
                hash.add(call.id.as_bytes());
            }
        }
        Self(Pcg64Mcg::seed_from_u64(hash.finish()))
    }

    /// The stream that belongs to one text: the words of the answer to it.
    pub(crate) fn of_text(seed: u64, text: &str) -> Self {
        let mut hash = Fingerprint::new(!seed);
        hash.add(text.as_bytes());
        Self(Pcg64Mcg::seed_from_u64(hash.finish()))
    }

    /// A lognormal draw of median `median`.
    pub(crate) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        let z: f64 = self.0.sample(StandardNormal);
        median * (sigma * z).exp()
    }

    /// A lognormal draw of mean 1.
    pub(crate) fn jitter(&mut self, sigma: f64) -> f64 {
        self.lognormal((-sigma * sigma / 2.0).exp(), sigma)
    }

    /// One of `choices`; `None` when there are none.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        (!choices.is_empty()).then(|| &choices[self.0.random_range(0..choices.len())])
    }

    /// A number from 0 up to, not including, 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    /// A whole number from 1 to `most`.
    pub(crate) fn up_to(&mut self, most: u32) -> u32 {
        self.0.random_range(1..=most.max(1))
    }

    /// 32 bits.
    pub(crate) fn bits(&mut self) -> u32 {
        self.0.random()
    }
}

/// A 64-bit hash that is the same on every machine and in every version: a multiply-and-fold over
/// words of eight bytes. The standard library's hasher promises neither.
struct Fingerprint(u64);

impl Fingerprint {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

    fn new(seed: u64) -> Self {
        Self(seed ^ 0x51_7c_c1_b7_27_22_0a_95)
    }

    /// Adds `bytes` and their length, so that neighbours cannot trade bytes unseen.
    fn add(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.word(chunk.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
        }
        let rest = chunks.remainder();
        self.word(rest.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
    }

    fn word(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(Self::MULTIPLIER);
        let [low, high] = [product as u64, (product >> 64) as u64];
        self.0 = low.rotate_left(23) ^ high ^ word;
    }

    fn finish(mut self) -> u64 {
        self.word(0x2545_f491_4f6c_dd1d);
        self.0 ^ (self.0 >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(seed: u64, parts: &[&str]) -> u64 {
        let mut hash = Fingerprint::new(seed);
        parts.iter().for_each(|part| hash.add(part.as_bytes()));
        hash.finish()
    }

    #[test]
    fn every_byte_and_boundary_counts() {
        let base = fingerprint(1, &["hello world", "x"]);
        assert_eq!(base, fingerprint(1, &["hello world", "x"]));
        assert_ne!(base, fingerprint(2, &["hello world", "x"]));
        assert_ne!(base, fingerprint(1, &["hello worle", "x"]));
        assert_ne!(base, fingerprint(1, &["hello world", "x\0"]));
        assert_ne!(base, fingerprint(1, &["hello worldx", ""]));
    }

    #[test]
    fn jitter_has_mean_one() {
        let mut draws = Draws::of_text(7, "jitter");
        let mean = (0..20_000).map(|_| draws.jitter(0.25)).sum::<f64>() / 20_000.0;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
    }
}
