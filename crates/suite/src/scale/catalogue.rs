//! All tests.

use super::case::Case;
use super::{concurrent, context, integrity, levels};

/// All tests, in the order in which they run.
#[must_use]
pub fn catalogue() -> &'static [Case] {
    const CATALOGUE: [Case; 15] = [
        concurrent::TEN,
        concurrent::HUNDRED,
        concurrent::FIVE_HUNDRED,
        levels::DEGRADATION,
        context::HUNDRED,
        context::FIVE_HUNDRED,
        context::THOUSAND,
        context::MEMORY,
        context::COMPACTION,
        integrity::ISOLATION,
        integrity::RECALL,
        integrity::MASKED,
        integrity::STREAMING,
        integrity::HEAD_OF_LINE,
        integrity::ABANDONMENT,
    ];
    &CATALOGUE
}
