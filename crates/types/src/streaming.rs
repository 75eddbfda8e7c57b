//! Tokens and streams: what snapshots add up, and what the report says of it.
//!
//! Instants of one turn, from which all times are made: *planned*, *sent* (the first request byte is
//! handed to the socket), *c1 … cn* (arrivals of chunks: events that carry text, reasoning or a part
//! of a tool call), *done* (last response byte). N is the number of output tokens, N1 that of the
//! first chunk.

use crate::{Distribution, Histogram, PerSecond};
use serde::{Deserialize, Serialize};

/// Streamed successes of a window. Adding two gives what one recorder would have kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamSums {
    /// Streamed successes that had at least one chunk.
    pub streams: u64,
    /// Chunks of them.
    pub chunks: u64,
    /// Chunks that came with the same read as the chunk before, so that their gap is 0.
    pub shared: u64,
    /// Keep-alive comments.
    pub comments: u64,
    /// Streams of at least 8 tokens all of whose chunks came with one read.
    pub in_one_piece: u64,
    /// Streams of at least 8 tokens.
    pub long: u64,
    /// Streams of a single token, which have no time between tokens.
    pub single_token: u64,
    /// Streams with fewer chunks than tokens, whose first chunk's tokens are not known: N1 was taken
    /// for 1.
    pub chunked: u64,
    /// Tokens that came after a first chunk, and the microseconds they took.
    pub decoded: u64,
    /// See `decoded`.
    pub decode_micros: u64,
    /// Sent to the first event of any kind.
    pub first_event: Histogram,
    /// Sent to the first chunk that is not reasoning.
    pub first_output: Histogram,
    /// Sent to the first part of a tool call.
    pub first_tool_call: Histogram,
    /// Sent to the last chunk.
    pub last_token: Histogram,
    /// (cn − c1) / (N − N1) of each turn.
    pub itl: Histogram,
    /// (cn − c1) / (N − 1) of each turn.
    pub tpot: Histogram,
    /// Each gap between chunks, of all turns together.
    pub gap: Histogram,
}

/// Tokens of a window's successes. Adding two gives what one recorder would have kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenSums {
    /// Prompt tokens as reported, cached ones included.
    pub input: u64,
    /// Of these, found in a cache.
    pub cached: u64,
    /// Output tokens, reasoning included: reported where they are, else estimated.
    pub output: u64,
    /// Of these, reasoning, as reported.
    pub reasoning: u64,
    /// Of the output, estimated: a token for every four bytes.
    pub estimated: u64,
    /// Turns whose output was reported, and turns whose was estimated.
    pub reported_turns: u64,
    /// See `reported_turns`.
    pub estimated_turns: u64,
    /// Prompt tokens of each turn that reports them; values are tokens.
    pub input_length: Histogram,
    /// Output tokens of each turn; values are tokens.
    pub output_length: Histogram,
}

impl StreamSums {
    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.streams += other.streams;
        self.chunks += other.chunks;
        self.shared += other.shared;
        self.comments += other.comments;
        self.in_one_piece += other.in_one_piece;
        self.long += other.long;
        self.single_token += other.single_token;
        self.chunked += other.chunked;
        self.decoded += other.decoded;
        self.decode_micros += other.decode_micros;
        self.first_event.merge(&other.first_event);
        self.first_output.merge(&other.first_output);
        self.first_tool_call.merge(&other.first_tool_call);
        self.last_token.merge(&other.last_token);
        self.itl.merge(&other.itl);
        self.tpot.merge(&other.tpot);
        self.gap.merge(&other.gap);
    }
}

impl TokenSums {
    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.input += other.input;
        self.cached += other.cached;
        self.output += other.output;
        self.reasoning += other.reasoning;
        self.estimated += other.estimated;
        self.reported_turns += other.reported_turns;
        self.estimated_turns += other.estimated_turns;
        self.input_length.merge(&other.input_length);
        self.output_length.merge(&other.output_length);
    }
}

