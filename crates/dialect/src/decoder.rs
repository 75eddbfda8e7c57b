//! From response bytes to an answer or a failure.

use crate::victor::{PlainAnswer, StreamEvent};
use crate::{Answer, Failure, ToolUse, Usage, excerpt};
use victor_clock::Instant;
use victor_types::FailureKind;
use victor_wire::{ContentType, Head, Sink, SseParser};

/// Largest answer kept; a larger one is malformed.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// Most uses of tools in one answer; one with more is malformed.
const MAX_TOOLS: usize = 10_000;
/// How much of an error response is kept as evidence.
const MAX_ERROR: usize = 4 * 1024;

/// Takes the response of one turn.
#[derive(Debug)]
pub struct Decoder {
    streamed: bool,
    body: Body,
    retry_after: Option<u64>,
    /// Where a redirect leads.
    location: Option<String>,
}

#[derive(Debug)]
enum Body {
    Waiting,
    Refused { status: u16, text: Vec<u8> },
    Plain { bytes: Vec<u8> },
    Stream(Box<Stream>),
    Broken(&'static str),
}

#[derive(Debug, Default)]
struct Stream {
    parser: SseParser,
    answer: Answer,
    done: bool,
    error: Option<String>,
    broken: Option<String>,
}

impl Decoder {
    pub(crate) fn new(streamed: bool) -> Self {
        Self { streamed, body: Body::Waiting, retry_after: None, location: None }
    }

    pub(crate) fn of_socket() -> Self {
        Self { body: Body::Stream(Box::default()), ..Self::new(true) }
    }

    /// Takes a text that came on a WebSocket; true when it ends the answer.
    pub fn text(&mut self, text: &str, at: Instant) -> bool {
        let Body::Stream(stream) = &mut self.body else { return true };
        stream.take(text.as_bytes(), at);
        stream.bound();
        stream.done || stream.error.is_some() || stream.broken.is_some()
    }

    /// `Retry-After` of the response in seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// When the first piece of the answer's text came; only streams have it.
    #[must_use]
    pub fn first_content(&self) -> Option<Instant> {
        match &self.body {
            Body::Stream(stream) => stream.answer.first_token,
            Body::Waiting | Body::Refused { .. } | Body::Plain { .. } | Body::Broken(_) => None,
        }
    }

    /// The answer, once the response is complete.
    ///
    /// # Errors
    /// The first thing that is wrong, in the order status, body, what the body says.
    pub fn finish(self) -> Result<Answer, Failure> {
        match self.body {
            Body::Waiting => Err(Failure::new(FailureKind::MalformedBody, "no response")),
            Body::Refused { status, text } => {
                if let (300..=399, Some(location)) = (status, self.location) {
                    return Err(Failure::new(FailureKind::HttpStatus(status), redirect(&location)));
                }
                let seen = excerpt(&String::from_utf8_lossy(&text));
                Err(Failure::new(FailureKind::HttpStatus(status), seen))
            }
            Body::Broken(why) => Err(Failure::new(FailureKind::MalformedBody, why)),
            Body::Plain { bytes } => plain(&bytes),
            Body::Stream(stream) => stream.finish(),
        }
    }
}

fn plain(bytes: &[u8]) -> Result<Answer, Failure> {
    let malformed = |why: String| {
        let start = excerpt(&String::from_utf8_lossy(&bytes[..bytes.len().min(300)]));
        Failure::new(FailureKind::MalformedBody, format!("{why}: {start}"))
    };
    let mut body: PlainAnswer =
        serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    if let Some(error) = body.error.take() {
        return Err(Failure::new(FailureKind::ErrorIn200, excerpt(&error.to_string())));
    }
    match body.response.take() {
        None => Err(malformed("the field `response` is missing".to_owned())),
        Some(text) if text.trim().is_empty() => Err(empty()),
        Some(text) => Ok(body.into_answer(text)),
    }
}

fn redirect(location: &str) -> String {
    excerpt(&format!("a redirect to {location}: name that in --host, or use --follow-redirects 1"))
}

fn empty() -> Failure {
    Failure::new(FailureKind::EmptyAnswer, "an answer without text")
}

impl Stream {
    fn feed(&mut self, data: &[u8], at: Instant) {
        let mut parser = std::mem::take(&mut self.parser);
        let fed = parser.feed(data, |event| {
            if event.data == b"[DONE]" {
                self.done = true;
            } else {
                self.take(event.data, at);
            }
        });
        self.parser = parser;
        if let Err(too_long) = fed {
            self.broken.get_or_insert_with(|| too_long.to_string());
        }
        self.bound();
    }

