//! Responses from bytes, without I/O.

use crate::Head;
use crate::head::ends_with_ignoring_case;
use std::num::NonZeroU64;

/// Largest response head accepted.
const MAX_HEAD: usize = 64 * 1024;
/// Most header fields accepted.
const MAX_FIELDS: usize = 100;
/// Longest chunk-size line accepted, extensions included.
const MAX_CHUNK_LINE: usize = 1024;

/// Bytes that are not an HTTP/1.1 response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The head is not HTTP.
    #[error("{0}")]
    Head(httparse::Error),
    /// The head is larger than 64 KiB or has more than 100 fields.
    #[error("the response head is too large")]
    HeadTooLarge,
    /// `Content-Length` is not a number, or two of them disagree.
    #[error("the content-length is not a number")]
    ContentLength,
    /// Broken chunked encoding.
    #[error("broken chunked encoding")]
    Chunk,
    /// Bytes after the end of the response.
    #[error("bytes after the end of the response")]
    Surplus,
    /// A compressed body that is not what its encoding says, or is cut short.
    #[error("the body is not what its content-encoding says: {0}")]
    Encoding(String),
    /// What came is no WebSocket, or not what may be said on this one.
    #[error("the peer broke the rules of WebSockets: {0}")]
    WebSocket(String),
    /// The peer broke the rules of HTTP/2.
    #[error("the peer broke the rules of HTTP/2: {0}")]
    Http2(String),
}

/// What [`ResponseParser::next`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The head is complete.
    Head(Head),
    /// A piece of the body, chunked encoding removed.
    Data(&'a [u8]),
    /// The response is complete.
    End,
}

#[derive(Debug)]
enum State {
    Head,
    Length(NonZeroU64),
    UntilClose,
    ChunkSize,
    ChunkData(NonZeroU64),
    /// After a chunk's data: its line break.
    ChunkBreak,
    Trailer,
    Done,
    Ended,
}

/// Takes bytes in any pieces and gives events. One response each; make a new one for the next.
#[derive(Debug)]
pub struct ResponseParser {
    state: State,
    /// Bytes of an unfinished head or line; empty most of the time.
    pending: Vec<u8>,
    body: BodyRule,
}

/// Whether the request lets the response have a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyRule {
    AsHead,
    None,
}

impl Default for ResponseParser {
    fn default() -> Self {
        Self { state: State::Head, pending: Vec::new(), body: BodyRule::AsHead }
    }
}

impl ResponseParser {
    /// For the response to a `HEAD`, or to a `CONNECT` that succeeds: whatever its head says, it has no
    /// body.
    #[must_use]
    pub fn bodiless() -> Self {
        Self { body: BodyRule::None, ..Self::default() }
    }

