//! Which fault, without its numbers.

/// The name of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    LeakRequest,
    LeakSession,
    LeakFd,
    LatencyCreep,
    GcPause,
    Stall,
    Cut,
    ErrorIn200,
    CrossTalk,
    Serialise,
    FakeStream,
    ErrorBurst,
    SlowStart,
    SlowRecovery,
    WorkAfterHangup,
    EmptyAnswer,
    Forget,
}

impl Kind {
    pub(crate) const ALL: [Self; 17] = [
        Self::LeakRequest,
        Self::LeakSession,
        Self::LeakFd,
        Self::LatencyCreep,
        Self::GcPause,
        Self::Stall,
        Self::Cut,
        Self::ErrorIn200,
        Self::CrossTalk,
        Self::Serialise,
        Self::FakeStream,
        Self::ErrorBurst,
        Self::SlowStart,
        Self::SlowRecovery,
        Self::WorkAfterHangup,
        Self::EmptyAnswer,
        Self::Forget,
    ];

    /// The name in truth records and metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LeakRequest => "leak_request",
            Self::LeakSession => "leak_session",
            Self::LeakFd => "leak_fd",
            Self::LatencyCreep => "latency_creep",
            Self::GcPause => "gc_pause",
            Self::Stall => "stall",
            Self::Cut => "cut",
            Self::ErrorIn200 => "error_in_200",
            Self::CrossTalk => "cross_talk",
            Self::Serialise => "serialise",
            Self::FakeStream => "fake_stream",
            Self::ErrorBurst => "error_burst",
            Self::SlowStart => "slow_start",
            Self::SlowRecovery => "slow_recovery",
            Self::WorkAfterHangup => "work_after_hangup",
            Self::EmptyAnswer => "empty_answer",
            Self::Forget => "forget",
        }
    }

    /// The name on the command line.
    pub(crate) fn flag(self) -> String {
        self.name().replace('_', "-")
    }

    /// The fault of that name, with either `-` or `_`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.trim().replace('-', "_");
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// One bit of a set of faults.
    pub(crate) const fn bit(self) -> u32 {
        1 << self as u32
    }
}
