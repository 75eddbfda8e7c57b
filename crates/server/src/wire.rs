//! A socket that gives up on a client that does not read.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use victor_clock::{Instant, now};

/// How slowly a client may read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Longest time without any progress, and the span over which [`Self::rate`] is looked at.
    pub(crate) limit: Duration,
    /// Fewest bytes a second while there is more to read than the kernel takes.
    pub(crate) rate: u64,
}

/// Reads and writes `io`; a write that makes no progress for the time limit, or too little, is an
/// error of kind [`io::ErrorKind::TimedOut`]. It takes no lists of parts: copying an answer's few
/// hundred bytes into one costs less than having the kernel gather them.
#[derive(Debug)]
pub(crate) struct Wire<T> {
    io: T,
    patience: Patience,
    /// Runs while a write is stalled. Made at the first stall, which most connections never see.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Since when the client has been behind, and what it has read since; `None` when all was
    /// taken.
    behind: Option<(Instant, u64)>,
}

impl<T> Wire<T> {
    pub(crate) fn new(io: T, patience: Patience) -> Self {
        Self { io, patience, stalled: None, behind: None }
    }

    fn watched(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            self.stalled = None;
            return Poll::Ready(written.and_then(|bytes| self.fast_enough(bytes)));
        }
        self.behind.get_or_insert_with(|| (now(), 0));
        let limit = self.patience.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Counts `bytes` that the client has taken; an error when those of the last span were too few.
    fn fast_enough(&mut self, bytes: usize) -> io::Result<usize> {
        let Some((since, taken)) = &mut self.behind else { return Ok(bytes) };
        *taken = taken.saturating_add(bytes as u64);
        let at = now();
        let span = at.saturating_duration_since(*since);
        if span < self.patience.limit {
            return Ok(bytes);
        }
        let wanted = u128::from(self.patience.rate) * span.as_millis() / 1000;
        if u128::from(*taken) < wanted {
            return Err(io::ErrorKind::TimedOut.into());
        }
        (*since, *taken) = (at, 0);
        Ok(bytes)
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
        // The writer flushes when it has handed over all that it had.
        self.behind = None;
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
    use victor_clock::sleep;

    const LIMIT: Duration = Duration::from_secs(30);

    fn patience(rate: u64) -> Patience {
        Patience { limit: LIMIT, rate }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stops_is_given_up_and_a_slow_one_is_not() {
        let (mut reader, writer) = duplex(10);
        let mut wire = Wire::new(writer, patience(0));
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

    /// How long it takes to write 400 bytes to a client that reads 4 bytes every `pause`.
    async fn trickled(rate: u64, pause: Duration) -> (io::Result<()>, Duration) {
        let (mut reader, writer) = duplex(10);
        let mut wire = Wire::new(writer, patience(rate));
        let reading = tokio::spawn(async move {
            let mut seen = [0; 4];
            while reader.read_exact(&mut seen).await.is_ok() {
                sleep(pause).await;
            }
        });
        let start = now();
        let written = wire.write_all(&[7; 400]).await;
        let took = now() - start;
        drop(wire);
        reading.await.expect("it read");
        (written, took)
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_trickles_is_given_up_below_the_rate_and_served_above() {
        let (written, took) = trickled(2, Duration::from_secs(4)).await;
        assert_eq!(written.expect_err("1 byte a second").kind(), io::ErrorKind::TimedOut);
        assert!((30..36).contains(&took.as_secs()), "{took:?}");
        let (written, took) = trickled(2, Duration::from_secs(1)).await;
        assert!(written.is_ok() && took > 3 * LIMIT, "4 bytes a second: {took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_read_everything_is_not_behind() {
        let (mut reader, writer) = duplex(10);
        let mut wire = Wire::new(writer, patience(100));
        for _ in 0..5 {
            let (written, _) = tokio::join!(
                async {
                    wire.write_all(&[7; 20]).await?;
                    wire.flush().await
                },
                async {
                    sleep(Duration::from_secs(10)).await;
                    reader.read_exact(&mut [0; 20]).await
                }
            );
            written.expect("each time all was read");
            sleep(LIMIT * 2).await;
        }
    }
}
