//! Load for a long time: what changes although nothing of the load does.

mod drift;
mod host;
mod slopes;
mod sustained;

pub(super) use sustained::{MEMORY, PERFORMANCE, RESOURCES, SUSTAINED};

const GROUP: &str = "TestEndurance";
