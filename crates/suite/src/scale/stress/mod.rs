//! Beyond what is meant to be served: how a target bends, breaks and comes back.

mod breaking_point;
mod capacity;
mod cause;
mod extreme;
mod graceful;
mod recovery;

pub(super) use breaking_point::BREAKING_POINT;
pub(super) use extreme::EXTREME;
pub(super) use graceful::GRACEFUL;
pub(super) use recovery::RECOVERY;

const GROUP: &str = "TestStressTesting";
