//! Ids of runs.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Eight random hexadecimal digits: runs against the same server must not share sessions, so this is
/// not taken from the seed.
pub(crate) fn draw() -> String {
    format!("{:08x}", RandomState::new().build_hasher().finish() >> 32)
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_differ() {
        let (a, b) = (super::draw(), super::draw());
        assert_eq!((a.len(), b.len()), (8, 8));
        assert_ne!(a, b);
    }
}