/// Streams of a row in the report. Times are of streamed successes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Streaming {
    /// Streamed successes that had at least one chunk.
    pub streams: u64,
    /// Chunks of them: events that carry content.
    pub chunks: u64,
    /// Chunks that came with the same read as the chunk before, so that their gap is 0.
    pub shared: u64,
    /// Keep-alive comments.
    pub comments: u64,
    /// Of the streams of at least 8 tokens, those that came in one piece: all chunks with one read.
    pub in_one_piece: u64,
    /// Streams of at least 8 tokens.
    pub long: u64,
    /// Streams of a single token, which have no time between tokens.
    pub single_token: u64,
    /// Streams with fewer chunks than tokens, whose first chunk was taken for one token.
    pub chunked: u64,
    /// Sent to the first event of any kind, also one without content.
    pub first_event: Distribution,
    /// TTFO: sent to the first chunk that is not reasoning.
    pub first_output: Distribution,
    /// Sent to the first part of a tool call.
    pub first_tool_call: Distribution,
    /// Sent to the last chunk.
    pub last_token: Distribution,
    /// ITL: the mean time between tokens of a turn, (cn − c1) / (N − N1).
    pub itl: Distribution,
    /// TPOT as most tools define it: (cn − c1) / (N − 1) of a turn.
    pub tpot: Distribution,
    /// ICL: each gap between chunks, of all turns together.
    pub gap: Distribution,
    /// Output tokens a second that a user sees: tokens after the first chunk over the time they took.
    pub user_rate: Option<PerSecond>,
}

/// Tokens of a row's successes in the report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenUse {
    /// Prompt tokens, as reported.
    pub input: u64,
    /// Of these, found in a cache.
    pub cached: u64,
    /// Output tokens, reasoning included; reported, else estimated.
    pub output: u64,
    /// Of these, reasoning.
    pub reasoning: u64,
    /// Of the output, estimated: a token for every four bytes.
    pub estimated: u64,
    /// Turns whose output was reported.
    pub reported_turns: u64,
    /// Turns whose output was estimated, because the server reported none.
    pub estimated_turns: u64,
    /// ISL: prompt tokens of a turn.
    pub input_length: Lengths,
    /// OSL: output tokens of a turn.
    pub output_length: Lengths,
    /// Output tokens a second of all turns together, over the run.
    pub output_rate: PerSecond,
}

/// A distribution of whole numbers. Empty when `count` is 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lengths {
    /// How many there are.
    pub count: u64,
    /// Mean.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<u64>,
    /// 95th percentile.
    pub p95: Option<u64>,
    /// Largest.
    pub max: Option<u64>,
    /// All of them; values are the numbers themselves, at most 0.2 % too large.
    pub histogram: Histogram,
}

/// Turns that met every objective.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Goodput {
    /// The objectives: `ttft:300ms,e2e:2000ms`.
    pub slo: String,
    /// Successes that met all of them.
    pub good: u64,
    /// These a second.
    pub rate: PerSecond,
    /// Their share of all finished turns; a failure is not good.
    pub fraction: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_up_field_by_field() {
        let one: Histogram = [(7, 1)].into_iter().collect();
        let tokens =
            TokenSums { input: 3, output: 4, output_length: one.clone(), ..TokenSums::default() };
        let mut both = tokens.clone();
        both.merge(&tokens);
        assert_eq!((both.input, both.output, both.output_length.count()), (6, 8, 2));
        let streams = StreamSums { streams: 1, gap: one, decoded: 5, ..StreamSums::default() };
        let mut both = streams.clone();
        both.merge(&streams);
        assert_eq!((both.streams, both.decoded, both.gap.count()), (2, 10, 2));
    }

    #[test]
    fn an_older_snapshot_without_a_field_reads() {
        let sums: StreamSums = serde_json::from_str(r#"{"streams":2,"later":1}"#).expect("reads");
        assert_eq!((sums.streams, sums.chunks), (2, 0));
    }
}
