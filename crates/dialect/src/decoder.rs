//! From response bytes to an answer or a failure.

use crate::dialect::Shape;
use crate::heard::{Heard, MAX_ANSWER};
use crate::{Answer, Failure, excerpt};
use victor_clock::Instant;
use victor_types::FailureKind;
use victor_wire::{ContentType, Head, Sink, SseParser};

/// How much of an error response is kept as evidence.
const MAX_ERROR: usize = 4 * 1024;

/// Takes the response of one turn.
#[derive(Debug)]
pub struct Decoder {
    shape: Shape,
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
    heard: Heard,
}

impl Decoder {
    pub(crate) fn new(shape: Shape, streamed: bool) -> Self {
        Self { shape, streamed, body: Body::Waiting, retry_after: None, location: None }
    }

    pub(crate) fn of_socket(shape: Shape) -> Self {
        Self { body: Body::Stream(Box::default()), ..Self::new(shape, true) }
    }

    /// Takes a text that came on a WebSocket; true when it ends the answer.
    pub fn text(&mut self, text: &str, at: Instant) -> bool {
        let Body::Stream(stream) = &mut self.body else { return true };
        take(&self.shape, &mut stream.heard, text.as_bytes(), at);
        stream.heard.is_done()
    }

    /// `Retry-After` of the response in seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// True when the answer has come to an end of its own, or to an error, whatever the connection
    /// does after that.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(&self.body, Body::Stream(stream) if stream.heard.is_done())
    }

    /// When the first piece of the answer's content came; only streams have it.
    #[must_use]
    pub fn first_content(&self) -> Option<Instant> {
        match &self.body {
            Body::Stream(stream) => stream.heard.first_content(),
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
            Body::Plain { bytes } => self.shape.plain(&bytes),
            Body::Stream(stream) => {
                let Stream { parser, mut heard } = *stream;
                heard.comments(parser.comments());
                if self.shape.end().is_none() && parser.is_clean() {
                    heard.done();
                }
                heard.finish(self.shape.end().unwrap_or("the end of its last event"))
            }
        }
    }
}

fn redirect(location: &str) -> String {
    excerpt(&format!("a redirect to {location}: name that in --host, or use --follow-redirects 1"))
}

/// Takes the data of one event.
fn take(shape: &Shape, heard: &mut Heard, data: &[u8], at: Instant) {
    if let Err(why) = shape.hear(data, heard) {
        let seen = excerpt(&String::from_utf8_lossy(data));
        heard.broken(format!("{why}: {seen}"));
    }
    heard.event_ends(at);
}

impl Stream {
    fn feed(&mut self, shape: &Shape, data: &[u8], at: Instant) {
        let Self { parser, heard } = self;
        let fed = parser.feed(data, |event| {
            if !heard.is_done() {
                take(shape, heard, event.data, at);
            }
        });
        if let Err(too_long) = fed {
            heard.broken(too_long.to_string());
        }
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
            Body::Stream(stream) => stream.feed(&self.shape, data, at),
        }
    }
}

#[cfg(test)]
mod tests;
