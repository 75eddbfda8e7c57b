//! Connections and the requests that come in over them.

use std::io::{self, Read};
use std::net::TcpStream;

/// A client's connection with what it has sent of a request.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    pending: Vec<u8>,
}

/// What a read brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// So many requests are complete.
    Requests(usize),
    /// The client is gone.
    Gone,
}

impl Client {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, pending: Vec::new() })
    }

    /// Reads what is there and counts the requests that it completes.
    pub(crate) fn read(&mut self, scratch: &mut [u8]) -> Heard {
        match self.stream.read(scratch) {
            Ok(0) => Heard::Gone,
            Ok(count) => Heard::Requests(self.take(&scratch[..count])),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Heard::Requests(0),
            Err(_) => Heard::Gone,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> usize {
        // The usual case, a whole request in one read, is not copied.
        if self.pending.is_empty() && length(bytes) == Some(bytes.len()) {
            return 1;
        }
        self.pending.extend_from_slice(bytes);
        let mut requests = 0;
        while let Some(end) = length(&self.pending).filter(|&end| end <= self.pending.len()) {
            self.pending.drain(..end);
            requests += 1;
        }
        requests
    }
}

/// Bytes of the request at the start of `bytes`, head and body; `None` while its head is incomplete.
fn length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let name = b"content-length:";
    let body = bytes[..head].split(|&byte| byte == b'\n').find_map(|line| {
        let (key, value) = line.split_at_checked(name.len())?;
        let value = key.eq_ignore_ascii_case(name).then_some(value)?;
        str::from_utf8(value).ok()?.trim().parse::<usize>().ok()
    });
    Some(head + body.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_with_its_body() {
        assert_eq!(length(b"GET / HTTP/1.1\r\n\r\n"), Some(18));
        assert_eq!(length(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), Some(41));
        assert_eq!(length(b"POST / HTTP/1.1\r\nContent-Le"), None);
    }
}
