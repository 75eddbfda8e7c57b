//! Answers made once and written many times.

use std::io::{self, Write};

/// A response as the writes that send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    writes: Vec<Vec<u8>>,
}

impl Answer {
    /// A JSON answer of the assistant API in one write.
    pub(crate) fn plain(text: &str) -> Self {
        let body = format!("{{\"response\":\"{text}\"}}");
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
        Self { writes: vec![format!("{head} {}\r\n\r\n{body}", body.len()).into_bytes()] }
    }

    /// An event stream: a write for the head, one for each of `events`, and one for the end.
    pub(crate) fn stream(events: usize, event: &str) -> Self {
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len()).into_bytes();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let mut writes = vec![head.as_bytes().to_vec()];
        writes.extend((0..events).map(|_| chunk(&format!("{event}\n\n"))));
        let mut end = chunk("data: [DONE]\n\n");
        end.extend_from_slice(b"0\r\n\r\n");
        writes.push(end);
        Self { writes }
    }

    /// Sends it.
    ///
    /// # Errors
    /// When the client is gone, or has not read so much that its buffer is full.
    pub(crate) fn send(&self, client: &mut impl Write) -> io::Result<()> {
        self.writes.iter().try_for_each(|piece| client.write_all(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_one_write_an_event() {
        let answer = Answer::stream(2, "data: a");
        assert_eq!(answer.writes.len(), 4);
        assert_eq!(answer.writes[1], b"9\r\ndata: a\n\n\r\n");
        assert!(answer.writes[3].ends_with(b"0\r\n\r\n"));
        assert!(
            Answer::plain("x").writes[0]
                .ends_with(b"content-length: 16\r\n\r\n{\"response\":\"x\"}")
        );
    }
}
