//! What a report says of streams and tokens, in the same rows and words for every format.

use crate::number::{counted, ms_or_dash, percent_of, percentile, rate};
use serde::Serialize;
use victor_types::{Distribution, RequestRow, Streaming, TokenUse};

/// One metric of the streamed turns, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MetricRow {
    pub(crate) name: &'static str,
    /// How it is made from the instants of a turn.
    pub(crate) formula: &'static str,
    pub(crate) mean: String,
    pub(crate) p50: String,
    pub(crate) p95: String,
    pub(crate) p99: String,
}

/// The metrics of `row`'s streams, in the order in which a turn goes.
pub(crate) fn metrics(row: &RequestRow, streaming: &Streaming) -> Vec<MetricRow> {
    let all = [
        ("first byte", "sent to the first byte of any kind; no token", &row.first_byte),
        (
            "first event",
            "sent to the first event, also one without content",
            &streaming.first_event,
        ),
        ("TTFT", "sent to the first content, reasoning included", &row.first_token),
        ("TTFO", "sent to the first content that is not reasoning", &streaming.first_output),
        ("first tool call", "sent to the first part of a tool call", &streaming.first_tool_call),
        ("ITL", "(last - first chunk) / (tokens - those of the first)", &streaming.itl),
        ("TPOT", "(last - first chunk) / (tokens - 1)", &streaming.tpot),
        ("ICL", "gap between chunks, all turns together", &streaming.gap),
        ("last token", "sent to the last chunk", &streaming.last_token),
        ("E2E", "sent to the last byte, answers in one piece included", &row.service),
        ("E2E scheduled", "planned instant to the last byte, likewise", &row.latency),
    ];
    let shown = all.into_iter().filter(|(.., times)| times.count > 0);
    shown.map(|(name, formula, times)| MetricRow::of(name, formula, times)).collect()
}

impl MetricRow {
    fn of(name: &'static str, formula: &'static str, times: &Distribution) -> Self {
        let at = |percent| ms_or_dash(percentile(times, percent).map(|p| p.value));
        let mean = ms_or_dash(times.mean);
        Self { name, formula, mean, p50: at(50.0), p95: at(95.0), p99: at(99.0) }
    }
}

/// Tokens and their rates.
pub(crate) fn tokens(tokens: &TokenUse, streaming: Option<&Streaming>) -> String {
    let mut text = format!("{} output tokens/s", rate(tokens.output_rate.0));
    if let Some(user) = streaming.and_then(|streaming| streaming.user_rate) {
        text += &format!(", {} a user while streaming", rate(user.0));
    }
    let lengths = [("ISL", &tokens.input_length), ("OSL", &tokens.output_length)];
    for (name, lengths) in lengths {
        if let (Some(mean), Some(p50), Some(p95)) = (lengths.mean, lengths.p50, lengths.p95) {
            text += &format!("; {name} {mean:.0} on average, {p50} median, {p95} p95");
        }
    }
    if tokens.reasoning > 0 {
        text += &format!("; {} of the output was reasoning", counted(tokens.reasoning, "token"));
    }
    if tokens.cached > 0 {
        let share = percent_of(tokens.cached, tokens.input);
        text += &format!("; {share:.1} % of the prompt tokens came from a cache");
    }
    if tokens.estimated_turns > 0 {
        text += &format!(
            "; the output of {} was estimated, a token for every 4 bytes, as the server reported none",
            counted(tokens.estimated_turns, "turn")
        );
    }
    text
}

/// How the streams came, and what that means for their numbers.
pub(crate) fn arrival(streaming: &Streaming) -> String {
    let mut text = format!(
        "{} with {}; {:.1} % of the chunks shared a read with the one before",
        counted(streaming.streams, "stream"),
        counted(streaming.chunks, "chunk"),
        percent_of(streaming.shared, streaming.chunks)
    );
    if streaming.in_one_piece > 0 {
        text += &format!(
            "; {} of the {} with 8 tokens or more came in one piece",
            streaming.in_one_piece,
            counted(streaming.long, "stream")
        );
    }
    if streaming.single_token > 0 {
        text += &format!("; {} had a single token, which has no ITL", streaming.single_token);
    }
    if streaming.chunked > 0 {
        text += &format!(
            "; {} had fewer chunks than tokens: their first chunk was taken for one token, so their ITL \
             is a lower bound",
            streaming.chunked
        );
    }
    if streaming.comments > 0 {
        text += &format!("; {}", counted(streaming.comments, "keep-alive comment"));
    }
    text
}

/// Goodput in one line; `None` without objectives.
pub(crate) fn goodput(row: &RequestRow) -> Option<String> {
    let goodput = row.goodput.as_ref()?;
    let share =
        goodput.fraction.map(|share| format!(", {:.1} % of the finished turns", share * 100.0));
    Some(format!(
        "{} good turns/s{} within {}; a failure is not good",
        rate(goodput.rate.0),
        share.unwrap_or_default(),
        goodput.slo
    ))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::golden;
    use victor_types::{Goodput, Lengths, Millis, PerSecond, PercentileValue, RunReport};

    fn times(ms: f64) -> Distribution {
        let value = |percent, factor: f64| PercentileValue {
            percent,
            value: Millis(ms * factor),
            interval: None,
            adjusted: None,
        };
        Distribution {
            count: 40,
            mean: Some(Millis(ms * 1.1)),
            percentiles: vec![value(50.0, 1.0), value(95.0, 2.0), value(99.0, 3.0)],
            ..Distribution::default()
        }
    }

    /// The golden report as if its turns had been streamed.
    pub(crate) fn streamed() -> RunReport {
        let mut report = golden::report();
        report.total.first_token = times(120.0);
        report.total.streaming = Some(Streaming {
            streams: 40,
            chunks: 800,
            shared: 8,
            in_one_piece: 2,
            long: 39,
            single_token: 1,
            first_event: times(20.0),
            first_output: times(150.0),
            itl: times(12.0),
            tpot: times(12.0),
            gap: times(11.0),
            last_token: times(400.0),
            user_rate: Some(PerSecond(83.3)),
            ..Streaming::default()
        });
        let lengths = |mean: f64, p50, p95| Lengths {
            count: 40,
            mean: Some(mean),
            p50: Some(p50),
            p95: Some(p95),
            ..Lengths::default()
        };
        report.total.tokens = Some(TokenUse {
            input: 8000,
            cached: 2000,
            output: 830,
            estimated: 30,
            reported_turns: 39,
            estimated_turns: 1,
            input_length: lengths(205.1, 200, 260),
            output_length: lengths(20.7, 20, 41),
            output_rate: PerSecond(27.7),
            ..TokenUse::default()
        });
        let slo = "ttft:300ms".to_owned();
        report.total.goodput =
            Some(Goodput { slo, good: 30, rate: PerSecond(1.0), fraction: Some(0.75) });
        report
    }

    #[test]
    fn what_was_not_measured_has_no_row() {
        let report = streamed();
        let streaming = report.total.streaming.as_ref().expect("streams");
        let names: Vec<&str> =
            metrics(&report.total, streaming).iter().map(|row| row.name).collect();
        assert!(names.contains(&"TTFO") && !names.contains(&"first tool call"), "{names:?}");
    }

    #[test]
    fn an_estimate_is_named_as_one() {
        let report = streamed();
        let used = report.total.tokens.as_ref().expect("tokens");
        assert!(tokens(used, None).contains("1 turn was estimated"));
        let reported = TokenUse { estimated_turns: 0, ..used.clone() };
        assert!(!tokens(&reported, None).contains("estimated"));
    }
}
