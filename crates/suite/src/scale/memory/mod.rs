//! What the server keeps: memory, files, threads, connections and sessions that do not come back.
//!
//! Memory that rises is no leak, and memory that does not fall is none either: pools fill, caches
//! grow to their size, allocators keep pages. What tells them apart is what a second load adds after
//! a drain, so these tests load, wait, and load again, and judge the growth from one round to the
//! next against the requests or sessions made between.

mod cleanup;
mod container;
mod floors;
pub(super) mod loaded;
pub(super) mod reading;
mod requests;
pub(super) mod rounds;
mod sessions;

pub(super) use cleanup::CLEANUP;
pub(super) use container::CONTAINER;
pub(super) use requests::REQUESTS;
pub(super) use sessions::SESSIONS;

use super::said;
use victor_types::{Bytes, Outcome, RunReport, Verdict};

const GROUP: &str = "TestMemoryLeaks";

/// Short turns without a session: what a server keeps of them, it keeps of requests.
pub(super) const STATELESS: &str = "StressTestUser";

/// A size with its sign.
pub(super) fn size(bytes: f64) -> String {
    let sign = if bytes < -0.5 { "-" } else { "" };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made positive")]
    let size = Bytes(bytes.abs().round() as u64);
    format!("{sign}{size}")
}

/// Whether the turns of all runs were right, by counting. A late generator does not make a right
/// turn wrong.
pub(super) fn answered(reports: &[&RunReport]) -> Verdict {
    let of = |count: fn(&RunReport) -> u64| reports.iter().map(|it| count(it)).sum::<u64>();
    let (right, wrong) = (of(|it| it.total.succeeded), of(|it| it.total.failed));
    let judged = said::share_below("turns right", wrong, right + wrong, said::SOME_ERRORS);
    if right == 0 { Verdict { outcome: Outcome::Fail, ..judged } } else { judged }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;

    #[test]
    fn memory_is_judged_beside_right_turns_alone() {
        let judged = |right, wrong| answered(&[&report(right, wrong)]).outcome;
        assert_eq!(judged(4000, 0), Outcome::Pass);
        assert_eq!(judged(0, 0), Outcome::Fail);
        assert_eq!(judged(0, 4000), Outcome::Fail);
        assert_eq!(judged(3000, 1000), Outcome::Fail);
        assert_eq!(judged(20, 0), Outcome::Inconclusive);
        assert_eq!(size(-1536.0), "-1.5 KiB");
    }
}
