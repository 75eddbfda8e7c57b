//! All tests.

use super::case::Case;
use super::{concurrent, context, integrity, levels, stress};

/// All tests, in the order in which they run.
#[must_use]
pub fn catalogue() -> &'static [Case] {
    const CATALOGUE: [Case; 19] = [
        concurrent::TEN,
        concurrent::HUNDRED,
        concurrent::FIVE_HUNDRED,
        levels::DEGRADATION,
        context::HUNDRED,
        context::FIVE_HUNDRED,
        context::THOUSAND,
        context::MEMORY,
        context::COMPACTION,
        stress::BREAKING_POINT,
        stress::GRACEFUL,
        stress::EXTREME,
        stress::RECOVERY,
        integrity::ISOLATION,
        integrity::RECALL,
        integrity::MASKED,
        integrity::STREAMING,
        integrity::HEAD_OF_LINE,
        integrity::ABANDONMENT,
    ];
    &CATALOGUE
}
