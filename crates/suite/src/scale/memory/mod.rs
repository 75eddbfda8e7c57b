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
mod rounds;
mod sessions;

pub(super) use cleanup::CLEANUP;
pub(super) use container::CONTAINER;
pub(super) use requests::REQUESTS;
pub(super) use sessions::SESSIONS;

use victor_types::Bytes;

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
