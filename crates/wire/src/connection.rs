//! One connection and its exchanges.

use crate::{Event, Head, ResponseParser, WireError};
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout_at;
use victor_clock::{Instant, now};
use victor_types::Phase;

/// Bytes read at once. One such buffer serves all connections of a thread.
const READ_SIZE: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_SIZE]);
}

/// Time limits of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Opening the connection.
    pub connect: Duration,
    /// From the request's last byte to the response's first.
    pub first_byte: Duration,
    /// Silence within the response.
    pub stall: Duration,
    /// The whole turn, from its planned instant.
    pub total: Duration,
}

/// When the phases of an exchange happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// The first request byte was handed to the socket.
    pub sent: Option<Instant>,
    /// The read that brought the first response byte returned.
    pub first_byte: Option<Instant>,
    /// The read that brought the last response byte returned.
    pub last_byte: Option<Instant>,
    /// Response bytes, head and framing included.
    pub received: u64,
}

/// Takes a response as it comes in.
pub trait Sink {
    /// The head is complete.
    fn head(&mut self, head: &Head, at: Instant);
    /// A piece of the body arrived with the read that returned at `at`.
    fn data(&mut self, data: &[u8], at: Instant);
}

/// A connection owned by one user.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    reusable: bool,
}

/// What one read brought.
enum Progress {
    More,
    Complete,
    Closed,
}

impl Connection {
    /// Opens a connection to the first address that accepts one.
    ///
    /// # Errors
    /// [`WireError::Connect`] with the last refusal, [`WireError::Timeout`] when `within` is over,
    /// [`WireError::Exhausted`] when this machine has no socket left.
    pub async fn open(addresses: &[SocketAddr], within: Duration) -> Result<Self, WireError> {
        let deadline = now() + within;
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match timeout_at(deadline, TcpStream::connect(address)).await {
                Err(_) => return Err(WireError::Timeout(Phase::Connect)),
                Ok(Err(error)) => last = error,
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true).map_err(WireError::opening)?;
                    return Ok(Self { stream, reusable: true });
                }
            }
        }
        Err(WireError::opening(last))
    }

    /// False when the connection must not be used again: the last exchange failed or asked for its
    /// end, or the peer has closed it since.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        // Without a readiness event since the last read this costs no system call.
        let quiet = || matches!(self.stream.try_read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        self.reusable && quiet()
    }

    /// Sends `request` and hands the response to `sink`. The times are in `times` also when the
    /// exchange fails. `began` is the instant from which the total limit counts.
    ///
    /// # Errors
    /// See [`WireError`]; the connection is not usable after any of them.
    pub async fn exchange(
        &mut self,
        request: &[u8],
        limits: &Limits,
        began: Instant,
        sink: &mut impl Sink,
        times: &mut Times,
    ) -> Result<(), WireError> {
        self.reusable = false;
        let end = began + limits.total;
        times.sent = Some(now());
        // The peer may have answered before it closed (a refusal of a large body), so a failed write
        // is followed by a read, which then reports the cut.
        if timeout_at(end, self.stream.write_all(request)).await.is_err() {
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
                    Progress::Closed => return Err(WireError::Cut { received: times.received }),
                },
            }
        }
        self.reusable = keep_alive;
        Ok(())
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
                if read.is_err() || bytes.is_empty() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    #[derive(Default)]
    struct Body {
        status: u16,
        bytes: Vec<u8>,
    }

    impl Sink for Body {
        fn head(&mut self, head: &Head, _at: Instant) {
            self.status = head.status;
        }
        fn data(&mut self, data: &[u8], _at: Instant) {
            self.bytes.extend_from_slice(data);
        }
    }

    const LIMITS: Limits = Limits {
        connect: Duration::from_secs(2),
        first_byte: Duration::from_millis(200),
        stall: Duration::from_millis(200),
        total: Duration::from_secs(2),
    };

    /// A server that answers each request on its one connection with the next of `answers`, then
    /// closes, or holds the connection open when `hold` is set.
    async fn server(answers: &'static [&'static [u8]], hold: bool) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        tokio::spawn(async move {
            let (mut peer, _) = listener.accept().await.expect("accept");
            let mut request = [0; 1024];
            for answer in answers {
                let _ = peer.read(&mut request).await;
                let _ = peer.write_all(answer).await;
            }
            if hold {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
        });
        address
    }

    async fn one(
        answers: &'static [&'static [u8]],
        hold: bool,
    ) -> (Result<(), WireError>, Body, Times) {
        let address = server(answers, hold).await;
        let mut connection = Connection::open(&[address], LIMITS.connect).await.expect("open");
        let (mut body, mut times) = (Body::default(), Times::default());
        let result = connection.exchange(b"GET", &LIMITS, now(), &mut body, &mut times).await;
        (result, body, times)
    }

    #[tokio::test]
    async fn a_connection_serves_again_until_the_peer_closes_it() {
        const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
        let address = server(&[OK, OK], false).await;
        let mut connection = Connection::open(&[address], LIMITS.connect).await.expect("open");
        for _ in 0..2 {
            assert!(connection.is_usable());
            let (mut body, mut times) = (Body::default(), Times::default());
            connection
                .exchange(b"GET", &LIMITS, now(), &mut body, &mut times)
                .await
                .expect("answer");
            assert_eq!((body.status, body.bytes.as_slice()), (200, b"hi".as_slice()));
            assert!(times.sent <= times.first_byte && times.first_byte <= times.last_byte);
            assert_eq!(times.received, OK.len() as u64);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!connection.is_usable());
    }

    #[tokio::test]
    async fn each_phase_has_its_own_failure() {
        let (result, ..) = one(&[], true).await;
        assert!(matches!(result, Err(WireError::Timeout(Phase::FirstByte))), "{result:?}");
        let (result, body, _) =
            one(&[b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"], true).await;
        assert!(matches!(result, Err(WireError::Stalled)), "{result:?}");
        assert_eq!(body.bytes, b"half");
        let (result, _, times) =
            one(&[b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"], false).await;
        assert!(matches!(result, Err(WireError::Cut { received: 42 })), "{result:?} {times:?}");
        let (result, ..) = one(&[], false).await;
        assert!(matches!(result, Err(WireError::Cut { received: 0 })), "{result:?}");
        let (result, ..) = one(&[b"SSH-2.0-OpenSSH\r\n"], true).await;
        assert!(matches!(result, Err(WireError::Malformed(_))), "{result:?}");
    }

    #[tokio::test]
    async fn a_refused_connection_is_told_from_an_exhausted_machine() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        drop(listener);
        let error = Connection::open(&[address], LIMITS.connect).await.expect_err("refused");
        assert!(matches!(error, WireError::Connect(_)), "{error:?}");
        for code in [24, 99] {
            let error = WireError::opening(io::Error::from_raw_os_error(code));
            assert!(matches!(error, WireError::Exhausted(_)), "{error:?}");
        }
    }
}
