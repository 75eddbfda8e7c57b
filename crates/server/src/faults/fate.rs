//! What one turn meets.

use super::board::{Armed, Set};
use super::fault::Fault;
use super::kind::Kind;
use crate::request_id::scramble;
use crate::truth::Ticket;
use std::sync::Arc;
use std::time::Duration;
use victor_clock::Instant;

/// How the answer of a turn ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ending {
    /// As it should.
    #[default]
    Whole,
    /// Without its end.
    Cut,
    /// In an error under status 200.
    Error,
}

/// The faults that were on when a turn began, and its draws: the same seed and the same order of
/// turns give the same fates.
#[derive(Debug)]
pub(crate) struct Fate {
    set: Option<Arc<Set>>,
    bits: u64,
    crowded: Option<Instant>,
}

/// The fate of a turn of a server without faults.
pub(crate) static UNTOUCHED: Fate = Fate { set: None, bits: 0, crowded: None };

impl Fate {
    pub(crate) fn new(set: Arc<Set>, bits: u64, crowded: Option<Instant>) -> Self {
        Self { set: Some(set), bits, crowded }
    }

    fn armed(&self, kind: Kind) -> Option<&Armed> {
        self.set.as_ref()?.get(kind)
    }

    /// A number of this turn and this fault alone.
    fn bits(&self, kind: Kind) -> u64 {
        scramble(self.bits ^ u64::from(kind.bit()))
    }

    /// A number from 0 to 1 of this turn and this fault alone.
    fn uniform(&self, kind: Kind) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let uniform = (self.bits(kind) >> 11) as f64 / (1_u64 << 53) as f64;
        uniform
    }

    /// Whether a fault that strikes by chance strikes this turn.
    pub(crate) fn strikes(&self, kind: Kind) -> bool {
        let share = self.armed(kind).and_then(|armed| armed.fault.share());
        share.is_some_and(|share| self.uniform(kind) < share.get())
    }

    pub(crate) fn leak_request(&self) -> Option<u64> {
        match self.armed(Kind::LeakRequest)?.fault {
            Fault::LeakRequest(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn leak_session(&self) -> Option<u64> {
        match self.armed(Kind::LeakSession)?.fault {
            Fault::LeakSession(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The status every turn gets at `at`.
    pub(crate) fn burst(&self, at: Instant) -> Option<u16> {
        let armed = self.armed(Kind::ErrorBurst)?;
        let Fault::ErrorBurst { status, rhythm } = armed.fault else { return None };
        rhythm.left(at - armed.since).map(|_| status)
    }

    pub(crate) fn serialised(&self) -> bool {
        self.armed(Kind::Serialise).is_some()
    }

    pub(crate) fn fake_stream(&self) -> bool {
        self.armed(Kind::FakeStream).is_some()
    }

    /// A number to choose the other session by, when this turn is to be crossed.
    pub(crate) fn cross_talk(&self) -> Option<u64> {
        self.strikes(Kind::CrossTalk).then(|| scramble(self.bits(Kind::CrossTalk)))
    }

    /// How long the turn stops before its middle token.
    pub(crate) fn stall(&self) -> Option<Duration> {
        match self.armed(Kind::Stall)?.fault {
            Fault::Stall { pause, .. } => self.strikes(Kind::Stall).then_some(pause),
            _ => None,
        }
    }

    /// How the answer ends; an error goes before a cut.
    pub(crate) fn ending(&self) -> Ending {
        if self.strikes(Kind::ErrorIn200) {
            Ending::Error
        } else if self.strikes(Kind::Cut) {
            Ending::Cut
        } else {
            Ending::Whole
        }
    }

    /// How many of `tokens` are told before an answer ends early: some, and not all.
    pub(crate) fn told(&self, tokens: usize) -> usize {
        let most = tokens.saturating_sub(1) as u64;
        let told = if most == 0 { 0 } else { 1 + scramble(self.bits(Kind::Cut)) % most };
        usize::try_from(told).unwrap_or(0)
    }

    /// How long the turn goes on after its client hung up.
    pub(crate) fn work_after_hangup(&self) -> Option<Duration> {
        match self.armed(Kind::WorkAfterHangup)?.fault {
            Fault::WorkAfterHangup(limit) => Some(limit),
            _ => None,
        }
    }

    /// By how much service times that begin `at` are stretched; what stretches them is noted.
    pub(crate) fn slowness(&self, at: Instant, ticket: &Ticket) -> f64 {
        if self.set.is_none() {
            return 1.0;
        }
        let factors = [
            (Kind::LatencyCreep, self.creep(at)),
            (Kind::SlowStart, self.slow_start(at)),
            (Kind::SlowRecovery, self.slow_recovery(at)),
        ];
        factors.into_iter().fold(1.0, |product, (kind, factor)| {
            let Some(factor) = factor.filter(|factor| *factor > 1.0) else { return product };
            ticket.touch(kind);
            product * factor
        })
    }

    fn creep(&self, at: Instant) -> Option<f64> {
        let armed = self.armed(Kind::LatencyCreep)?;
        let Fault::LatencyCreep { by, over } = armed.fault else { return None };
        Some(1.0 + by * progress(armed.since, at, over))
    }

    fn slow_start(&self, at: Instant) -> Option<f64> {
        let armed = self.armed(Kind::SlowStart)?;
        let Fault::SlowStart { times, over } = armed.fault else { return None };
        Some(times - (times - 1.0) * progress(armed.since, at, over))
    }

    fn slow_recovery(&self, at: Instant) -> Option<f64> {
        let armed = self.armed(Kind::SlowRecovery)?;
        let Fault::SlowRecovery { lasting, .. } = armed.fault else { return None };
        let crowded = self.crowded.filter(|crowded| *crowded >= armed.since)?;
        (at.saturating_duration_since(crowded) < lasting).then_some(2.0)
    }

    /// When work of `span` that begins at `start` is done; a pause on the way is noted.
    pub(crate) fn done(&self, start: Instant, span: Duration, ticket: &Ticket) -> Instant {
        let plain = start + span;
        let Some(armed) = self.armed(Kind::GcPause) else { return plain };
        let Fault::GcPause(rhythm) = armed.fault else { return plain };
        let done = armed.since + rhythm.done(start.saturating_duration_since(armed.since), span);
        if done > plain {
            ticket.touch(Kind::GcPause);
            return done;
        }
        plain
    }
}

/// How much of `over` has passed, 0 to 1.
fn progress(since: Instant, at: Instant, over: Duration) -> f64 {
    (at.saturating_duration_since(since).as_secs_f64() / over.as_secs_f64()).min(1.0)
}
