//! A response body whose events are made while it is read.
//!
//! The work of the turn lives inside the body and moves only when the body is polled. There is no
//! task to stop: when the client hangs up the body is dropped, and the turn with it.

use axum::body::Bytes;
use http_body::{Body, Frame};
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Where a turn puts its events.
#[derive(Debug)]
pub(crate) struct Events(mpsc::Sender<Message>);

#[derive(Debug)]
enum Message {
    More(Bytes),
    Last(Bytes),
}

impl Events {
    /// Hands over one event; waits while the one before is still unread.
    pub(crate) async fn send(&self, event: Bytes) {
        // The reader owns the turn: when it is gone nobody runs this.
        let _ = self.0.send(Message::More(event)).await;
    }

    /// Hands over the last event.
    pub(crate) async fn finish(self, event: Bytes) {
        let _ = self.0.send(Message::Last(event)).await;
    }
}

/// The body.
pub(crate) struct EventBody {
    events: mpsc::Receiver<Message>,
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    ended: bool,
}

impl EventBody {
    /// A body made by `work`, which is given the place for its events.
    pub(crate) fn new<F>(work: impl FnOnce(Events) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, events) = mpsc::channel(1);
        Self { events, work: Some(Box::pin(work(Events(sender)))), ended: false }
    }

    fn read(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self.events.poll_recv(context) {
            Poll::Ready(Some(Message::More(event))) => Poll::Ready(Some(event)),
            Poll::Ready(Some(Message::Last(event))) => {
                self.ended = true;
                Poll::Ready(Some(event))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl fmt::Debug for EventBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBody").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Body for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut event = self.read(context);
        if event.is_pending() {
            let working = self.work.as_mut().map(|work| work.as_mut().poll(context));
            if working.is_some_and(|polled| polled.is_ready()) {
                self.work = None;
            }
            event = self.read(context);
        }
        event.map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use std::sync::Arc;
    use std::time::Duration;
    use victor_clock::{now, sleep};

    #[tokio::test(start_paused = true)]
    async fn events_arrive_when_they_are_made_and_the_last_ends_the_body() {
        let mut body = EventBody::new(|events| async move {
            events.send(Bytes::from_static(b"a")).await;
            sleep(Duration::from_secs(1)).await;
            events.send(Bytes::from_static(b"b")).await;
            events.finish(Bytes::from_static(b"c")).await;
        });
        let start = now();
        let mut seen = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            let text = frame.into_data().expect("data");
            seen.push((text, (now() - start).as_secs(), body.is_end_stream()));
        }
        let expected = [("a", 0, false), ("b", 1, false), ("c", 1, true)];
        assert_eq!(seen, expected.map(|(text, at, end)| (Bytes::from(text), at, end)));
    }

    #[tokio::test]
    async fn dropping_the_body_drops_the_work() {
        let held = Arc::new(());
        let inner = Arc::clone(&held);
        let mut body = EventBody::new(|events| async move {
            events.send(Bytes::from_static(b"a")).await;
            std::future::pending::<()>().await;
            drop(inner);
        });
        assert!(body.frame().await.is_some());
        assert_eq!(Arc::strong_count(&held), 2);
        drop(body);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
