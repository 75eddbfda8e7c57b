//! How long to wait for what.

use super::family::{seconds, timeout};
use crate::setting::Key;
use std::time::Duration;
use victor_plan::TimeLimits;

pub(crate) static CONNECT_TIMEOUT: Key<Duration> = timeout(
    "connect-timeout",
    || seconds(TimeLimits::default().connect),
    "Longest time to open a connection, in seconds",
);

pub(crate) static FIRST_BYTE_TIMEOUT: Key<Duration> = timeout(
    "first-byte-timeout",
    || seconds(TimeLimits::default().first_byte),
    "Longest time from the request's last byte to the answer's first, in seconds",
);

pub(crate) static STALL_TIMEOUT: Key<Duration> = timeout(
    "stall-timeout",
    || seconds(TimeLimits::default().stall),
    "Longest silence within an answer, in seconds",
);

pub(crate) static TOTAL_TIMEOUT: Key<Duration> = timeout(
    "total-timeout",
    || seconds(TimeLimits::default().total),
    "Longest time for a whole turn, in seconds",
);
