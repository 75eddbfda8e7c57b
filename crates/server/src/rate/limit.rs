//! The limit itself.

use std::num::NonZeroU32;
use std::time::Duration;

/// At most `count` requests in any `period`, all at once if a client likes; then one each
/// `period / count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    count: NonZeroU32,
    period: Duration,
}

impl RateLimit {
    /// `count` requests a `period`; `None` when the period is zero.
    #[must_use]
    pub fn new(count: NonZeroU32, period: Duration) -> Option<Self> {
        (!period.is_zero()).then_some(Self { count, period })
    }

    /// Requests a period.
    #[must_use]
    pub fn count(self) -> NonZeroU32 {
        self.count
    }

    /// The period.
    #[must_use]
    pub fn period(self) -> Duration {
        self.period
    }

    /// The time that gives a client one more request.
    pub(crate) fn interval(self) -> Duration {
        self.period / self.count.get()
    }
}
