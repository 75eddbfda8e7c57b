use super::*;
use proptest::prelude::*;
use victor_clock::{Duration, now};

fn head(status: u16, content_type: ContentType) -> Head {
    Head { status, content_type, ..Head::default() }
}

fn decode(status: u16, content_type: ContentType, body: &str) -> Result<Answer, Failure> {
    let mut decoder = Decoder::new(content_type == ContentType::EventStream);
    decoder.head(&head(status, content_type), now());
    decoder.data(body.as_bytes(), now());
    decoder.finish()
}

fn kind(status: u16, content_type: ContentType, body: &str) -> FailureKind {
    decode(status, content_type, body).expect_err(body).kind
}

#[test]
fn a_plain_answer_is_read_whole() {
    let answer = decode(
        200,
        ContentType::Json,
        r#"{"response":"hi","session_id":"s","tool_calls":[{"name":"read_file","status":"failed"},{"name":"x","status":"refused"}],
            "usage":{"prompt_tokens":3,"completion_tokens":1},"unknown":[1]}"#,
    )
    .expect("answer");
    assert_eq!((answer.text.as_str(), answer.session_id.as_deref()), ("hi", Some("s")));
    assert_eq!(answer.tools.iter().map(|tool| tool.ran).collect::<Vec<_>>(), [true, false]);
    assert_eq!(answer.usage, Some(Usage { prompt_tokens: 3, completion_tokens: 1 }));
}

#[test]
fn a_success_status_alone_is_no_success() {
    use ContentType::{EventStream, Json, Other};
    assert_eq!(kind(503, Json, "{}"), FailureKind::HttpStatus(503));
    assert_eq!(kind(302, Other, ""), FailureKind::HttpStatus(302));
    assert_eq!(kind(200, Json, "{\"response\":"), FailureKind::MalformedBody);
    assert_eq!(kind(200, Json, "{}"), FailureKind::MalformedBody);
    assert_eq!(kind(200, Json, "[]"), FailureKind::MalformedBody);
    assert_eq!(kind(200, Json, "{\"response\":\" \"}"), FailureKind::EmptyAnswer);
    assert_eq!(kind(200, Json, "{\"error\":{\"message\":\"no\"}}"), FailureKind::ErrorIn200);
    assert_eq!(kind(200, EventStream, "data: [DONE]\n\n"), FailureKind::EmptyAnswer);
    assert_eq!(
        kind(200, EventStream, "data: {\"type\":\"content\",\"content\":\"a\"}\n\n"),
        FailureKind::Cut
    );
    assert_eq!(
        kind(200, EventStream, "data: {\"type\":\"error\",\"message\":\"x\"}\n\n"),
        FailureKind::ErrorIn200
    );
    assert_eq!(
        kind(200, EventStream, "data: {nonsense\n\ndata: [DONE]\n\n"),
        FailureKind::MalformedBody
    );
}

