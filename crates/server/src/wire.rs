//! A socket that gives up on a client that does not read.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Reads and writes `io`; a write that makes no progress for the time limit is an error of kind
/// [`io::ErrorKind::TimedOut`]. It takes no lists of parts: copying an answer's few hundred bytes
/// into one costs less than having the kernel gather them.
#[derive(Debug)]
pub(crate) struct Wire<T> {
    io: T,
    limit: Duration,
    /// Runs while a write is stalled. Made at the first stall, which most connections never see.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<T> Wire<T> {
    pub(crate) fn new(io: T, limit: Duration) -> Self {
        Self { io, limit, stalled: None }
    }

    fn watched(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.watched(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use victor_clock::{now, sleep};

    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stops_is_given_up_and_a_slow_one_is_not() {
        let (mut reader, writer) = duplex(10);
        let mut wire = Wire::new(writer, LIMIT);
        let reading = tokio::spawn(async move {
            let mut seen = [0; 4];
            for _ in 0..10 {
                sleep(LIMIT - Duration::from_secs(1)).await;
                reader.read_exact(&mut seen).await.expect("written");
            }
            reader
        });
        wire.write_all(&[7; 50]).await.expect("a slow reader is served");
        let _stopped = reading.await.expect("it read");
        let start = now();
        let error = wire.write_all(&[7; 50]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!((now() - start).as_secs(), LIMIT.as_secs());
    }
}
