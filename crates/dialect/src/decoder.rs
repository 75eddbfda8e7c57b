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
mod tests;