#[test]
fn an_answer_on_a_socket_ends_with_its_last_frame() {
    let frames = |texts: &[&str]| {
        let mut decoder = Decoder::of_socket();
        let ends: Vec<bool> = texts.iter().map(|text| decoder.text(text, now())).collect();
        (ends, decoder.finish())
    };
    let content = r#"{"type":"content","content":"hi"}"#;
    let done = r#"{"type":"done","session_id":"s","usage":{"completion_tokens":2}}"#;
    let (ends, answer) = frames(&[r#"{"type":"pong"}"#, content, done]);
    let answer = answer.expect("an answer");
    assert_eq!((ends, answer.text.as_str()), (vec![false, false, true], "hi"));
    assert_eq!(answer.session_id.as_deref(), Some("s"));
    assert!(answer.first_token.is_some());
    let kind = |texts: &[&str]| frames(texts).1.expect_err("a failure").kind;
    assert_eq!(kind(&[content]), FailureKind::Cut);
    assert_eq!(kind(&[done]), FailureKind::EmptyAnswer);
    assert_eq!(kind(&["nonsense"]), FailureKind::MalformedBody);
    let error = r#"{"type":"error","code":"busy","message":"later"}"#;
    assert_eq!(kind(&[content, error]), FailureKind::ErrorIn200);
}

#[test]
fn what_is_no_utf_8_or_no_event_is_malformed() {
    use ContentType::{EventStream, Json};
    let bodies: [(ContentType, &[u8]); 4] = [
        (Json, b"{\"response\":\"\xff\"}"),
        (EventStream, b"data: {\"type\":\"content\",\"content\":\"\xc3\"}\n\ndata: [DONE]\n\n"),
        (EventStream, b"data: \xff\xfe\n\ndata: [DONE]\n\n"),
        (EventStream, b"data: {\"type\":\"content\",\ndata: \n\ndata: [DONE]\n\n"),
    ];
    for (content_type, body) in bodies {
        let mut decoder = Decoder::new(content_type == EventStream);
        decoder.head(&head(200, content_type), now());
        decoder.data(body, now());
        let failure = decoder.finish().expect_err("not an answer");
        assert_eq!(failure.kind, FailureKind::MalformedBody, "{failure:?}");
    }
}

#[test]
fn a_stream_without_end_is_not_kept() {
    let text = format!("data: {{\"type\":\"content\",\"content\":\"{}\"}}\n\n", "x".repeat(200));
    let tool =
        "data: {\"type\":\"tool_result\",\"tool_result\":{\"name\":\"a\",\"status\":\"ok\"}}\n\n";
    for piece in [&b"data: x"[..], b"x", text.as_bytes(), tool.as_bytes()] {
        let mut decoder = Decoder::new(true);
        decoder.head(&head(200, ContentType::EventStream), now());
        let piece = piece.repeat((1 << 20) / piece.len());
        for _ in 0..24 {
            decoder.data(&piece, now());
            let Body::Stream(stream) = &decoder.body else { panic!("a stream") };
            assert!(stream.parser.kept() <= 6 << 20, "{}", stream.parser.kept());
            assert!(stream.answer.text.len() <= MAX_ANSWER + piece.len());
            assert!(stream.answer.tools.len() <= MAX_TOOLS + piece.len() / 64);
        }
        let failure = decoder.finish().expect_err("no end");
        assert_eq!(failure.kind, FailureKind::MalformedBody, "{failure:?}");
    }
}

#[test]
fn a_redirect_says_where_to_and_how_to_follow_it() {
    let mut decoder = Decoder::new(false);
    let location = Some("https://h/x".to_owned());
    decoder.head(&Head { status: 308, location, ..Head::default() }, now());
    let failure = decoder.finish().expect_err("a redirect");
    assert_eq!(failure.kind, FailureKind::HttpStatus(308));
    assert!(failure.seen.contains("https://h/x") && failure.seen.contains("--follow-redirects"));
}

const STREAM: &str = "data: {\"type\":\"request\",\"request_id\":\"r\",\"session_id\":\"s\"}\n\n\
    data: {\"type\":\"content\",\"content\":\"\"}\n\ndata: {\"type\":\"content\",\"content\":\"hé\"}\n\n\
    data: {\"type\":\"tool_result\",\"tool_result\":{\"name\":\"read_file\",\"status\":\"ok\"}}\n\n\
    data: {\"type\":\"content\",\"content\":\"llo\"}\n\n\
    data: {\"type\":\"usage\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";

proptest! {
    #[test]
    fn a_stream_is_the_same_over_every_split(cut in 0..STREAM.len()) {
        let mut decoder = Decoder::new(true);
        decoder.head(&head(200, ContentType::EventStream), now());
        decoder.data(&STREAM.as_bytes()[..cut], now());
        decoder.data(&STREAM.as_bytes()[cut..], now());
        let answer = decoder.finish().expect("answer");
        prop_assert_eq!(answer.text.as_str(), "héllo");
        prop_assert_eq!(answer.session_id.as_deref(), Some("s"));
        prop_assert!(answer.tools[0].ran);
        prop_assert_eq!(answer.usage.map(|usage| usage.completion_tokens), Some(2));
    }
}

#[test]
fn the_first_token_is_the_first_text_not_the_first_event() {
    let mut decoder = Decoder::new(true);
    let start = now();
    decoder.head(&head(200, ContentType::EventStream), start);
    let later = start + Duration::from_secs(1);
    let (meta, rest) =
        STREAM.split_at(STREAM.find("data: {\"type\":\"content\",\"content\":\"h").expect("there"));
    decoder.data(meta.as_bytes(), start);
    decoder.data(rest.as_bytes(), later);
    assert_eq!(decoder.finish().expect("answer").first_token, Some(later));
}
