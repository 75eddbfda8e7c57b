//! The table shown while a run is under way.

use crate::talk;
use victor_report::console::Live;
use victor_suite::Progress;
use victor_types::{HistoryPoint, Seconds};

/// How often the table is shown, in seconds; snapshots come a few milliseconds early or late.
const EVERY: f64 = 1.9;

/// Shows the table every two seconds.
#[derive(Debug, Default)]
pub(crate) struct LiveTable {
    shown: f64,
}

impl LiveTable {
    /// Shows the run so far on standard error, if it is time.
    pub(crate) fn update(&mut self, progress: &Progress<'_>) {
        let elapsed = progress.elapsed;
        if elapsed.0 < self.shown {
            // Another run has begun.
            self.shown = 0.0;
        }
        if elapsed.0 < self.shown + EVERY {
            return;
        }
        self.shown = elapsed.0;
        let (rows, total) = progress.timeline.live_rows();
        let (users, in_flight) = progress.timeline.present();
        let newest = progress.timeline.history().rev().take(11).cloned();
        let mut recent: Vec<HistoryPoint> = newest.collect();
        recent.reverse();
        let remaining = progress.remaining.map(|left| Seconds(left.0.max(0.0)));
        let live = Live {
            rows: &rows,
            total: &total,
            elapsed,
            remaining,
            users,
            in_flight,
            recent: &recent,
        };
        talk::say(&live.render(talk::width()));
    }
}
