//! Streams and their edges.

use crate::{STREAM, heard, streamed};
use proptest::prelude::*;
use victor_clock::Duration;
use victor_dialect::{StreamTimes, Tokens};
use victor_plan::Api;

const ROLE: &str = r#"data: {"choices":[{"delta":{"role":"assistant","content":""}}]}"#;
const HE: &str = r#"data: {"choices":[{"delta":{"content":"hé"}}]}"#;
const LLO: &str = r#"data: {"choices":[{"delta":{"content":"llo"}}]}"#;
const EMPTY: &str = r#"data: {"choices":[{"delta":{}}]}"#;
const STOP: &str = r#"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"data: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":7}}"#;
const DONE: &str = "data: [DONE]";

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn roles_empty_pieces_usage_and_keep_alives_are_no_tokens() {
    let events = [": ping", ROLE, EMPTY, HE, EMPTY, LLO, STOP, ": ping", USAGE, DONE];
    let (answer, start) = streamed(Api::OpenAi, &events);
    let times = answer.stream.as_deref().expect("a stream");
    assert_eq!(answer.text, "héllo");
    assert_eq!(times.first_event(), Some(start + ms(1)), "the role, not the comment");
    assert_eq!(times.first_chunk(), Some(start + ms(3)));
    assert_eq!(times.last_chunk(), Some(start + ms(5)), "neither usage nor the end extend it");
    assert_eq!((times.chunks(), times.comments(), times.gaps()), (2, 2, &[2000][..]));
    assert_eq!(answer.output_tokens(), Tokens::Reported(7));
}

#[test]
fn without_usage_the_tokens_are_an_estimate() {
    let (answer, _) = streamed(Api::OpenAi, &[ROLE, HE, LLO, DONE]);
    assert_eq!(answer.output_tokens(), Tokens::Estimated(2), "six bytes");
}

#[test]
fn usage_beside_content_tells_the_tokens_of_the_first_chunk() {
    let first =
        r#"data: {"choices":[{"delta":{"content":"a b c"}}],"usage":{"completion_tokens":3}}"#;
    let last = r#"data: {"choices":[{"delta":{"content":" d"}}],"usage":{"completion_tokens":4}}"#;
    let (answer, _) = streamed(Api::OpenAi, &[first, last, DONE]);
    assert_eq!(answer.stream.as_deref().and_then(StreamTimes::first_chunk_tokens), Some(3));
    assert_eq!(answer.output_tokens(), Tokens::Reported(4));
    let (answer, _) = streamed(Api::OpenAi, &[HE, LLO, USAGE, DONE]);
    assert_eq!(answer.stream.as_deref().and_then(StreamTimes::first_chunk_tokens), None);
}

#[test]
fn reasoning_is_a_token_and_no_output() {
    let openai: &[&str] =
        &[ROLE, r#"data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}"#, HE, DONE];
    let other: &[&str] = &[ROLE, r#"data: {"choices":[{"delta":{"reasoning":"hm"}}]}"#, HE, DONE];
    let responses: &[&str] = &[
        r#"data: {"type":"response.created","response":{}}"#,
        r#"data: {"type":"response.reasoning_summary_text.delta","delta":"hm"}"#,
        r#"data: {"type":"response.output_text.delta","delta":"hé"}"#,
        r#"data: {"type":"response.completed","response":{"usage":{"output_tokens":2}}}"#,
    ];
    let anthropic: &[&str] = &[
        r#"data: {"type":"message_start","message":{"usage":{"input_tokens":3,"output_tokens":1}}}"#,
        r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"hé"}}"#,
        r#"data: {"type":"message_stop"}"#,
    ];
    let all = [
        (Api::OpenAi, openai),
        (Api::OpenAi, other),
        (Api::OpenAiResponses, responses),
        (Api::Anthropic, anthropic),
    ];
    for (api, events) in all {
        let (answer, start) = streamed(api, events);
        let times = answer.stream.as_deref().expect("a stream");
        assert_eq!(answer.text, "hé", "{api}: reasoning is not said aloud");
        assert_eq!(times.first_event(), Some(start), "{api}");
        assert_eq!(times.first_chunk(), Some(start + ms(1)), "{api}");
        assert_eq!(times.first_output(), Some(start + ms(2)), "{api}");
        assert_eq!((times.chunks(), answer.bytes), (2, 5), "{api}");
    }
}