    /// The next event of `input`, which moves past what was used. `None` means that more bytes are
    /// needed.
    ///
    /// # Errors
    /// When the bytes are not a response; the connection is of no use then.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Event<'a>>, ParseError> {
        loop {
            match self.state {
                State::Head => match self.head(input)? {
                    Some(head) if head.status < 200 => {}
                    Some(head) => return Ok(Some(Event::Head(head))),
                    None => return Ok(None),
                },
                State::Length(left) => {
                    let Some((data, left)) = take_data(input, left) else { return Ok(None) };
                    self.state = left.map_or(State::Done, State::Length);
                    return Ok(Some(Event::Data(data)));
                }
                State::UntilClose => {
                    let data = std::mem::take(input);
                    return Ok((!data.is_empty()).then_some(Event::Data(data)));
                }
                State::ChunkSize => {
                    let Some(size) = self.line(input)?.map(|line| chunk_size(&line)) else {
                        return Ok(None);
                    };
                    self.state = NonZeroU64::new(size?).map_or(State::Trailer, State::ChunkData);
                }
                State::ChunkData(left) => {
                    let Some((data, left)) = take_data(input, left) else { return Ok(None) };
                    self.state = left.map_or(State::ChunkBreak, State::ChunkData);
                    return Ok(Some(Event::Data(data)));
                }
                State::ChunkBreak => match self.line(input)? {
                    Some(line) if line.is_empty() => self.state = State::ChunkSize,
                    Some(_) => return Err(ParseError::Chunk),
                    None => return Ok(None),
                },
                State::Trailer => match self.line(input)? {
                    Some(line) if line.is_empty() => self.state = State::Done,
                    Some(_) => {}
                    None => return Ok(None),
                },
                State::Done => {
                    self.state = State::Ended;
                    return Ok(Some(Event::End));
                }
                State::Ended if input.is_empty() => return Ok(None),
                State::Ended => return Err(ParseError::Surplus),
            }
        }
    }

    /// Tells that the connection has ended. True when the response is complete by that.
    #[must_use]
    pub fn close(&mut self) -> bool {
        matches!(self.state, State::UntilClose | State::Done | State::Ended)
    }

    /// Reads the head; sets the state for the body.
    fn head(&mut self, input: &mut &[u8]) -> Result<Option<Head>, ParseError> {
        let buffered = self.pending.len();
        let bytes = if buffered == 0 {
            *input
        } else {
            self.pending.extend_from_slice(input);
            &self.pending
        };
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut response = httparse::Response::new(&mut fields);
        match response.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => {
                let (head, state) = read_head(&response, self.body)?;
                self.state = state;
                *input = &input[length - buffered..];
                self.pending = Vec::new();
                Ok(Some(head))
            }
            Ok(httparse::Status::Partial) if bytes.len() > MAX_HEAD => {
                Err(ParseError::HeadTooLarge)
            }
            Ok(httparse::Status::Partial) => {
                if buffered == 0 {
                    self.pending.extend_from_slice(input);
                }
                *input = &[];
                Ok(None)
            }
            Err(httparse::Error::TooManyHeaders) => Err(ParseError::HeadTooLarge),
            Err(error) => Err(ParseError::Head(error)),
        }
    }

    /// One line without its break, or `None` when it is not complete yet.
    fn line(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, ParseError> {
        let end = memchr::memchr(b'\n', input);
        let part = &input[..end.unwrap_or(input.len())];
        if self.pending.len() + part.len() > MAX_CHUNK_LINE {
            return Err(ParseError::Chunk);
        }
        self.pending.extend_from_slice(part);
        let Some(end) = end else {
            *input = &[];
            return Ok(None);
        };
        *input = &input[end + 1..];
        let mut line = std::mem::take(&mut self.pending);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }
}

/// Up to `left` bytes of `input`, and what is left after them.
fn take_data<'a>(input: &mut &'a [u8], left: NonZeroU64) -> Option<(&'a [u8], Option<NonZeroU64>)> {
    let length = usize::try_from(left.get()).unwrap_or(usize::MAX).min(input.len());
    if length == 0 {
        return None;
    }
    let (data, rest) = input.split_at(length);
    *input = rest;
    Some((data, NonZeroU64::new(left.get() - length as u64)))
}

fn chunk_size(line: &[u8]) -> Result<u64, ParseError> {
    let digits = line.split(|&byte| byte == b';').next().unwrap_or(line).trim_ascii();
    let text = std::str::from_utf8(digits).map_err(|_| ParseError::Chunk)?;
    if text.starts_with('+') {
        return Err(ParseError::Chunk);
    }
    u64::from_str_radix(text, 16).map_err(|_| ParseError::Chunk)
}

/// RFC 9110, section 8.6: digits and nothing else.
fn content_length(value: &[u8]) -> Result<u64, ParseError> {
    let digits = value.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(value).ok().filter(|_| digits);
    text.and_then(|text| text.parse().ok()).ok_or(ParseError::ContentLength)
}

fn read_head(
    response: &httparse::Response<'_, '_>,
    body: BodyRule,
) -> Result<(Head, State), ParseError> {
    let status = response.code.unwrap_or(0);
    let mut head = Head { status, keep_alive: response.version == Some(1), ..Head::default() };
    let (mut length, mut chunked) = (None, false);
    for field in response.headers.iter() {
        let name = field.name;
        let value = field.value.trim_ascii();
        if name.eq_ignore_ascii_case("content-length") {
            let number = content_length(value)?;
            if length.is_some_and(|before| before != number) {
                return Err(ParseError::ContentLength);
            }
            length = Some(number);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = ends_with_ignoring_case(value, b"chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            head.keep_alive = !value.eq_ignore_ascii_case(b"close")
                && (head.keep_alive || value.eq_ignore_ascii_case(b"keep-alive"));
        } else {
            head.take(name, value);
        }
    }
    if body == BodyRule::None && status >= 200 {
        return Ok((head, State::Done));
    }
    let state = match (status, chunked, length) {
        (100..=199, ..) => State::Head,
        (204 | 304, ..) => State::Done,
        (_, true, _) => State::ChunkSize,
        (_, false, Some(length)) => NonZeroU64::new(length).map_or(State::Done, State::Length),
        (_, false, None) => {
            head.keep_alive = false;
            State::UntilClose
        }
    };
    Ok((head, state))
}

#[cfg(test)]
mod tests;
