//! A plain answer that breaks off.

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Sleep;
use victor_clock::now;

/// How long after the part that is sent the connection is closed; hyper writes nothing of a body
/// that fails at once.
const BREATH: Duration = Duration::from_millis(2);

/// A body that promises its whole length, hands over a part, and fails.
pub(crate) struct CutBody {
    length: u64,
    part: Option<Bytes>,
    end: Option<Pin<Box<Sleep>>>,
}

impl CutBody {
    /// `whole` without what comes after its first `told` bytes.
    pub(crate) fn new(whole: &Bytes, told: usize) -> Self {
        let part = whole.slice(..told.min(whole.len()));
        Self { length: whole.len() as u64, part: Some(part), end: None }
    }
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        let end =
            self.end.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(now() + BREATH)));
        ready!(end.as_mut().poll(context));
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
