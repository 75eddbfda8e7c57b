//! From sums of tokens and streams to what the report says of them.

use crate::distribution::describe;
use victor_types::{
    Goodput, Histogram, Lengths, PerSecond, Seconds, StreamSums, Streaming, TokenSums, TokenUse,
};

#[expect(clippy::cast_precision_loss, reason = "rates to 15 digits are enough")]
fn rate(count: u64, seconds: f64) -> PerSecond {
    PerSecond(if seconds > 0.0 { count as f64 / seconds } else { 0.0 })
}

/// Streams of a row; `None` when there were none. Failures enter no stream's time.
pub(crate) fn streaming(sums: StreamSums) -> Option<Streaming> {
    #[expect(clippy::cast_precision_loss, reason = "rates to 15 digits are enough")]
    let user_rate = (sums.decode_micros > 0)
        .then(|| PerSecond(sums.decoded as f64 * 1e6 / sums.decode_micros as f64));
    (sums.streams > 0).then(|| Streaming {
        streams: sums.streams,
        chunks: sums.chunks,
        shared: sums.shared,
        comments: sums.comments,
        in_one_piece: sums.in_one_piece,
        long: sums.long,
        single_token: sums.single_token,
        chunked: sums.chunked,
        first_event: describe(sums.first_event, 0, None),
        first_output: describe(sums.first_output, 0, None),
        first_tool_call: describe(sums.first_tool_call, 0, None),
        last_token: describe(sums.last_token, 0, None),
        itl: describe(sums.itl, 0, None),
        tpot: describe(sums.tpot, 0, None),
        gap: describe(sums.gap, 0, None),
        user_rate,
    })
}

/// Tokens of a row; `None` when there were none.
pub(crate) fn token_use(sums: TokenSums, duration: Seconds) -> Option<TokenUse> {
    (sums.input + sums.output > 0).then(|| TokenUse {
        input: sums.input,
        cached: sums.cached,
        output: sums.output,
        reasoning: sums.reasoning,
        estimated: sums.estimated,
        reported_turns: sums.reported_turns,
        estimated_turns: sums.estimated_turns,
        input_length: lengths(sums.input_length),
        output_length: lengths(sums.output_length),
        output_rate: rate(sums.output, duration.0),
    })
}

fn lengths(histogram: Histogram) -> Lengths {
    Lengths {
        count: histogram.count(),
        mean: histogram.mean(),
        p50: victor_stats::percentile(&histogram, 0.5),
        p95: victor_stats::percentile(&histogram, 0.95),
        max: histogram.buckets().last().map(|&(value, _)| value),
        histogram,
    }
}

/// Good turns of a row that had `finished` turns.
pub(crate) fn goodput(good: u64, slo: &str, finished: u64, duration: Seconds) -> Goodput {
    #[expect(clippy::cast_precision_loss, reason = "a share to 15 digits is enough")]
    let fraction = (finished > 0).then(|| good as f64 / finished as f64);
    Goodput { slo: slo.to_owned(), good, rate: rate(good, duration.0), fraction }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_of_the_user_and_of_the_system() {
        let sums = StreamSums {
            streams: 2,
            decoded: 90,
            decode_micros: 3_000_000,
            ..StreamSums::default()
        };
        assert_eq!(streaming(sums).and_then(|found| found.user_rate), Some(PerSecond(30.0)));
        assert_eq!(streaming(StreamSums::default()), None);
        let sums = TokenSums {
            output: 100,
            output_length: [(40, 1), (60, 1)].into_iter().collect(),
            ..TokenSums::default()
        };
        let found = token_use(sums, Seconds(4.0)).expect("tokens");
        assert_eq!((found.output_rate, found.output_length.mean), (PerSecond(25.0), Some(50.0)));
    }

    #[test]
    fn failures_are_not_good() {
        let found = goodput(6, "e2e:1000ms", 8, Seconds(2.0));
        assert_eq!((found.fraction, found.rate), (Some(0.75), PerSecond(3.0)));
        assert_eq!(goodput(0, "", 0, Seconds(0.0)).fraction, None);
    }
}
