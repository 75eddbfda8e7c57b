//! What is done to a response between the connection and its sink.

use crate::inflate::Inflater;
use crate::{Encoding, Head, ParseError, Sink, WireError};
use victor_clock::Instant;
use victor_plan::{Compression, Cookies, TransportOptions};

/// A sink in front of the caller's: notes cookies, holds redirects back, decompresses. With all of that
/// off it hands through what comes.
#[derive(Debug)]
pub(crate) struct Watch<'a, S> {
    sink: &'a mut S,
    options: &'a TransportOptions,
    /// Redirects that may still be followed.
    left: u32,
    seen: Seen,
    inflater: Option<Box<Inflater>>,
    broken: Option<ParseError>,
}

/// What the response asks of the next request.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) cookies: Vec<String>,
    pub(crate) redirect: Option<Redirect>,
}

/// A redirect that is to be followed.
#[derive(Debug)]
pub(crate) struct Redirect {
    pub(crate) status: u16,
    pub(crate) location: String,
}

impl<'a, S: Sink> Watch<'a, S> {
    pub(crate) fn new(sink: &'a mut S, options: &'a TransportOptions, left: u32) -> Self {
        let seen = Seen::default();
        Self { sink, options, left, seen, inflater: None, broken: None }
    }

    /// The response is complete.
    pub(crate) fn finish(mut self) -> Result<Seen, WireError> {
        if let Some(inflater) = &mut self.inflater
            && self.broken.is_none()
        {
            inflater.finish().map_err(ParseError::Encoding)?;
        }
        match self.broken {
            Some(error) => Err(error.into()),
            None => Ok(self.seen),
        }
    }
}

impl<S: Sink> Sink for Watch<'_, S> {
    fn head(&mut self, head: &Head, at: Instant) {
        if self.options.cookies == Cookies::Kept && !head.set_cookies.is_empty() {
            self.seen.cookies.clone_from(&head.set_cookies);
        }
        if self.left > 0
            && head.is_redirect()
            && let Some(location) = &head.location
        {
            self.seen.redirect = Some(Redirect { status: head.status, location: location.clone() });
            return;
        }
        if head.encoding != Encoding::Identity {
            match (self.options.compression, Inflater::new(head.encoding)) {
                (Compression::Accepted, Some(inflater)) => self.inflater = Some(Box::new(inflater)),
                (Compression::Accepted, None) => {
                    self.broken = Some(ParseError::Encoding("it is not a known one".to_owned()));
                }
                (Compression::Off, _) => {
                    let why = "it was compressed unasked, which --compression decodes".to_owned();
                    self.broken = Some(ParseError::Encoding(why));
                }
            }
        }
        self.sink.head(head, at);
    }

    fn data(&mut self, data: &[u8], at: Instant) {
        if self.seen.redirect.is_some() || self.broken.is_some() {
            return;
        }
        let Some(inflater) = &mut self.inflater else { return self.sink.data(data, at) };
        let sink = &mut *self.sink;
        if let Err(why) = inflater.feed(data, |piece| sink.data(piece, at)) {
            self.broken = Some(ParseError::Encoding(why));
        }
    }
}
