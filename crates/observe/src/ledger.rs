//! CPU time of a changing set of processes.

use std::collections::BTreeMap;

/// A process that will not be mistaken for a later one with the same id: id and start.
pub(crate) type Identity = (i32, u64);

/// CPU time in clock ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ticks {
    /// Of the process itself.
    pub(crate) own: u64,
    /// Of its children that have ended and been waited for, and theirs.
    pub(crate) reaped: u64,
}

/// What each process of the tree had used when last looked at.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    seen: BTreeMap<Identity, Ticks>,
}

impl Ledger {
    /// The ticks that the tree used since the last call. `current` holds its live processes; one
    /// that is new counts with all it has used, but at most `most_of_new`, for it may have been
    /// found late.
    ///
    /// When a process ends, the kernel adds all of its time to its parent's `reaped`; what was
    /// already counted of it is taken off again, so that the last moments of a worker and children
    /// too short-lived to be seen are counted, once. Where a parent ignores its children's end,
    /// the kernel drops their time, and only what was seen of them is counted.
    pub(crate) fn advance(&mut self, current: BTreeMap<Identity, Ticks>, most_of_new: u64) -> u64 {
        let mut used = 0;
        let mut reaped = 0;
        for (identity, ticks) in &current {
            match self.seen.remove(identity) {
                Some(before) => {
                    used += ticks.own.saturating_sub(before.own);
                    reaped += ticks.reaped.saturating_sub(before.reaped);
                }
                None => used += (ticks.own + ticks.reaped).min(most_of_new),
            }
        }
        let counted: u64 = self.seen.values().map(|ticks| ticks.own + ticks.reaped).sum();
        self.seen = current;
        used + reaped.saturating_sub(counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(processes: &[(i32, u64, u64)]) -> BTreeMap<Identity, Ticks> {
        let entry = |&(pid, own, reaped): &(i32, u64, u64)| ((pid, 0), Ticks { own, reaped });
        processes.iter().map(entry).collect()
    }

    fn started(processes: &[(i32, u64, u64)]) -> Ledger {
        let mut ledger = Ledger::default();
        ledger.advance(tree(processes), 0);
        ledger
    }

    #[test]
    fn a_worker_that_ends_is_counted_to_its_end_and_once() {
        let mut ledger = started(&[(1, 100, 0), (2, 500, 0)]);
        assert_eq!(ledger.advance(tree(&[(1, 110, 0), (2, 550, 0)]), 100), 60);
        // Worker 2 used 7 more ticks, ended, and was waited for by process 1.
        assert_eq!(ledger.advance(tree(&[(1, 111, 557)]), 100), 8);
        assert_eq!(ledger.advance(tree(&[(1, 112, 557)]), 100), 1);
    }

    #[test]
    fn children_too_short_to_be_seen_count_and_unwaited_ones_take_nothing_away() {
        let mut ledger = started(&[(1, 10, 0)]);
        assert_eq!(ledger.advance(tree(&[(1, 10, 30)]), 100), 30);
        let mut ledger = started(&[(1, 10, 0), (2, 900, 0)]);
        assert_eq!(ledger.advance(tree(&[(1, 15, 0)]), 100), 5);
    }

    #[test]
    fn a_process_found_late_counts_for_one_window_at_most() {
        let mut ledger = started(&[(1, 10, 0)]);
        assert_eq!(ledger.advance(tree(&[(1, 10, 0), (2, 480, 0)]), 100), 100);
        assert_eq!(ledger.advance(tree(&[(1, 10, 0), (2, 490, 0)]), 100), 10);
    }

    #[test]
    fn an_id_used_again_is_another_process() {
        let mut ledger = started(&[(1, 0, 0), (2, 900, 0)]);
        let mut next = tree(&[(1, 0, 905)]);
        next.insert((2, 77), Ticks { own: 3, reaped: 0 });
        assert_eq!(ledger.advance(next, 100), 8);
    }
}
