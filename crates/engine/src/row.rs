//! One request name's counts and times within a shard.

use crate::metrics::Metrics;
use crate::stream_row::{StreamRow, count_tokens};
use hdrhistogram::Histogram as Hdr;
use std::collections::BTreeMap;
use victor_clock::{Duration, Instant};
use victor_dialect::{Answer, Failure};
use victor_plan::Slo;
use victor_types::{
    Bytes, Exemplar, FailureCount, FailureKind, Histogram, Millis, RowKey, Seconds, SnapshotRow,
};
use victor_wire::Times;

/// Exemplars kept for each failure kind and window.
const EXEMPLARS: usize = 8;

/// Times in microseconds up to an hour, to three significant digits.
#[derive(Debug)]
pub(crate) struct Clockwork(Hdr<u32>);

impl Clockwork {
    pub(crate) fn new() -> Self {
        let histogram = Hdr::new_with_bounds(1, 3_600_000_000, 3);
        Self(histogram.unwrap_or_else(|_| unreachable!("the bounds above are valid")))
    }

    pub(crate) fn record(&mut self, span: Duration) {
        self.0.saturating_record(u64::try_from(span.as_micros()).unwrap_or(u64::MAX));
    }

    /// What was recorded since the last call.
    pub(crate) fn take(&mut self) -> Histogram {
        if self.0.is_empty() {
            return Histogram::default();
        }
        let recorded = self.0.iter_recorded();
        let taken =
            recorded.map(|at| (at.value_iterated_to(), u64::from(at.count_at_value()))).collect();
        self.0.reset();
        taken
    }
}

/// A row of the recorder.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    method: &'static str,
    /// What is not a histogram is kept in the form in which it leaves.
    out: SnapshotRow,
    failed: BTreeMap<FailureKind, u64>,
    latency: Clockwork,
    failed_latency: Clockwork,
    service: Clockwork,
    first_byte: Clockwork,
    first_token: Clockwork,
    streams: Option<Box<StreamRow>>,
    slo: Option<Slo>,
}

impl Row {
    pub(crate) fn new(name: &'static str, method: &'static str, slo: Option<Slo>) -> Self {
        Self {
            name,
            method,
            out: SnapshotRow::default(),
            failed: BTreeMap::new(),
            latency: Clockwork::new(),
            failed_latency: Clockwork::new(),
            service: Clockwork::new(),
            first_byte: Clockwork::new(),
            first_token: Clockwork::new(),
            streams: None,
            slo,
        }
    }

    pub(crate) fn begun(&mut self) {
        self.out.sent += 1;
    }

    pub(crate) fn retried(&mut self, times: u32) {
        self.out.retries += u64::from(times);
    }

    pub(crate) fn succeeded(
        &mut self,
        planned: Instant,
        done: Instant,
        times: &Times,
        answer: &Answer,
    ) {
        self.out.succeeded += 1;
        self.out.received = Bytes(self.out.received.0 + times.received);
        self.out.output_tokens += answer.usage.map_or(0, |usage| usage.completion_tokens);
        self.latency.record(done - planned);
        if let Some(sent) = times.sent {
            self.service.record(done - sent);
            if let Some(instant) = times.first_byte {
                self.first_byte.record(instant - sent);
            }
        }
        count_tokens(&mut self.out.tokens, answer);
        let metrics = Metrics::of(planned, done, times, answer);
        if let Some((found, stream)) = metrics.stream.as_ref().zip(answer.stream.as_deref()) {
            self.first_token.record(found.ttft);
            let streams = self.streams.get_or_insert_with(|| Box::new(StreamRow::new()));
            streams.record(found, stream);
        }
        if let Some(slo) = &self.slo {
            *self.out.good.get_or_insert(0) += u64::from(metrics.meets(slo));
        }
    }

    pub(crate) fn failed(&mut self, latency: Duration, times: &Times, kind: FailureKind) {
        *self.failed.entry(kind).or_default() += 1;
        self.out.received = Bytes(self.out.received.0 + times.received);
        self.failed_latency.record(latency);
    }

    /// Keeps a failed turn as evidence, unless there are enough of its kind.
    pub(crate) fn keep(
        &mut self,
        failure: &Failure,
        request_id: &str,
        session: Option<&str>,
        at: Seconds,
        latency: Duration,
    ) {
        let same = self.out.exemplars.iter().filter(|kept| kept.kind == Some(failure.kind));
        if same.count() < EXEMPLARS {
            self.out.exemplars.push(Exemplar {
                kind: Some(failure.kind),
                request_id: request_id.to_owned(),
                session_id: session.map(ToOwned::to_owned),
                at,
                latency: Millis::from(latency),
                excerpt: failure.seen.clone(),
                expected: failure.expected.clone(),
                other: failure.other.clone(),
            });
        }
    }

    pub(crate) fn incomplete(&mut self, age: Duration) {
        self.out.incomplete += 1;
        self.out.incomplete_age.add(u64::try_from(age.as_micros()).unwrap_or(u64::MAX), 1);
    }

    /// What happened since the last call, or `None` when nothing did.
    pub(crate) fn take(&mut self) -> Option<SnapshotRow> {
        let mut out = std::mem::take(&mut self.out);
        let failed = std::mem::take(&mut self.failed);
        if out.sent + out.succeeded + out.incomplete == 0 && failed.is_empty() {
            return None;
        }
        out.key = RowKey { name: self.name.to_owned(), method: self.method.to_owned() };
        out.failed = failed.into_iter().map(|(kind, count)| FailureCount { kind, count }).collect();
        out.latency = self.latency.take();
        out.failed_latency = self.failed_latency.take();
        out.service = self.service.take();
        out.first_byte = self.first_byte.take();
        out.first_token = self.first_token.take();
        out.streams = self.streams.as_mut().map(|streams| streams.take()).unwrap_or_default();
        out.good = self.slo.map(|_| out.good.unwrap_or(0));
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The measurer is measured: what comes out is what went in, to 0.1 % or a microsecond.
        #[test]
        fn recorded_times_come_out_within_the_stated_resolution(micros in 0_u64..3_600_000_000) {
            let mut clockwork = Clockwork::new();
            clockwork.record(Duration::from_micros(micros));
            let taken = clockwork.take();
            prop_assert_eq!(taken.count(), 1);
            let out = taken.buckets()[0].0;
            prop_assert!(out >= micros);
            #[expect(clippy::cast_precision_loss, reason = "a bound of a test")]
            let bound = micros as f64 * 1.001 + 1.0;
            #[expect(clippy::cast_precision_loss, reason = "a bound of a test")]
            let value = out as f64;
            prop_assert!(value <= bound);
            prop_assert!(clockwork.take().is_empty(), "taken once");
        }
    }
}
