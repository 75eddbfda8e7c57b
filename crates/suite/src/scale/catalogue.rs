//! All tests.

use super::case::Case;
use super::{concurrent, context, endurance, integrity, levels, memory, stress};

/// All tests, in the order in which they run.
#[must_use]
pub fn catalogue() -> &'static [Case] {
    const CATALOGUE: [Case; 27] = [
        concurrent::TEN,
        concurrent::HUNDRED,
        concurrent::FIVE_HUNDRED,
        levels::DEGRADATION,
        context::HUNDRED,
        context::FIVE_HUNDRED,
        context::THOUSAND,
        context::MEMORY,
        context::COMPACTION,
        memory::REQUESTS,
        memory::CLEANUP,
        memory::CONTAINER,
        memory::SESSIONS,
        stress::BREAKING_POINT,
        stress::GRACEFUL,
        stress::EXTREME,
        stress::RECOVERY,
        endurance::SUSTAINED,
        endurance::MEMORY,
        endurance::PERFORMANCE,
        endurance::RESOURCES,
        integrity::ISOLATION,
        integrity::RECALL,
        integrity::MASKED,
        integrity::STREAMING,
        integrity::HEAD_OF_LINE,
        integrity::ABANDONMENT,
    ];
    &CATALOGUE
}
