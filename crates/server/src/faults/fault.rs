//! The faults, each with its numbers.

use super::catalogue;
use super::error::BadFault;
use super::kind::Kind;
use super::rhythm::{Rhythm, spell};
use super::value::Share;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One fault or drift, written `NAME=VALUE[,key=value...]`; [`super::fault_help`] lists the forms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// Bytes kept for ever for each chat request.
    LeakRequest(u64),
    /// Bytes kept for ever for each session that is created.
    LeakSession(u64),
    /// Share of chat requests that leave a file descriptor open.
    LeakFd(Share),
    /// Service times grow linearly by `by` (0.3 is 30 %) over `over`, and stay there.
    LatencyCreep {
        /// Growth as a fraction.
        by: f64,
        /// How long it takes.
        over: Duration,
    },
    /// Everything stands still in the rhythm.
    GcPause(Rhythm),
    /// A share of turns stops for `pause` before its middle token.
    Stall {
        /// How long.
        pause: Duration,
        /// How often.
        share: Share,
    },
    /// Share of answers that end early.
    Cut(Share),
    /// Share of turns that fail under status 200.
    ErrorIn200(Share),
    /// Share of session turns that are answered from another session's history.
    CrossTalk(Share),
    /// All turns of all sessions run one after another.
    Serialise,
    /// All tokens of a stream are written in one piece at the end.
    FakeStream,
    /// All turns get `status` in the rhythm.
    ErrorBurst {
        /// 400 to 599.
        status: u16,
        /// When.
        rhythm: Rhythm,
    },
    /// Service times are `times` as long at first, falling linearly to 1 over `over`.
    SlowStart {
        /// At least 1.
        times: f64,
        /// How long it takes.
        over: Duration,
    },
    /// After more than `above` turns in flight, service times stay doubled for `lasting`.
    SlowRecovery {
        /// How long after the crowd was last seen.
        lasting: Duration,
        /// Turns in flight.
        above: u64,
    },
    /// A turn goes on for up to so long after its client hung up.
    WorkAfterHangup(Duration),
    /// Share of answers without a word.
    EmptyAnswer(Share),
    /// Share of session turns whose history is not handed to the model.
    Forget(Share),
}

impl Fault {
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::LeakRequest(_) => Kind::LeakRequest,
            Self::LeakSession(_) => Kind::LeakSession,
            Self::LeakFd(_) => Kind::LeakFd,
            Self::LatencyCreep { .. } => Kind::LatencyCreep,
            Self::GcPause(_) => Kind::GcPause,
            Self::Stall { .. } => Kind::Stall,
            Self::Cut(_) => Kind::Cut,
            Self::ErrorIn200(_) => Kind::ErrorIn200,
            Self::CrossTalk(_) => Kind::CrossTalk,
            Self::Serialise => Kind::Serialise,
            Self::FakeStream => Kind::FakeStream,
            Self::ErrorBurst { .. } => Kind::ErrorBurst,
            Self::SlowStart { .. } => Kind::SlowStart,
            Self::SlowRecovery { .. } => Kind::SlowRecovery,
            Self::WorkAfterHangup(_) => Kind::WorkAfterHangup,
            Self::EmptyAnswer(_) => Kind::EmptyAnswer,
            Self::Forget(_) => Kind::Forget,
        }
    }

    /// The share of turns it strikes, where it strikes by chance.
    pub(crate) const fn share(&self) -> Option<Share> {
        match self {
            Self::LeakFd(share)
            | Self::Stall { share, .. }
            | Self::Cut(share)
            | Self::ErrorIn200(share)
            | Self::CrossTalk(share)
            | Self::EmptyAnswer(share)
            | Self::Forget(share) => Some(*share),
            Self::LeakRequest(_)
            | Self::LeakSession(_)
            | Self::LatencyCreep { .. }
            | Self::GcPause(_)
            | Self::Serialise
            | Self::FakeStream
            | Self::ErrorBurst { .. }
            | Self::SlowStart { .. }
            | Self::SlowRecovery { .. }
            | Self::WorkAfterHangup(_) => None,
        }
    }
}

impl FromStr for Fault {
    type Err = BadFault;

    fn from_str(text: &str) -> Result<Self, BadFault> {
        catalogue::read(text)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind().flag())?;
        match self {
            Self::Serialise | Self::FakeStream => Ok(()),
            Self::LeakRequest(bytes) | Self::LeakSession(bytes) => write!(f, "={bytes}B"),
            Self::LatencyCreep { by, over } => write!(f, "={}%/{}", by * 100.0, spell(*over)),
            Self::GcPause(rhythm) => write!(f, "={rhythm}"),
            Self::Stall { pause, share } => write!(f, "={}@{share}", spell(*pause)),
            Self::LeakFd(share)
            | Self::Cut(share)
            | Self::ErrorIn200(share)
            | Self::CrossTalk(share)
            | Self::EmptyAnswer(share)
            | Self::Forget(share) => write!(f, "={share}"),
            Self::ErrorBurst { status, rhythm } => write!(f, "={status},{rhythm}"),
            Self::SlowStart { times, over } => write!(f, "={times}x/{}", spell(*over)),
            Self::SlowRecovery { lasting, above } => {
                write!(f, "={},above={above}", spell(*lasting))
            }
            Self::WorkAfterHangup(limit) => write!(f, "={}", spell(*limit)),
        }
    }
}