    /// Takes the JSON of one event.
    fn take(&mut self, data: &[u8], at: Instant) {
        match serde_json::from_slice(data) {
            Ok(event) => self.hear(event, at),
            Err(why) => {
                let seen = excerpt(&String::from_utf8_lossy(data));
                self.broken.get_or_insert_with(|| format!("{why}: {seen}"));
            }
        }
    }

    /// Gives up an answer that would fill the memory.
    fn bound(&mut self) {
        let answer = &mut self.answer;
        if answer.text.len() > MAX_ANSWER || answer.tools.len() > MAX_TOOLS {
            let why = || "an answer of over 16 MiB or 10,000 tools".to_owned();
            self.broken.get_or_insert_with(why);
            *answer = Answer { first_token: answer.first_token, ..Answer::default() };
        }
    }

    fn hear(&mut self, event: StreamEvent, at: Instant) {
        let answer = &mut self.answer;
        match event {
            StreamEvent::Request { session_id } => answer.session_id = session_id,
            StreamEvent::Content { content } => {
                if !content.is_empty() {
                    answer.first_token.get_or_insert(at);
                }
                answer.text.push_str(&content);
            }
            StreamEvent::ToolResult { tool_result: Some(call) } => {
                answer.tools.push(ToolUse::from(call));
            }
            StreamEvent::Usage { usage: Some(usage) } => answer.usage = Some(Usage::from(usage)),
            StreamEvent::Error { message } => self.error = Some(message),
            StreamEvent::Done { session_id, usage } => {
                self.done = true;
                answer.session_id = session_id.or(answer.session_id.take());
                answer.usage = usage.map(Usage::from).or(answer.usage);
            }
            StreamEvent::ToolCall {}
            | StreamEvent::ToolResult { tool_result: None }
            | StreamEvent::Usage { usage: None }
            | StreamEvent::Unknown => {}
        }
    }

    fn finish(self) -> Result<Answer, Failure> {
        if let Some(error) = self.error {
            return Err(Failure::new(FailureKind::ErrorIn200, excerpt(&error)));
        }
        if let Some(broken) = self.broken {
            return Err(Failure::new(FailureKind::MalformedBody, broken));
        }
        if !self.done {
            return Err(Failure::new(FailureKind::Cut, "the stream ended without [DONE]"));
        }
        if self.answer.text.trim().is_empty() { Err(empty()) } else { Ok(self.answer) }
    }
}

impl Sink for Decoder {
    fn head(&mut self, head: &Head, _at: Instant) {
        self.retry_after = head.retry_after;
        self.location.clone_from(&head.location);
        self.body = match (head.status, head.content_type) {
            (200..=299, ContentType::EventStream) => Body::Stream(Box::default()),
            (200..=299, ContentType::Json) => Body::Plain { bytes: Vec::new() },
            (200..=299, ContentType::Other) if self.streamed => {
                Body::Broken("a stream was asked for and the content-type is not text/event-stream")
            }
            (200..=299, ContentType::Other) => Body::Plain { bytes: Vec::new() },
            (status, _) => Body::Refused { status, text: Vec::new() },
        };
    }

    fn data(&mut self, data: &[u8], at: Instant) {
        match &mut self.body {
            Body::Waiting | Body::Broken(_) => {}
            Body::Refused { text, .. } => {
                let room = MAX_ERROR.saturating_sub(text.len());
                text.extend_from_slice(&data[..data.len().min(room)]);
            }
            Body::Plain { bytes } if bytes.len() + data.len() > MAX_ANSWER => {
                self.body = Body::Broken("an answer of over 16 MiB");
            }
            Body::Plain { bytes } => bytes.extend_from_slice(data),
            Body::Stream(stream) => stream.feed(data, at),
        }
    }
}

#[cfg(test)]
mod tests {
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
        let text =
            format!("data: {{\"type\":\"content\",\"content\":\"{}\"}}\n\n", "x".repeat(200));
        let tool = "data: {\"type\":\"tool_result\",\"tool_result\":{\"name\":\"a\",\"status\":\"ok\"}}\n\n";
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
        assert!(
            failure.seen.contains("https://h/x") && failure.seen.contains("--follow-redirects")
        );
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
        let (meta, rest) = STREAM
            .split_at(STREAM.find("data: {\"type\":\"content\",\"content\":\"h").expect("there"));
        decoder.data(meta.as_bytes(), start);
        decoder.data(rest.as_bytes(), later);
        assert_eq!(decoder.finish().expect("answer").first_token, Some(later));
    }
}
