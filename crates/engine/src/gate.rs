//! What a turn must pass before it begins: nobody has paused the run, and turns are left.

use std::cell::Cell;
use tokio::sync::Notify;

/// The gate of a shard. Owned by the shard's thread; a turn that may begin costs two reads.
#[derive(Debug)]
pub(crate) struct Gate {
    paused: Cell<bool>,
    resumed: Notify,
    /// Turns that this shard may still begin; `None` is without limit.
    left: Cell<Option<u64>>,
}

impl Gate {
    /// A gate for `turns` turns.
    pub(crate) fn new(turns: Option<u64>) -> Self {
        Self { paused: Cell::new(false), resumed: Notify::new(), left: Cell::new(turns) }
    }

    pub(crate) fn set_paused(&self, paused: bool) {
        self.paused.set(paused);
        if !paused {
            self.resumed.notify_waiters();
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.get()
    }

    /// Waits until the run is not paused.
    pub(crate) async fn opened(&self) {
        while self.is_paused() {
            self.resumed.notified().await;
        }
    }

    /// Takes one of the turns that are left; false when there is none.
    pub(crate) fn take_one(&self) -> bool {
        match self.left.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                self.left.set(Some(left - 1));
                true
            }
        }
    }

    /// True when no turn is left.
    pub(crate) fn is_spent(&self) -> bool {
        self.left.get() == Some(0)
    }
}

/// This shard's part of `turns` turns.
pub(crate) fn part(turns: u64, shard: u32, shards: u32) -> u64 {
    let (shard, shards) = (u64::from(shard), u64::from(shards.max(1)));
    turns / shards + u64::from(shard < turns % shards)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_dealt_out_whole() {
        for (turns, shards) in [(10, 3), (2, 4), (0, 2), (7, 7)] {
            let sum: u64 = (0..shards).map(|shard| part(turns, shard, shards)).sum();
            assert_eq!(sum, turns);
        }
    }

    #[test]
    fn a_gate_lets_as_many_through_as_it_was_given() {
        let gate = Gate::new(Some(2));
        assert!(gate.take_one() && gate.take_one() && !gate.take_one());
        assert!(gate.is_spent() && !Gate::new(None).is_spent());
    }
}
