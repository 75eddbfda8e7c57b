//! How much is logged.

use std::fmt;

/// Locust's log levels, least grave first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens.
    Info,
    /// Doubts.
    Warning,
    /// Failures.
    Error,
    /// Failures that end the run.
    Critical,
}

impl LogLevel {
    pub(crate) const ALL: [Self; 5] =
        [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The name in capitals, as `--loglevel` takes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
