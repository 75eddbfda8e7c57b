//! Responses from bytes, without I/O.

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
}

/// What the head of a response says, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Status code.
    pub status: u16,
    /// Kind of body.
    pub content_type: ContentType,
    /// Whether the connection can be used again.
    pub keep_alive: bool,
    /// `Retry-After` in seconds, when given as a number.
    pub retry_after: Option<u64>,
}

/// Kinds of body told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// `application/json` and `+json` types.
    Json,
    /// `text/event-stream`.
    EventStream,
    /// Anything else, or none named.
    Other,
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
}

impl Default for ResponseParser {
    fn default() -> Self {
        Self { state: State::Head, pending: Vec::new() }
    }
}

impl ResponseParser {
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
                let (head, state) = read_head(&response)?;
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

fn read_head(response: &httparse::Response<'_, '_>) -> Result<(Head, State), ParseError> {
    let status = response.code.unwrap_or(0);
    let mut head = Head {
        status,
        content_type: ContentType::Other,
        keep_alive: response.version == Some(1),
        retry_after: None,
    };
    let (mut length, mut chunked) = (None, false);
    for field in response.headers.iter() {
        let name = field.name;
        let value = field.value.trim_ascii();
        if name.eq_ignore_ascii_case("content-length") {
            let number = std::str::from_utf8(value).ok().and_then(|text| text.parse::<u64>().ok());
            let number = number.ok_or(ParseError::ContentLength)?;
            if length.is_some_and(|before| before != number) {
                return Err(ParseError::ContentLength);
            }
            length = Some(number);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = ends_with_ignoring_case(value, b"chunked");
        } else if name.eq_ignore_ascii_case("content-type") {
            head.content_type = content_type(value);
        } else if name.eq_ignore_ascii_case("connection") {
            head.keep_alive = !value.eq_ignore_ascii_case(b"close")
                && (head.keep_alive || value.eq_ignore_ascii_case(b"keep-alive"));
        } else if name.eq_ignore_ascii_case("retry-after") {
            head.retry_after = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        }
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

fn content_type(value: &[u8]) -> ContentType {
    let essence = value.split(|&byte| byte == b';').next().unwrap_or(value).trim_ascii();
    if essence.eq_ignore_ascii_case(b"application/json")
        || ends_with_ignoring_case(essence, b"+json")
    {
        ContentType::Json
    } else if essence.eq_ignore_ascii_case(b"text/event-stream") {
        ContentType::EventStream
    } else {
        ContentType::Other
    }
}

fn ends_with_ignoring_case(value: &[u8], end: &[u8]) -> bool {
    value.len() >= end.len() && value[value.len() - end.len()..].eq_ignore_ascii_case(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Parses `bytes` in pieces cut at `cuts`; gives status, body and whether it ended.
    fn parse(bytes: &[u8], cuts: &[usize]) -> Result<(u16, Vec<u8>, bool), ParseError> {
        let mut parser = ResponseParser::default();
        let (mut status, mut body, mut ended) = (0, Vec::new(), false);
        let mut edges: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        edges.extend([0, bytes.len()]);
        edges.sort_unstable();
        for pair in edges.windows(2) {
            let mut input = &bytes[pair[0]..pair[1]];
            while let Some(event) = parser.next(&mut input)? {
                match event {
                    Event::Head(head) => status = head.status,
                    Event::Data(data) => body.extend_from_slice(data),
                    Event::End => ended = true,
                }
            }
            assert!(input.is_empty(), "all input is used");
        }
        Ok((status, body, ended || parser.close()))
    }

    const CHUNKED: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
        content-type: text/event-stream; charset=utf-8\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\ntrailer: 1\r\n\r\n";
    const SIZED: &[u8] = b"HTTP/1.1 503 Busy\r\nContent-Length: 5\r\nRetry-After: 7\r\n\r\nsorry";
    const CLOSED: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nuntil the end";

    proptest! {
        #[test]
        fn any_split_gives_the_same_response(cuts in prop::collection::vec(0_usize..500, 0..8)) {
            prop_assert_eq!(parse(CHUNKED, &cuts), Ok((200, b"hello!".to_vec(), true)));
            prop_assert_eq!(parse(SIZED, &cuts), Ok((503, b"sorry".to_vec(), true)));
            prop_assert_eq!(parse(CLOSED, &cuts), Ok((200, b"until the end".to_vec(), true)));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..300) {
            let _ = parse(&bytes, &[cut]);
            let mut after_head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
            after_head.extend(bytes);
            let _ = parse(&after_head, &[cut]);
        }
    }

    #[test]
    fn a_cut_response_is_not_complete() {
        for bytes in [CHUNKED, SIZED] {
            let (_, _, ended) = parse(&bytes[..bytes.len() - 3], &[]).expect("parses");
            assert!(!ended);
        }
    }

    #[test]
    fn broken_framing_is_refused() {
        let broken: [(&[u8], ParseError); 5] = [
            (b"HTTP/1.1 200 OK\r\ncontent-length: 2x\r\n\r\n", ParseError::ContentLength),
            (
                b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n",
                ParseError::ContentLength,
            ),
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", ParseError::Chunk),
            (
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
                ParseError::Chunk,
            ),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nmore", ParseError::Surplus),
        ];
        for (bytes, error) in broken {
            assert_eq!(parse(bytes, &[]), Err(error), "{}", String::from_utf8_lossy(bytes));
        }
        let endless = [b"HTTP/1.1 200 OK\r\nx: ".as_slice(), &vec![b'a'; MAX_HEAD + 1]].concat();
        assert_eq!(parse(&endless, &[]), Err(ParseError::HeadTooLarge));
    }

    #[test]
    fn the_head_says_what_matters() {
        let head = |text: &str| {
            let mut input = text.as_bytes();
            match ResponseParser::default().next(&mut input) {
                Ok(Some(Event::Head(head))) => head,
                other => panic!("{other:?}"),
            }
        };
        let plain = head(
            "HTTP/1.1 200 OK\r\ncontent-type: application/problem+json\r\ncontent-length: 1\r\n\r\n",
        );
        assert!(plain.keep_alive && plain.content_type == ContentType::Json);
        assert!(
            !head("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n").keep_alive
        );
        assert!(!head("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n").keep_alive);
        assert!(
            !head("HTTP/1.1 200 OK\r\n\r\n").keep_alive,
            "a body until close ends the connection"
        );
        assert_eq!(
            head("HTTP/1.1 503 X\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n").retry_after,
            Some(3)
        );
    }
}
