//! A connection that speaks HTTP/1.1, one exchange after the other.

use crate::stream::Stream;
use crate::{Event, Limits, ResponseParser, Sink, Times, WireError};
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::time::timeout_at;
use victor_clock::{Instant, now};
use victor_types::Phase;

/// Bytes read at once. One such buffer serves all connections of a thread.
const READ_SIZE: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_SIZE]);
}

/// A connection owned by one user.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Stream,
    reusable: bool,
}

/// What one read brought.
enum Progress {
    More,
    Complete,
    /// The peer has ended the connection as one does.
    Closed,
    /// The connection broke.
    Broken,
}

impl Connection {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, reusable: true }
    }

    /// False when the connection must not be used again: the last exchange failed or asked for its
    /// end, or the peer has closed it since.
    pub(crate) fn is_usable(&mut self) -> bool {
        self.reusable && self.stream.is_quiet()
    }

    /// Sends `request` and hands the response to `sink`. The times are in `times` also when the
    /// exchange fails. `began` is the instant from which the total limit counts.
    ///
    /// # Errors
    /// See [`WireError`]; the connection is not usable after any of them.
    pub(crate) async fn exchange(
        &mut self,
        request: &[u8],
        limits: &Limits,
        began: Instant,
        sink: &mut impl Sink,
        times: &mut Times,
    ) -> Result<(), WireError> {
        self.reusable = false;
        let end = began + limits.total;
        times.sent.get_or_insert_with(now);
        // The peer may have answered before it closed (a refusal of a large body), so a failed write
        // is followed by a read, which then reports the cut.
        if timeout_at(end, self.send(request)).await.is_err() {
            return Err(WireError::Timeout(Phase::Total));
        }
        let mut parser = ResponseParser::default();
        let mut keep_alive = false;
        loop {
            let phase_end = match times.first_byte {
                None => now() + limits.first_byte,
                Some(_) => now() + limits.stall,
            };
            let read = timeout_at(
                phase_end.min(end),
                self.read(&mut parser, sink, times, &mut keep_alive),
            );
            match read.await {
                Err(_) if phase_end >= end => return Err(WireError::Timeout(Phase::Total)),
                Err(_) if times.first_byte.is_none() => {
                    return Err(WireError::Timeout(Phase::FirstByte));
                }
                Err(_) => return Err(WireError::Stalled),
                Ok(progress) => match progress? {
                    Progress::More => {}
                    Progress::Complete => break,
                    Progress::Closed if parser.close() => {
                        keep_alive = false;
                        break;
                    }
                    Progress::Closed | Progress::Broken => {
                        return Err(WireError::Cut { received: times.received });
                    }
                },
            }
        }
        self.reusable = keep_alive;
        Ok(())
    }

    async fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.write_all(request).await?;
        match &mut self.stream {
            Stream::Plain(_) => Ok(()),
            // What TLS has encrypted may still be in its own buffer.
            tls @ Stream::Tls(_) => tls.flush().await,
        }
    }

    /// Reads once and hands what came to the parser and the sink.
    async fn read(
        &mut self,
        parser: &mut ResponseParser,
        sink: &mut impl Sink,
        times: &mut Times,
        keep_alive: &mut bool,
    ) -> Result<Progress, WireError> {
        poll_fn(|cx| {
            SCRATCH.with_borrow_mut(|scratch| {
                let mut buffer = ReadBuf::new(scratch);
                let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
                let at = now();
                let bytes = buffer.filled();
                if let Err(error) = read {
                    // A server that refuses a certificate may say so only after the handshake.
                    let refusal = self.stream.tls_cause(&error).map(WireError::Tls);
                    return Poll::Ready(refusal.map_or(Ok(Progress::Broken), Err));
                }
                if bytes.is_empty() {
                    return Poll::Ready(Ok(Progress::Closed));
                }
                times.received += bytes.len() as u64;
                times.first_byte.get_or_insert(at);
                times.last_byte = Some(at);
                Poll::Ready(deliver(bytes, at, parser, sink, keep_alive))
            })
        })
        .await
    }
}

fn deliver(
    mut bytes: &[u8],
    at: Instant,
    parser: &mut ResponseParser,
    sink: &mut impl Sink,
    keep_alive: &mut bool,
) -> Result<Progress, WireError> {
    while let Some(event) = parser.next(&mut bytes)? {
        match event {
            Event::Head(head) => {
                *keep_alive = head.keep_alive;
                sink.head(&head, at);
            }
            Event::Data(data) => sink.data(data, at),
            Event::End => {
                // Bytes that follow a complete response belong to nothing that was asked.
                *keep_alive &= bytes.is_empty();
                return Ok(Progress::Complete);
            }
        }
    }
    Ok(Progress::More)
}
