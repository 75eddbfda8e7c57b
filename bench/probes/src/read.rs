//! A bare reader of event streams: what receiving costs without a load generator around it.

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::time::Timespec;
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::TcpStream;
use std::time::Duration;

/// What was read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Reads that brought something.
    pub(crate) reads: u64,
    /// Events with a piece of text.
    pub(crate) chunks: u64,
    /// Of them, those that came in a read with an earlier one.
    pub(crate) coalesced: u64,
    /// Streams that ended.
    pub(crate) streams: u64,
}

/// A stream being read, with the start of what the next read continues.
struct Stream {
    socket: TcpStream,
    tail: Vec<u8>,
}

const PIECE: &[u8] = b"\"type\":\"content\"";
const END: &[u8] = b"data: [DONE]";

/// Reads `connections` streams for `length`, each asked for again when it ends. They begin spread
/// over `spread`, so that they are out of step.
///
/// # Errors
/// When the target cannot be reached or closes a connection.
pub(crate) fn read(
    port: u16,
    connections: u32,
    body: &str,
    spread: Duration,
    length: Duration,
) -> io::Result<Tally> {
    let request = format!(
        "POST /api/v1/chat HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    let mut streams: Vec<Stream> = Vec::new();
    let mut tally = Tally::default();
    let mut scratch = vec![0; 64 * 1024];
    let start = crate::now();
    while start.elapsed() < length {
        let due = start.elapsed().as_secs_f64() / spread.as_secs_f64().max(1e-9);
        while streams.len() < connections as usize
            && streams.len() as f64 <= due * f64::from(connections)
        {
            let mut socket = TcpStream::connect(("127.0.0.1", port))?;
            socket.set_nodelay(true)?;
            socket.write_all(request.as_bytes())?;
            socket.set_nonblocking(true)?;
            let data = EventData::new_u64(streams.len() as u64);
            epoll::add(&epoll, &socket, data, EventFlags::IN)?;
            streams.push(Stream { socket, tail: Vec::new() });
        }
        let mut space = [MaybeUninit::<Event>::uninit(); 256];
        let timeout = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
        let (events, _) = epoll::wait(&epoll, &mut space, Some(&timeout))?;
        for event in events.iter() {
            let Some(stream) =
                usize::try_from(event.data.u64()).ok().and_then(|at| streams.get_mut(at))
            else {
                continue;
            };
            if stream.take(&mut scratch, &mut tally)? {
                stream.socket.write_all(request.as_bytes())?;
            }
        }
    }
    Ok(tally)
}

impl Stream {
    /// Reads once; true when the stream has ended.
    fn take(&mut self, scratch: &mut [u8], tally: &mut Tally) -> io::Result<bool> {
        let count = match self.socket.read(scratch) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        tally.reads += 1;
        // A mark cut in two by the end of a read is found with the next one.
        self.tail.extend_from_slice(&scratch[..count]);
        let pieces = occurrences(&self.tail, PIECE);
        let ended = occurrences(&self.tail, END) > 0;
        tally.chunks += pieces;
        tally.coalesced += pieces.saturating_sub(1);
        tally.streams += u64::from(ended);
        let from = self.tail.len().saturating_sub(PIECE.len() - 1);
        let last = last_mark(&self.tail).unwrap_or(0);
        self.tail.drain(..from.max(last));
        Ok(ended)
    }
}

fn occurrences(text: &[u8], mark: &[u8]) -> u64 {
    text.windows(mark.len()).filter(|window| *window == mark).count() as u64
}

/// Where the last mark ends.
fn last_mark(text: &[u8]) -> Option<usize> {
    let end = |mark: &[u8]| {
        text.windows(mark.len()).rposition(|window| window == mark).map(|at| at + mark.len())
    };
    end(PIECE).max(end(END))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_counted_once() {
        assert_eq!(occurrences(b"\"type\":\"content\" x \"type\":\"content\"", PIECE), 2);
        assert_eq!(last_mark(b"ab data: [DONE] c"), Some(15));
        assert_eq!(last_mark(b"nothing"), None);
    }
}
