//! Long conversations: what they cost in time and memory, and what making them smaller keeps.

mod compaction;
mod curve;
mod growth;
mod memory;

pub(super) use compaction::COMPACTION;
pub(super) use growth::{FIVE_HUNDRED, HUNDRED, THOUSAND};
pub(super) use memory::MEMORY;

const GROUP: &str = "TestLargeContext";
