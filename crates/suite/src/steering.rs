//! How a run under way is stopped and changed.

use tokio::sync::{mpsc, watch};
use victor_engine::Run;
use victor_plan::{Load, Plan};

/// A change asked for while a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// So many users more, or fewer; in an open load turns a second.
    More(i64),
    /// Pause, or resume.
    Pause,
}

/// What steers a run: `stop` ends it with its report when it first rises above 0, and gives turns
/// in flight no more time at 2.
#[derive(Debug)]
pub struct Steering {
    pub(crate) stop: watch::Receiver<u32>,
    pub(crate) changes: Option<mpsc::UnboundedReceiver<Change>>,
}

impl Steering {
    /// By `stop`, and by `changes` as they come.
    #[must_use]
    pub fn new(stop: watch::Receiver<u32>, changes: mpsc::UnboundedReceiver<Change>) -> Self {
        Self { stop, changes: Some(changes) }
    }
}

impl From<watch::Receiver<u32>> for Steering {
    fn from(stop: watch::Receiver<u32>) -> Self {
        Self { stop, changes: None }
    }
}

/// The next change; never, when there is nobody to ask for one.
pub(crate) async fn next_of(
    changes: &mut Option<mpsc::UnboundedReceiver<Change>>,
) -> Option<Change> {
    let Some(receiver) = changes else { return std::future::pending().await };
    let change = receiver.recv().await;
    if change.is_none() {
        *changes = None;
    }
    change
}

/// Users started or ended a second by hand, as in Locust.
const RATE: f64 = 100.0;

/// What was asked for last.
#[derive(Debug)]
pub(crate) struct Helm {
    open: bool,
    wanted: Option<u64>,
    paused: bool,
}

impl Helm {
    pub(crate) fn of(plan: &Plan) -> Self {
        let (open, wanted) = match &plan.load {
            // In stages there is no one number that was asked for.
            Load::Closed(spawn) => (false, spawn.rate().map(|_| spawn.users())),
            Load::Open { arrivals, .. } => (true, arrivals.rate().map(whole)),
        };
        Self { open, wanted, paused: false }
    }

    pub(crate) fn steer(&mut self, run: &mut Run, change: Change) {
        match change {
            Change::Pause => {
                self.paused = !self.paused;
                if self.paused { run.pause() } else { run.resume() }
            }
            Change::More(more) => {
                let now = if self.open { 0 } else { run.timeline().present().0 };
                let wanted = self.wanted.unwrap_or(now).saturating_add_signed(more);
                self.wanted = Some(wanted);
                #[expect(clippy::cast_precision_loss, reason = "a rate far below 2^52")]
                if self.open { run.set_rate(wanted as f64) } else { run.set_users(wanted, RATE) }
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is above 0")]
fn whole(rate: f64) -> u64 {
    rate.round() as u64
}
