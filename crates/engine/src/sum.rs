//! One row of the timeline: what snapshots of one name add up to.

use crate::distribution::{DesignEffects, describe};
use crate::stream_report::{goodput, streaming, token_use};
use victor_types::{
    Bytes, Histogram, Millis, PerSecond, RequestRow, RowKey, Seconds, SnapshotRow, StreamSums,
    TokenSums,
};

/// What a row is described over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Over<'a> {
    pub(crate) length: Seconds,
    pub(crate) slo: &'a str,
    pub(crate) effects: Option<&'a DesignEffects>,
}

/// One row over some time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sum {
    pub(crate) sent: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) incomplete: u64,
    pub(crate) incomplete_age: Histogram,
    pub(crate) received: Bytes,
    pub(crate) latency: Histogram,
    pub(crate) failed_latency: Histogram,
    pub(crate) service: Histogram,
    pub(crate) first_byte: Histogram,
    pub(crate) first_token: Histogram,
    pub(crate) output_tokens: u64,
    pub(crate) tokens: TokenSums,
    pub(crate) streams: StreamSums,
    pub(crate) good: Option<u64>,
    pub(crate) retries: u64,
}

impl Sum {
    pub(crate) fn add(&mut self, row: &SnapshotRow) {
        self.sent += row.sent;
        self.succeeded += row.succeeded;
        self.failed += row.failed.iter().map(|failed| failed.count).sum::<u64>();
        self.incomplete += row.incomplete;
        self.incomplete_age.merge(&row.incomplete_age);
        self.received = Bytes(self.received.0 + row.received.0);
        self.latency.merge(&row.latency);
        self.failed_latency.merge(&row.failed_latency);
        self.service.merge(&row.service);
        self.first_byte.merge(&row.first_byte);
        self.first_token.merge(&row.first_token);
        self.output_tokens += row.output_tokens;
        self.tokens.merge(&row.tokens);
        self.streams.merge(&row.streams);
        self.good = row.good.map_or(self.good, |good| Some(good + self.good.unwrap_or(0)));
        self.retries += row.retries;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.sent += other.sent;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.incomplete += other.incomplete;
        self.incomplete_age.merge(&other.incomplete_age);
        self.received = Bytes(self.received.0 + other.received.0);
        self.latency.merge(&other.latency);
        self.failed_latency.merge(&other.failed_latency);
        self.service.merge(&other.service);
        self.first_byte.merge(&other.first_byte);
        self.first_token.merge(&other.first_token);
        self.output_tokens += other.output_tokens;
        self.tokens.merge(&other.tokens);
        self.streams.merge(&other.streams);
        self.good = other.good.map_or(self.good, |good| Some(good + self.good.unwrap_or(0)));
        self.retries += other.retries;
    }

    #[expect(clippy::cast_precision_loss, reason = "rates and means to 15 digits are enough")]
    pub(crate) fn into_row(self, key: RowKey, over: &Over<'_>) -> RequestRow {
        let Over { length: duration, slo, effects } = *over;
        let finished = self.succeeded + self.failed;
        let rate =
            |count: u64| PerSecond(if duration.0 > 0.0 { count as f64 / duration.0 } else { 0.0 });
        RequestRow {
            key,
            sent: self.sent,
            succeeded: self.succeeded,
            failed: self.failed,
            incomplete: self.incomplete,
            incomplete_age_min: self
                .incomplete_age
                .buckets()
                .first()
                .map(|&(micros, _)| Millis::from_micros(micros)),
            throughput: rate(self.succeeded),
            failure_rate: rate(self.failed),
            mean_bytes: if finished > 0 { self.received.0 as f64 / finished as f64 } else { 0.0 },
            latency: describe(self.latency, self.failed, effects),
            service: describe(self.service, self.failed, None),
            first_byte: describe(self.first_byte, self.failed, None),
            first_token: describe(self.first_token, self.failed, None),
            output_tokens: self.output_tokens,
            tokens: token_use(self.tokens, duration),
            streaming: streaming(self.streams),
            goodput: self.good.map(|good| goodput(good, slo, finished, duration)),
            failed_latency: self.failed_latency,
            retries: self.retries,
        }
    }
}
