//! Server-sent events from bytes, without I/O.
//!
//! Own code because the well-known crate parses a growing line again with every piece, which makes
//! one long line quadratic. Follows the "event stream interpretation" of the HTML standard, less
//! reconnection (`id`, `retry`).

/// Largest event accepted: its lines together.
const MAX_EVENT: usize = 4 * 1024 * 1024;

/// An event larger than 4 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a server-sent event is larger than 4 MiB")]
pub struct SseTooLong;

/// One dispatched event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The `event` field; empty when there was none.
    pub name: &'a [u8],
    /// The `data` fields, joined by line feeds.
    pub data: &'a [u8],
}

/// Takes bytes in any pieces and dispatches events.
#[derive(Debug, Default)]
pub struct SseParser {
    /// An unfinished line.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last line ended in a carriage return, to which a line feed may still belong.
    skip_line_feed: bool,
    /// A byte order mark may only stand at the very start.
    started: bool,
    comments: u64,
    /// An event was too long; nothing more is kept.
    given_up: bool,
}

impl SseParser {
    /// Takes a piece of the stream and calls `dispatch` for each event that it completes.
    ///
    /// # Errors
    /// When an event is larger than 4 MiB, then and ever after; the rest of the stream makes no sense and
    /// is not kept.
    pub fn feed(
        &mut self,
        input: &[u8],
        mut dispatch: impl FnMut(SseEvent<'_>),
    ) -> Result<(), SseTooLong> {
        if self.given_up {
            return Err(SseTooLong);
        }
        let fed = self.take(input, &mut dispatch);
        if fed.is_err() {
            *self = Self { given_up: true, comments: self.comments, ..Self::default() };
        }
        fed
    }

    fn take(
        &mut self,
        input: &[u8],
        dispatch: &mut impl FnMut(SseEvent<'_>),
    ) -> Result<(), SseTooLong> {
        let mut rest = input;
        loop {
            if self.skip_line_feed && !rest.is_empty() {
                self.skip_line_feed = false;
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', rest) else { break };
            self.skip_line_feed = rest[end] == b'\r';
            if self.line.is_empty() {
                self.field(&rest[..end], dispatch)?;
            } else {
                self.line.extend_from_slice(&rest[..end]);
                let line = std::mem::take(&mut self.line);
                self.field(&line, dispatch)?;
            }
            rest = &rest[end + 1..];
        }
        self.line.extend_from_slice(rest);
        if self.line.len() + self.data.len() > MAX_EVENT { Err(SseTooLong) } else { Ok(()) }
    }

    /// Comment lines seen (keep-alives).
    #[must_use]
    pub fn comments(&self) -> u64 {
        self.comments
    }

    /// Bytes kept of an event that is not complete.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.line.len() + self.name.len() + self.data.len()
    }

    /// True when the stream stands between events: nothing begun is missing its end.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.line.is_empty() && !self.has_data && !self.given_up
    }

    fn field(
        &mut self,
        line: &[u8],
        dispatch: &mut impl FnMut(SseEvent<'_>),
    ) -> Result<(), SseTooLong> {
        let line =
            if self.started { line } else { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) };
        self.started = true;
        if line.is_empty() {
            if self.has_data {
                dispatch(SseEvent { name: &self.name, data: &self.data });
            }
            self.name.clear();
            self.data.clear();
            self.has_data = false;
            return Ok(());
        }
        let colon = memchr::memchr(b':', line);
        let (field, value) = colon.map_or((line, &[][..]), |at| (&line[..at], &line[at + 1..]));
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"" => self.comments += 1,
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
                if self.data.len() > MAX_EVENT {
                    return Err(SseTooLong);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Events of `text` fed in pieces cut at `cuts`, and whether the stream ended clean.
    fn events(text: &[u8], cuts: &[usize]) -> (Vec<(String, String)>, bool) {
        let mut parser = SseParser::default();
        let mut seen = Vec::new();
        let mut edges: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
        edges.extend([0, text.len()]);
        edges.sort_unstable();
        let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for pair in edges.windows(2) {
            let push = |event: SseEvent<'_>| seen.push((text_of(event.name), text_of(event.data)));
            parser.feed(&text[pair[0]..pair[1]], push).expect("short events");
        }
        (seen, parser.is_clean())
    }

    proptest! {
        #[test]
        fn any_split_and_any_line_end_give_the_same_events(
            cuts in prop::collection::vec(0_usize..200, 0..8),
            line_end in prop::sample::select(vec!["\n", "\r", "\r\n"]),
        ) {
            let text = "\u{feff}event: ping\ndata: a\ndata:b\n\n: keep-alive\ndata\n\nid: 3\n\ndata: {\"x\": \"ü: 1\"}\n\n"
                .replace('\n', line_end);
            let expected = [("ping", "a\nb"), ("", ""), ("", "{\"x\": \"ü: 1\"}")]
                .map(|(name, data)| (name.to_owned(), data.to_owned()));
            let (seen, clean) = events(text.as_bytes(), &cuts);
            prop_assert_eq!(seen, expected);
            prop_assert!(clean);
        }

        #[test]
        fn every_split_is_the_whole(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..200) {
            prop_assert_eq!(events(&bytes, &[cut]), events(&bytes, &[]));
        }
    }

    #[test]
    fn an_unfinished_event_is_not_dispatched() {
        assert_eq!(events(b"data: a\n", &[]), (vec![], false));
        assert_eq!(events(b"data: a", &[]), (vec![], false));
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut parser = SseParser::default();
        let piece = vec![b'x'; 1 << 20];
        let fed: Result<(), SseTooLong> = (0..6).try_for_each(|_| parser.feed(&piece, |_| ()));
        assert_eq!(fed, Err(SseTooLong));
        for _ in 0..16 {
            assert_eq!(parser.feed(&piece, |_| ()), Err(SseTooLong));
        }
        assert_eq!((parser.kept(), parser.is_clean()), (0, false));
    }
}
