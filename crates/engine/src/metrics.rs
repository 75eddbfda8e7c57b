//! The metrics of one turn, from its instants. Definitions: `docs/design/streaming-metrics.md`.

use victor_clock::{Duration, Instant};
use victor_dialect::{Answer, StreamTimes};
use victor_plan::Slo;
use victor_wire::Times;

/// Streams of fewer tokens may come with one read without being held back.
const LONG: u64 = 8;

/// Times of one successful turn; what cannot be said of it is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Metrics {
    /// Planned instant to the last byte.
    pub(crate) e2e_sched: Duration,
    /// Sent to the last byte.
    pub(crate) e2e: Option<Duration>,
    pub(crate) stream: Option<StreamMetrics>,
}

/// What only streams have. All times are from the hand-over of the request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StreamMetrics {
    pub(crate) first_event: Option<Duration>,
    pub(crate) ttft: Duration,
    pub(crate) ttfo: Option<Duration>,
    pub(crate) first_tool_call: Option<Duration>,
    pub(crate) last_token: Duration,
    /// Tokens after the first chunk, and how long they took; `None` for a single token.
    pub(crate) decoded: Option<(u64, Duration)>,
    pub(crate) itl: Option<Duration>,
    pub(crate) tpot: Option<Duration>,
    pub(crate) single_token: bool,
    /// Several tokens a chunk, and those of the first are not known.
    pub(crate) chunked: bool,
    pub(crate) long: bool,
    pub(crate) in_one_piece: bool,
}

impl Metrics {
    pub(crate) fn of(planned: Instant, done: Instant, times: &Times, answer: &Answer) -> Self {
        let sent = times.sent;
        let stream = answer.stream.as_deref();
        Self {
            e2e_sched: done.saturating_duration_since(planned),
            e2e: sent.map(|sent| done.saturating_duration_since(sent)),
            stream: sent.zip(stream).and_then(|(sent, stream)| {
                StreamMetrics::of(sent, stream, answer.output_tokens().count())
            }),
        }
    }

    /// Whether the turn met every objective. An answer in one piece gives its first token when it
    /// gives its last, and a single token has nothing between tokens to be slow.
    pub(crate) fn meets(&self, slo: &Slo) -> bool {
        let within = |bound: Option<Duration>, value: Option<Duration>| {
            bound.is_none_or(|bound| value.is_some_and(|value| value <= bound))
        };
        let unless = |bound: Option<Duration>, value: Option<Duration>| {
            value.is_none() || within(bound, value)
        };
        let (stream, whole) = (self.stream, self.e2e);
        within(slo.ttft, stream.map(|stream| stream.ttft).or(whole))
            && within(slo.ttfo, stream.and_then(|stream| stream.ttfo).or(whole))
            && unless(slo.itl, stream.and_then(|stream| stream.itl))
            && unless(slo.tpot, stream.and_then(|stream| stream.tpot))
            && within(slo.e2e, whole)
            && within(slo.e2e_sched, Some(self.e2e_sched))
    }
}

impl StreamMetrics {
    /// `None` for a stream without chunks. `tokens` are those of the whole answer.
    fn of(sent: Instant, stream: &StreamTimes, tokens: u64) -> Option<Self> {
        let since = |at: Instant| at.saturating_duration_since(sent);
        let (first, last) = (stream.first_chunk()?, stream.last_chunk()?);
        let took = last.saturating_duration_since(first);
        // A chunk is at least a token, whatever was counted or estimated.
        let tokens = tokens.max(stream.chunks());
        let known = stream.first_chunk_tokens().filter(|count| *count <= tokens);
        let first_tokens = known.unwrap_or(1);
        let after = tokens - first_tokens;
        Some(Self {
            first_event: stream.first_event().map(since),
            ttft: since(first),
            ttfo: stream.first_output().map(since),
            first_tool_call: stream.first_tool_call().map(since),
            last_token: since(last),
            decoded: (after > 0 && stream.chunks() > 1).then_some((after, took)),
            itl: divided(took, after).filter(|_| stream.chunks() > 1),
            tpot: divided(took, tokens - 1).filter(|_| stream.chunks() > 1),
            single_token: tokens == 1,
            chunked: known.is_none() && stream.chunks() < tokens,
            long: tokens >= LONG,
            in_one_piece: tokens >= LONG && took.is_zero(),
        })
    }
}

