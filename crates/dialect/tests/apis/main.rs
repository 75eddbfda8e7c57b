//! Every API's answers, plain and streamed, with what streams have in store: metadata before the
//! first token, roles and empty pieces, reasoning, tool calls in parts, usage in odd places,
//! keep-alives, errors and ends that never come.

mod plain;
mod requests;
mod streams;

use victor_clock::{Duration, Instant, now};
use victor_dialect::{Answer, Dialect, Failure};
use victor_plan::Api;
use victor_wire::{Event, ResponseParser, Sink as _};

/// What comes of a response whose body arrives in `pieces`, a millisecond apart, with the instant of
/// the first piece.
pub(crate) fn heard(api: Api, kind: &str, pieces: &[&[u8]]) -> (Result<Answer, Failure>, Instant) {
    let start = now();
    let mut decoder = Dialect::new(api).with_stream(kind == STREAM).decoder();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n\r\n");
    let mut parser = ResponseParser::default();
    let mut at = start;
    let mut read = |mut bytes: &[u8], at: Instant| {
        while let Some(event) = parser.next(&mut bytes).expect("HTTP") {
            match event {
                Event::Head(head) => decoder.head(&head, at),
                Event::Data(data) => decoder.data(data, at),
                Event::End => {}
            }
        }
    };
    read(head.as_bytes(), at);
    for piece in pieces {
        read(piece, at);
        at += Duration::from_millis(1);
    }
    (decoder.finish(), start)
}

pub(crate) const STREAM: &str = "text/event-stream";
pub(crate) const JSON: &str = "application/json";

/// The answer of a stream whose events each arrive with a read of their own.
pub(crate) fn streamed(api: Api, events: &[&str]) -> (Answer, Instant) {
    let events: Vec<String> = events.iter().map(|event| format!("{event}\n\n")).collect();
    let pieces: Vec<&[u8]> = events.iter().map(String::as_bytes).collect();
    let (answer, start) = heard(api, STREAM, &pieces);
    (answer.expect("an answer"), start)
}
