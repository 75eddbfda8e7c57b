//! Request ids: the client's own when it sent a good one, else a new one.

use axum::http::HeaderValue;
use std::sync::atomic::{AtomicU64, Ordering};
use victor_clock::Anchor;

/// Longest accepted request id and session id, in bytes.
pub(crate) const LONGEST_ID: usize = 128;

/// Makes request ids that do not repeat within a server and hardly between two.
#[derive(Debug)]
pub(crate) struct RequestIds {
    start: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(anchor: &Anchor) -> Self {
        let start = anchor.monotonic_ns(anchor.instant()) ^ (u64::from(std::process::id()) << 40);
        Self { start, next: AtomicU64::new(0) }
    }

    /// The id of `header` when it is 1 to 128 characters of `A-Z a-z 0-9 . _ -`, else a new one.
    pub(crate) fn take(&self, header: Option<&HeaderValue>) -> String {
        let given = header.and_then(|value| value.to_str().ok()).filter(|id| is_id(id, "._-"));
        given.map_or_else(|| format!("req_{:016x}", self.number()), str::to_owned)
    }

    /// An id for a session whose client left the choice to the server.
    pub(crate) fn session(&self) -> String {
        format!("ses_{:016x}", self.number())
    }

    fn number(&self) -> u64 {
        scramble(self.start.wrapping_add(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

/// True for 1 to 128 ASCII letters, digits and characters of `others`.
pub(crate) fn is_id(text: &str, others: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// Spreads neighbouring numbers over all 64 bits, one to one (the finalizer of `SplitMix64`).
pub(crate) fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_ids_are_kept_and_others_replaced() {
        let ids = RequestIds::new(&Anchor::take());
        let take = |text: &str| ids.take(HeaderValue::from_bytes(text.as_bytes()).ok().as_ref());
        assert_eq!(take("run-7.turn_12"), "run-7.turn_12");
        let long = "a".repeat(128);
        assert_eq!(take(&long), long);
        for bad in ["", "a b", "a/b", &"a".repeat(129), "\u{e9}"] {
            assert!(take(bad).starts_with("req_"), "{bad}");
        }
        assert_ne!(ids.take(None), ids.take(None));
    }
}