#[test]
fn a_tool_call_in_parts_is_output_and_one_call() {
    let openai: &[&str] = &[
        ROLE,
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"read_file","arguments":""}}]}}]}"#,
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"path\":"}}]}}]}"#,
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"a\"}"}}]}}]}"#,
        DONE,
    ];
    let responses: &[&str] = &[
        r#"data: {"type":"response.created"}"#,
        r#"data: {"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","name":"read_file"}}"#,
        r#"data: {"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"path\":"}"#,
        r#"data: {"type":"response.function_call_arguments.delta","output_index":0,"delta":"\"a\"}"}"#,
        r#"data: {"type":"response.completed","response":{}}"#,
    ];
    let anthropic: &[&str] = &[
        r#"data: {"type":"ping"}"#,
        r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"read_file","input":{}}}"#,
        r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"path\":"}}"#,
        r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\"a\"}"}}"#,
        r#"data: {"type":"message_stop"}"#,
    ];
    for (api, events) in
        [(Api::OpenAi, openai), (Api::OpenAiResponses, responses), (Api::Anthropic, anthropic)]
    {
        let (answer, start) = streamed(api, events);
        let times = answer.stream.as_deref().expect("a stream");
        assert_eq!((answer.tools.len(), answer.tools[0].name.as_str()), (1, "read_file"), "{api}");
        assert!(answer.tools[0].ran, "{api}: its arguments are whole");
        assert_eq!(times.first_tool_call(), Some(start + ms(1)), "{api}");
        assert_eq!((times.first_output(), times.chunks()), (times.first_tool_call(), 3), "{api}");
    }
}

#[test]
fn events_of_one_read_share_its_instant() {
    let body = [ROLE, HE, LLO, LLO, USAGE, DONE].map(|event| format!("{event}\n\n")).concat();
    let answer = heard(Api::OpenAi, STREAM, &[body.as_bytes()]).0.expect("an answer");
    let times = answer.stream.as_deref().expect("a stream");
    assert_eq!((times.chunks(), times.shared(), times.gaps()), (3, 2, &[0, 0][..]));
    assert_eq!(times.first_chunk(), times.last_chunk());
}

#[test]
fn ends_that_never_come_and_errors_after_the_status_are_failures() {
    let text = r#"data: {"type":"response.output_text.delta","delta":"a"}"#;
    let delta = r#"data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}"#;
    let content = r#"data: {"type":"content","content":"a"}"#;
    let failed = r#"data: {"type":"response.failed","response":{"error":{"message":"no"}}}"#;
    let overloaded =
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"overloaded\"}}";
    let cases: [(Api, &[&str], &str); 13] = [
        (Api::OpenAi, &[HE, STOP], "cut"),
        (Api::OpenAi, &[HE, r#"data: {"error":{"message":"no"}}"#], "error_in_200"),
        (Api::OpenAi, &[HE, r#"data: {"error":{"message":"no"}}"#, DONE], "error_in_200"),
        (Api::OpenAi, &[ROLE, USAGE, DONE], "empty_answer"),
        (Api::OpenAi, &["data: {\"choices\":", DONE], "malformed_body"),
        (Api::OpenAiResponses, &[text], "cut"),
        (Api::OpenAiResponses, &[text, failed], "error_in_200"),
        (Api::OpenAiResponses, &[r#"data: {"type":"error","message":"no"}"#], "error_in_200"),
        (Api::Anthropic, &[delta], "cut"),
        (Api::Anthropic, &[delta, overloaded], "error_in_200"),
        (Api::VictorPython, &[content], "cut"),
        (Api::VictorPython, &[content, r#"data: {"type":"error","message":"no"}"#], "error_in_200"),
        (Api::VictorPython, &[r#"data: {"type":"request"}"#, DONE], "empty_answer"),
    ];
    for (api, events, kind) in cases {
        let body: String = events.iter().map(|event| format!("{event}\n\n")).collect();
        let failure = heard(api, STREAM, &[body.as_bytes()]).0.expect_err("failed");
        assert_eq!(failure.kind.to_string(), kind, "{api} {events:?} {}", failure.seen);
    }
}

/// A stream of each API that says "héllo 🌍".
const WORLDS: [(Api, &str); 4] = [
    (
        Api::OpenAi,
        "data: {\"choices\":[{\"delta\":{\"content\":\"héllo\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\" 🌍\"}}]}\n\ndata: [DONE]\n\n",
    ),
    (
        Api::OpenAiResponses,
        "event: response.output_text.delta\r\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"héllo 🌍\"}\r\n\r\ndata: {\"type\":\"response.completed\"}\r\n\r\n",
    ),
    (
        Api::Anthropic,
        "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"héllo 🌍\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ),
    (
        Api::VictorPython,
        "data: {\"type\":\"content\",\"content\":\"héllo \\ud83c\\udf0d\"}\n\ndata: [DONE]\n\n",
    ),
];

proptest! {
    #[test]
    fn a_stream_says_the_same_however_it_is_cut(which in 0..WORLDS.len(), cut in 0_usize..400, more in 0_usize..400) {
        let (api, text) = WORLDS[which];
        let (a, b) = (cut.min(text.len()), more.min(text.len()));
        let (a, b) = (a.min(b), a.max(b));
        let bytes = text.as_bytes();
        let answer = heard(api, STREAM, &[&bytes[..a], &bytes[a..b], &bytes[b..]]).0.expect("an answer");
        prop_assert_eq!(answer.text.as_str(), "héllo 🌍");
    }

    #[test]
    fn no_event_makes_a_decoder_panic(which in 0..WORLDS.len(), event in ".{0,80}") {
        let body = format!("data: {event}\n\n");
        let _ = heard(WORLDS[which].0, STREAM, &[body.as_bytes()]);
    }
}
