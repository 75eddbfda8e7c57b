//! Waiting with a limit.

use std::time::Duration;
use victor_clock::now;

/// How often a condition is looked at.
const EVERY: Duration = Duration::from_millis(10);

/// Looks at `condition` until it gives something; `None` when that takes longer than `seconds`.
pub(crate) fn until<T>(seconds: u64, mut condition: impl FnMut() -> Option<T>) -> Option<T> {
    let start = now();
    loop {
        if let Some(found) = condition() {
            return Some(found);
        }
        if now() - start > Duration::from_secs(seconds) {
            return None;
        }
        #[expect(clippy::disallowed_methods, reason = "a test's thread has nothing else to do")]
        std::thread::sleep(EVERY);
    }
}