fn divided(span: Duration, by: u64) -> Option<Duration> {
    let by = u32::try_from(by).ok().filter(|by| *by > 0)?;
    Some(span / by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_clock::now;
    use victor_dialect::Usage;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// A turn planned 10 ms before it was sent, whose chunks came at `chunks` ms after that, and
    /// which ended 5 ms after the last of them.
    fn turn(chunks: &[u64], tokens: Option<u64>) -> Metrics {
        let sent = now() + ms(10);
        let at: Vec<Instant> = chunks.iter().map(|after| sent + ms(*after)).collect();
        let usage = tokens.map(|count| Usage { completion_tokens: count, ..Usage::default() });
        let answer = Answer {
            usage,
            bytes: 4 * chunks.len() as u64,
            stream: Some(Box::new(StreamTimes::of_chunks(&at))),
            ..Answer::default()
        };
        let done = sent + ms(chunks.last().copied().unwrap_or(0) + 5);
        Metrics::of(sent - ms(10), done, &Times { sent: Some(sent), ..Times::default() }, &answer)
    }

    #[test]
    fn each_metric_is_its_formula() {
        let metrics = turn(&[100, 150, 200, 300], Some(5));
        let stream = metrics.stream.expect("a stream");
        assert_eq!((stream.ttft, stream.ttfo), (ms(100), Some(ms(100))));
        assert_eq!(stream.last_token, ms(300));
        assert_eq!(stream.itl, Some(ms(50)), "200 ms over 5 - 1 tokens");
        assert_eq!(stream.tpot, Some(ms(50)));
        assert_eq!(stream.decoded, Some((4, ms(200))));
        assert_eq!((metrics.e2e, metrics.e2e_sched), (Some(ms(305)), ms(315)));
        assert!(stream.chunked, "5 tokens in 4 chunks, and nobody says in which");
    }

    #[test]
    fn a_single_token_has_no_time_between_tokens_and_meets_that_objective() {
        let metrics = turn(&[100], Some(1));
        let stream = metrics.stream.expect("a stream");
        assert_eq!((stream.itl, stream.tpot, stream.decoded), (None, None, None));
        assert!(stream.single_token && !stream.in_one_piece);
        let tight = Slo { itl: Some(ms(1)), tpot: Some(ms(1)), ..Slo::default() };
        assert!(metrics.meets(&tight));
        assert!(!metrics.meets(&Slo { ttft: Some(ms(99)), ..tight }));
    }

    #[test]
    fn a_stream_in_one_piece_is_seen_and_has_no_speed() {
        let stream = turn(&[100; 20], Some(20)).stream.expect("a stream");
        assert!(stream.in_one_piece);
        let one_chunk = turn(&[100], Some(200)).stream.expect("a stream");
        assert!(one_chunk.in_one_piece && one_chunk.itl.is_none() && one_chunk.decoded.is_none());
        assert!(!turn(&[100, 100, 100], Some(3)).stream.expect("a stream").in_one_piece, "short");
    }

    #[test]
    fn without_usage_the_chunks_are_the_least_there_can_be() {
        let stream = turn(&[100, 110, 120, 130], None).stream.expect("a stream");
        assert_eq!(stream.itl, Some(ms(10)));
        assert!(!stream.chunked);
    }

    #[test]
    fn a_stream_without_content_has_no_stream_metrics() {
        assert_eq!(turn(&[], Some(3)).stream, None);
    }

    #[test]
    fn an_answer_in_one_piece_is_held_to_its_whole_time() {
        let metrics = Metrics { e2e_sched: ms(60), e2e: Some(ms(50)), stream: None };
        assert!(metrics.meets(&Slo { ttft: Some(ms(50)), itl: Some(ms(1)), ..Slo::default() }));
        assert!(!metrics.meets(&Slo { ttft: Some(ms(49)), ..Slo::default() }));
        assert!(!metrics.meets(&Slo { e2e_sched: Some(ms(55)), ..Slo::default() }));
    }
}
