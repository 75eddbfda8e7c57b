//! Adds snapshots up. Memory grows with names and failure kinds, not with turns.

use crate::distribution::{DesignEffects, PERCENTS};
use crate::history::History;
use crate::sum::{Over, Sum};
use std::collections::BTreeMap;
use victor_clock::Duration;
use victor_plan::Slo;
use victor_stats::percentile_interval;
use victor_types::{
    Bytes, Exemplar, FailureKind, FailureRow, GeneratorHealth, GeneratorMachine, Histogram,
    HistoryPoint, Millis, RequestRow, RowKey, Seconds, Snapshot, SnapshotRow,
};

/// Exemplars kept for each name and failure kind.
const EXEMPLARS: usize = 8;

/// Everything measured so far, over all shards.
#[derive(Debug, Default)]
pub struct Timeline {
    /// When judging begins.
    judged_from: Seconds,
    rows: BTreeMap<RowKey, Parts>,
    failures: BTreeMap<(RowKey, FailureKind), Failing>,
    history: History,
    shards: BTreeMap<u32, ShardSum>,
    ticker_late: Histogram,
    slip: Histogram,
    waited: u64,
    skipped: u64,
    no_port: u64,
    no_file: u64,
    machine: Option<GeneratorMachine>,
    rss_peak: Bytes,
    duration: Seconds,
    /// The objectives of good turns, in words.
    slo: String,
}

/// Which turns rows are made of: each belongs to the second in which it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of the run.
    Whole,
    /// Those that ended since judging began.
    Judged,
}

/// One row, before and since judging began.
#[derive(Debug, Clone, Default)]
struct Parts {
    before: Sum,
    since: Sum,
}

#[derive(Debug)]
struct Failing {
    count: u64,
    first_seen: Seconds,
    last_seen: Seconds,
    exemplars: Vec<Exemplar>,
}

/// The latest of a shard, and its CPU over the run.
#[derive(Debug, Clone, Copy, Default)]
struct ShardSum {
    users: u64,
    in_flight: u64,
    busy: f64,
    queued: f64,
    wall: f64,
    unsent: u64,
}

impl Timeline {
    /// An empty timeline of a run that is judged from `from` on.
    #[must_use]
    pub fn judged_from(from: Duration) -> Self {
        Self { judged_from: Seconds::from(from), ..Self::default() }
    }

    /// The same timeline, whose rows say which objectives good turns met.
    #[must_use]
    pub fn with_objectives(self, slo: Option<&Slo>) -> Self {
        Self { slo: slo.map(ToString::to_string).unwrap_or_default(), ..self }
    }

    /// Adds one second of one shard.
    pub fn add(&mut self, snapshot: &Snapshot) {
        self.history.add(snapshot);
        self.duration = Seconds(self.duration.0.max(snapshot.at.0));
        let shard = self.shards.entry(snapshot.shard).or_default();
        shard.users = u64::from(snapshot.users);
        shard.in_flight = snapshot.in_flight;
        shard.busy += snapshot.generator.cpu * snapshot.window.0;
        shard.queued += snapshot.generator.run_queue * snapshot.window.0;
        shard.wall += snapshot.window.0;
        shard.unsent = snapshot.generator.unsent;
        self.ticker_late.merge(&snapshot.generator.ticker_late);
        self.slip.merge(&snapshot.generator.slip);
        self.waited += snapshot.generator.waited;
        self.skipped += snapshot.generator.skipped;
        self.no_port += snapshot.generator.no_port;
        self.no_file += snapshot.generator.no_file;
        self.rss_peak = self.rss_peak.max(snapshot.generator.rss);
        // Windows end a few milliseconds after the second; the one that ends there is before it.
        let judged = snapshot.at.0 - snapshot.window.0 > self.judged_from.0 - 0.5;
        for row in &snapshot.rows {
            let parts = self.rows.entry(row.key.clone()).or_default();
            let part = if judged { &mut parts.since } else { &mut parts.before };
            part.add(row);
            self.add_failures(row, Seconds(snapshot.at.0 - snapshot.window.0), snapshot.at);
        }
    }

    /// Keeps what was last seen of the machine.
    pub(crate) fn set_machine(&mut self, machine: GeneratorMachine) {
        self.machine = Some(machine);
    }

    /// Failures of a window; which turn of it was first and which last, its exemplars tell best.
    fn add_failures(&mut self, row: &SnapshotRow, from: Seconds, to: Seconds) {
        for failed in &row.failed {
            let news: Vec<&Exemplar> = row
                .exemplars
                .iter()
                .filter(|exemplar| exemplar.kind == Some(failed.kind))
                .collect();
            let first = news.iter().map(|exemplar| exemplar.at.0).fold(to.0, f64::min).max(from.0);
            let failing =
                self.failures.entry((row.key.clone(), failed.kind)).or_insert_with(|| Failing {
                    count: 0,
                    first_seen: Seconds(first),
                    last_seen: to,
                    exemplars: Vec::new(),
                });
            failing.count += failed.count;
            failing.last_seen = to;
            let room = EXEMPLARS - failing.exemplars.len();
            failing.exemplars.extend(news.into_iter().take(room).cloned());
        }
    }

    /// End of the last window.
    #[must_use]
    pub fn duration(&self) -> Seconds {
        self.duration
    }

    /// Turns that have succeeded or failed.
    #[must_use]
    pub fn finished(&self) -> u64 {
        self.sums().map(|sum| sum.succeeded + sum.failed).sum()
    }

    /// Turns that have succeeded.
    #[must_use]
    pub fn succeeded(&self) -> u64 {
        self.sums().map(|sum| sum.succeeded).sum()
    }

    fn sums(&self) -> impl Iterator<Item = &Sum> {
        self.rows.values().flat_map(|parts| [&parts.before, &parts.since])
    }

