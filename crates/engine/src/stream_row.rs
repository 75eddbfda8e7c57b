//! Tokens and streams of one request name within a shard.

use crate::metrics::StreamMetrics;
use crate::row::Clockwork;
use victor_clock::Duration;
use victor_dialect::{Answer, StreamTimes, Tokens};
use victor_types::{StreamSums, TokenSums};

/// Streams of a row; made when the first one comes.
#[derive(Debug)]
pub(crate) struct StreamRow {
    /// What is not a histogram is kept in the form in which it leaves.
    out: StreamSums,
    first_event: Clockwork,
    first_output: Clockwork,
    first_tool_call: Clockwork,
    last_token: Clockwork,
    itl: Clockwork,
    tpot: Clockwork,
    gap: Clockwork,
}

impl StreamRow {
    pub(crate) fn new() -> Self {
        Self {
            out: StreamSums::default(),
            first_event: Clockwork::new(),
            first_output: Clockwork::new(),
            first_tool_call: Clockwork::new(),
            last_token: Clockwork::new(),
            itl: Clockwork::new(),
            tpot: Clockwork::new(),
            gap: Clockwork::new(),
        }
    }

    pub(crate) fn record(&mut self, metrics: &StreamMetrics, stream: &StreamTimes) {
        let out = &mut self.out;
        out.streams += 1;
        out.chunks += stream.chunks();
        out.shared += stream.shared();
        out.comments += stream.comments();
        out.in_one_piece += u64::from(metrics.in_one_piece);
        out.long += u64::from(metrics.long);
        out.single_token += u64::from(metrics.single_token);
        out.chunked += u64::from(metrics.chunked);
        if let Some((tokens, took)) = metrics.decoded {
            out.decoded += tokens;
            out.decode_micros += u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        }
        self.last_token.record(metrics.last_token);
        let spans = [
            (&mut self.first_event, metrics.first_event),
            (&mut self.first_output, metrics.ttfo),
            (&mut self.first_tool_call, metrics.first_tool_call),
            (&mut self.itl, metrics.itl),
            (&mut self.tpot, metrics.tpot),
        ];
        for (clockwork, span) in spans {
            if let Some(span) = span {
                clockwork.record(span);
            }
        }
        for gap in stream.gaps() {
            self.gap.record(Duration::from_micros(u64::from(*gap)));
        }
    }

    /// What came since the last call.
    pub(crate) fn take(&mut self) -> StreamSums {
        StreamSums {
            first_event: self.first_event.take(),
            first_output: self.first_output.take(),
            first_tool_call: self.first_tool_call.take(),
            last_token: self.last_token.take(),
            itl: self.itl.take(),
            tpot: self.tpot.take(),
            gap: self.gap.take(),
            ..std::mem::take(&mut self.out)
        }
    }
}

/// Counts an answer's tokens. Their lengths are few and spread, so the sparse form does.
pub(crate) fn count_tokens(sums: &mut TokenSums, answer: &Answer) {
    let tokens = answer.output_tokens();
    sums.output += tokens.count();
    sums.output_length.add(rounded(tokens.count()), 1);
    match tokens {
        Tokens::Reported(_) => sums.reported_turns += 1,
        Tokens::Estimated(count) => {
            sums.estimated_turns += 1;
            sums.estimated += count;
        }
    }
    if let Some(usage) = answer.usage.filter(|usage| usage.prompt_tokens > 0) {
        sums.input += usage.prompt_tokens;
        sums.cached += usage.cached_tokens;
        sums.reasoning += usage.reasoning_tokens;
        sums.input_length.add(rounded(usage.prompt_tokens), 1);
    }
}

/// Up to 10 significant bits, so that long prompts of all lengths stay few values.
fn rounded(count: u64) -> u64 {
    let drop = count.checked_ilog2().unwrap_or(0).saturating_sub(9);
    count.div_ceil(1 << drop) << drop
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use victor_clock::now;
    use victor_dialect::Usage;
    use victor_wire::Times;

    #[test]
    fn gaps_of_all_streams_are_pooled_and_taken_once() {
        let start = now();
        let at = |ms| start + Duration::from_millis(ms);
        let stream = StreamTimes::of_chunks(&[at(10), at(20), at(20), at(50)]);
        let answer = Answer { stream: Some(Box::new(stream.clone())), ..Answer::default() };
        let times = Times { sent: Some(start), ..Times::default() };
        let metrics = Metrics::of(start, at(50), &times, &answer).stream.expect("a stream");
        let mut row = StreamRow::new();
        row.record(&metrics, &stream);
        row.record(&metrics, &stream);
        let taken = row.take();
        assert_eq!((taken.streams, taken.chunks, taken.shared), (2, 8, 2));
        let gaps: Vec<u64> = taken.gap.buckets().iter().map(|&(_, count)| count).collect();
        assert_eq!(gaps, [2, 2, 2], "0, 10 and 30 ms, of both");
        assert_eq!((taken.decoded, taken.decode_micros), (6, 80_000));
        assert_eq!(row.take(), StreamSums::default());
    }

    #[test]
    fn reported_and_estimated_tokens_are_told_apart() {
        let mut sums = TokenSums::default();
        let usage = Usage {
            prompt_tokens: 1500,
            completion_tokens: 9,
            cached_tokens: 1000,
            ..Usage::default()
        };
        count_tokens(&mut sums, &Answer { usage: Some(usage), ..Answer::default() });
        count_tokens(
            &mut sums,
            &Answer { text: "four bytes and more".into(), ..Answer::default() },
        );
        assert_eq!((sums.input, sums.cached, sums.output, sums.estimated), (1500, 1000, 14, 5));
        assert_eq!((sums.reported_turns, sums.estimated_turns), (1, 1));
        assert_eq!(sums.input_length.buckets(), [(1500, 1)]);
        assert_eq!(rounded(1_000_001), 1_000_448, "the next multiple of 1024");
    }
}
