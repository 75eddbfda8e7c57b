//! A load with the server's process sampled beside it, more often than the run itself does.

use super::reading::{Meter, memory};
use crate::scale::case::{Context, TestError};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use victor_clock::{Instant, now};
use victor_plan::Plan;
use victor_stats::{MemorySeries, SeriesError};
use victor_types::{HistoryPoint, ProcessSample, RunReport, Seconds};

/// Samples of one load: three for each point that a leak verdict looks at.
const SAMPLES: u32 = 120;
/// The closest that samples are taken: one costs some hundreds of microseconds.
const CLOSEST: Duration = Duration::from_millis(100);

/// Loads under the same plan, one after the other, as one series: pauses between are left out.
#[derive(Debug, Default)]
pub(in crate::scale) struct Loaded {
    time: Vec<f64>,
    requests: Vec<f64>,
    samples: Vec<ProcessSample>,
    seconds: f64,
    done: f64,
}

impl Loaded {
    /// Runs `plan`, about `length` long, and adds what was seen.
    pub(in crate::scale) async fn run(
        &mut self,
        context: &mut Context<'_>,
        meter: &Meter,
        plan: &Plan,
        length: Duration,
    ) -> Result<RunReport, TestError> {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let every = (length / SAMPLES).max(CLOSEST);
        let watch = meter.sampler().map(|mut sampler| {
            let (start, seen) = (now(), Rc::clone(&seen));
            tokio::task::spawn_local(async move {
                let mut at: Instant = start;
                loop {
                    at += every;
                    victor_clock::sleep_until(at).await;
                    let Ok(usage) = sampler.sample(now()) else { break };
                    seen.borrow_mut().push(usage.at(Seconds::from(now() - start)));
                }
            })
        });
        let report = context.run(plan).await;
        if let Some(watch) = watch {
            watch.abort();
        }
        let report = report?;
        let own = seen.take();
        let of_run = || report.server.as_ref().map(|server| server.samples.clone());
        self.add(&report, if own.is_empty() { of_run().unwrap_or_default() } else { own });
        Ok(report)
    }

    /// Adds a load: samples count from its start; those before the first turn and after the last are
    /// not under load.
    pub(in crate::scale) fn add(&mut self, report: &RunReport, samples: Vec<ProcessSample>) {
        let length = report.history.last().map_or(0.0, |point| point.at.0);
        for sample in samples.into_iter().filter(|it| it.at.0 > 0.0 && it.at.0 <= length) {
            self.time.push(self.seconds + sample.at.0);
            self.requests.push(self.done + finished_by(&report.history, sample.at.0));
            self.samples.push(sample);
        }
        self.seconds += length;
        self.done += finished_by(&report.history, length);
    }

    /// Turns that were finished.
    pub(in crate::scale) fn requests(&self) -> f64 {
        self.done
    }

    /// Seconds under load.
    pub(in crate::scale) fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Samples taken.
    pub(in crate::scale) fn count(&self) -> usize {
        self.samples.len()
    }

    /// Memory as a leak verdict takes it.
    pub(in crate::scale) fn memory(&self) -> Result<MemorySeries, SeriesError> {
        self.series(|sample| Some(memory(sample)))
    }

    /// Another number of the samples; those without it are left out.
    pub(in crate::scale) fn series(
        &self,
        of: impl Fn(&ProcessSample) -> Option<f64>,
    ) -> Result<MemorySeries, SeriesError> {
        let rows = self.time.iter().zip(&self.requests).zip(&self.samples);
        let mut columns = (Vec::new(), Vec::new(), Vec::new());
        for ((&time, &requests), sample) in rows {
            if let Some(value) = of(sample) {
                columns.0.push(time);
                columns.1.push(requests);
                columns.2.push(value);
            }
        }
        MemorySeries::try_new(columns.0, columns.1, columns.2)
    }
}

/// Turns finished until `at`, even within a window.
#[expect(clippy::cast_precision_loss, reason = "a number of turns")]
fn finished_by(history: &[HistoryPoint], at: f64) -> f64 {
    let part = |point: &HistoryPoint| {
        let began = point.at.0 - point.window.0;
        let share = if point.window.0 > 0.0 { (at - began) / point.window.0 } else { 1.0 };
        (point.succeeded + point.failed) as f64 * share.clamp(0.0, 1.0)
    };
    history.iter().map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;
    use victor_stats::{LeakPolicy, LeakVerdict, leak_verdict};
    use victor_types::Bytes;

    /// 20 s with 4000 turns, sampled five times a second; memory by seconds since the first.
    fn loaded(rounds: u32, memory: impl Fn(f64) -> f64) -> Loaded {
        let mut loaded = Loaded::default();
        for round in 0..rounds {
            let sample = |at: u32| {
                let at = f64::from(at) / 5.0;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "bytes"
                )]
                let rss = Bytes(memory(f64::from(round) * 20.0 + at) as u64);
                ProcessSample { at: Seconds(at), rss, ..ProcessSample::default() }
            };
            loaded.add(&report(4000, 0), (1..=100).map(sample).collect());
        }
        loaded
    }

    #[test]
    fn rounds_join_into_one_series_without_their_pauses() {
        let two = loaded(2, |at| 50e6 + 1e6 * at);
        assert_eq!((two.requests(), two.seconds(), two.count()), (8000.0, 40.0, 200));
        let found = leak_verdict(&two.memory().expect("a series"), LeakPolicy::default());
        assert_eq!(found.verdict(), LeakVerdict::Leak);
        let each = found.bytes_per_request().expect("requests were made");
        assert!(each.low < 5000.0 && 5000.0 < each.high, "{each:?}");
    }

    #[test]
    fn what_is_not_seen_makes_no_series() {
        let one = loaded(1, |_| 1e6);
        assert!(one.series(|sample| sample.fds.map(f64::from)).is_err());
    }
}