    /// Turns that have failed, and output tokens received.
    pub(crate) fn costs(&self) -> (u64, u64) {
        let add = |(failed, tokens), sum: &Sum| (failed + sum.failed, tokens + sum.output_tokens);
        self.sums().fold((0, 0), add)
    }

    /// Users running and turns in flight at the end of the last windows.
    #[must_use]
    pub fn present(&self) -> (u64, u64) {
        let shards = self.shards.values();
        shards.fold((0, 0), |(users, flights), shard| {
            (users + shard.users, flights + shard.in_flight)
        })
    }

    /// True when at least `enough` turns have finished and all of them failed in one way that says
    /// that the request itself does not suit the target, so that more of them cannot succeed.
    #[must_use]
    pub fn is_futile(&self, enough: u64) -> bool {
        let hopeless = |kind: &FailureKind| {
            matches!(
                kind,
                FailureKind::HttpStatus(400 | 401 | 403 | 404 | 405 | 415 | 421 | 422 | 501)
            )
        };
        self.succeeded() == 0
            && self.finished() >= enough.max(1)
            && self.failures.keys().all(|(_, kind)| hopeless(kind))
    }

    /// The run over time.
    pub fn history(&self) -> impl DoubleEndedIterator<Item = &HistoryPoint> + ExactSizeIterator {
        self.history.points()
    }

    /// The run over time once it is over: a last window that is too short to be one is joined to the
    /// one before.
    #[must_use]
    pub fn closed_history(&self) -> Vec<HistoryPoint> {
        self.history.closed()
    }

    /// Rows by name, without intervals: cheap enough for a live display.
    #[must_use]
    pub fn live_rows(&self) -> (Vec<RequestRow>, RequestRow) {
        self.describe(Part::Whole, None)
    }

    /// Rows by name and the total, with 95 % intervals. In a part of the run, the turns sent are
    /// those that ended in it.
    #[must_use]
    pub fn rows(&self, part: Part) -> (Vec<RequestRow>, RequestRow) {
        self.describe(part, Some(&self.design_effects(part)))
    }

    /// How long a part has lasted.
    fn length(&self, part: Part) -> Seconds {
        match part {
            Part::Whole => self.duration,
            Part::Judged => Seconds((self.duration.0 - self.judged_from.0).max(0.0)),
        }
    }

    fn describe(
        &self,
        part: Part,
        effects: Option<&DesignEffects>,
    ) -> (Vec<RequestRow>, RequestRow) {
        let mut total = Sum::default();
        let mut rows = Vec::with_capacity(self.rows.len());
        let length = self.length(part);
        let over = Over { length, slo: &self.slo, effects };
        for (key, parts) in &self.rows {
            let mut sum = parts.since.clone();
            match part {
                Part::Whole => sum.merge(&parts.before),
                Part::Judged => {
                    let ended = parts.before.succeeded + parts.before.failed;
                    let open = parts.before.sent.saturating_sub(ended + parts.before.incomplete);
                    sum.sent += open;
                }
            }
            total.merge(&sum);
            rows.push(sum.into_row(key.clone(), &over));
        }
        let key = RowKey { name: "Aggregated".into(), method: String::new() };
        (rows, total.into_row(key, &over))
    }

    /// How much the correlation of neighbouring turns widens each percentile's interval, from the
    /// run's windows. Rows use the effects of the total: their turns share the same server.
    fn design_effects(&self, part: Part) -> DesignEffects {
        let inside = |point: &HistoryPoint| {
            part == Part::Whole || point.at.0 - point.window.0 > self.judged_from.0 - 0.5
        };
        let closed = self.history.closed().into_iter();
        let blocks: Vec<Histogram> = closed.filter(inside).map(|point| point.latency).collect();
        PERCENTS.map(|percent| {
            percentile_interval(&blocks, percent / 100.0).map_or(1.0, |found| found.design_effect())
        })
    }

    /// Failures by name and kind, most frequent first.
    #[must_use]
    pub fn failures(&self) -> Vec<FailureRow> {
        let row = |((key, kind), failing): (&(RowKey, FailureKind), &Failing)| FailureRow {
            key: key.clone(),
            kind: *kind,
            count: failing.count,
            first_seen: failing.first_seen,
            last_seen: failing.last_seen,
            exemplars: failing.exemplars.clone(),
        };
        let mut rows: Vec<FailureRow> = self.failures.iter().map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.count));
        rows
    }

    /// How the generator fared over the run.
    #[must_use]
    pub fn generator(&self) -> GeneratorHealth {
        let share = |shard: &ShardSum| if shard.wall > 0.0 { shard.busy / shard.wall } else { 0.0 };
        let queued =
            |shard: &ShardSum| if shard.wall > 0.0 { shard.queued / shard.wall } else { 0.0 };
        let late = victor_stats::percentile(&self.ticker_late, 0.99).unwrap_or(0);
        GeneratorHealth {
            shards: u32::try_from(self.shards.len()).unwrap_or(u32::MAX),
            cpu: self.shards.values().map(share).fold(0.0, f64::max),
            ticker_late_p99: Millis::from_micros(late),
            rss_peak: self.rss_peak,
            run_queue: self.shards.values().map(queued).fold(0.0, f64::max),
            skipped: self.skipped,
            no_port: self.no_port,
            no_file: self.no_file,
            machine: self.machine,
            slip_p99: victor_stats::percentile(&self.slip, 0.99).map(Millis::from_micros),
        }
    }

    /// Turns of an open load that had to wait for a free user, and those that never found one.
    #[must_use]
    pub fn queued(&self) -> (u64, u64) {
        (self.waited, self.shards.values().map(|shard| shard.unsent).sum())
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
