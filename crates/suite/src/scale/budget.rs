//! Which tests fit into the time there is.

use super::case::Case;

/// Divides `cases` into those that fit into `seconds` and those that are left out, each in their
/// order. Tests that are not slow come first; of the slow ones each group has its shortest before
/// any has a second, so that little time still looks everywhere.
#[must_use]
pub fn within_budget<'a>(cases: &[&'a Case], seconds: u64) -> (Vec<&'a Case>, Vec<&'a Case>) {
    let mut order: Vec<&Case> = cases.to_vec();
    order.sort_by_key(|case| (case.slow, rank(case, cases), case.seconds));
    let mut left = seconds;
    let mut taken = Vec::new();
    for case in order {
        if case.seconds <= left {
            left -= case.seconds;
            taken.push(case.id());
        }
    }
    cases.iter().partition(|case| taken.contains(&case.id()))
}

/// How many slow tests of the same group are shorter.
fn rank(case: &Case, cases: &[&Case]) -> usize {
    let before = |other: &&&Case| {
        other.slow
            && other.group == case.group
            && (other.seconds, other.name) < (case.seconds, case.name)
    };
    cases.iter().filter(before).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::catalogue;

    #[test]
    fn little_time_still_looks_at_every_group() {
        let all: Vec<&Case> = catalogue().iter().collect();
        let quick: u64 = all.iter().filter(|case| !case.slow).map(|case| case.seconds).sum();
        let (taken, left) = within_budget(&all, quick + 100);
        assert!(
            all.iter()
                .filter(|case| !case.slow)
                .all(|case| taken.iter().any(|it| it.id() == case.id()))
        );
        assert!(taken.iter().map(|case| case.seconds).sum::<u64>() <= quick + 100);
        assert_eq!(taken.len() + left.len(), all.len());
        let slow_groups: Vec<&str> =
            taken.iter().filter(|case| case.slow).map(|case| case.group).collect();
        for group in ["TestConcurrentRequests", "TestLargeContext", "TestIntegrity"] {
            assert!(slow_groups.contains(&group), "{group} is missing in {slow_groups:?}");
        }
        let (none, all_left) = within_budget(&all, 0);
        assert!(none.is_empty() && all_left.len() == all.len());
    }

    #[test]
    fn the_quick_tests_end_within_three_minutes() {
        let quick = catalogue().iter().filter(|case| !case.slow);
        assert!(quick.map(|case| case.seconds).sum::<u64>() < 180);
    }
}
