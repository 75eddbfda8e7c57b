//! A response body whose events are made while it is read.
//!
//! The work of the turn lives inside the body and moves only when the body is polled. There is no
//! task to stop: when the client hangs up the body is dropped, and the turn with it.
//!
//! Every event leaves in a write of its own. A connection gathers frames for as long as there are
//! any, so a model faster than the socket would have its whole answer sent in one piece.

use crate::lock::lock;
use axum::body::Bytes;
use http_body::{Body, Frame};
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// Where a turn puts its events, one at a time. The turn runs only when its reader finds this empty,
/// so neither ever has to wake the other.
#[derive(Debug)]
pub(crate) struct Events(Place);

type Place = Arc<Mutex<Option<Message>>>;

#[derive(Debug)]
enum Message {
    More(Bytes),
    Last(Bytes),
}

impl Events {
    /// Hands over one event; waits while the one before is still unread.
    pub(crate) async fn send(&self, event: Bytes) {
        self.put(Message::More(event)).await;
    }

    /// Hands over the last event.
    pub(crate) async fn finish(self, event: Bytes) {
        self.put(Message::Last(event)).await;
    }

    async fn put(&self, message: Message) {
        let mut message = Some(message);
        poll_fn(|_| {
            // A turn that works on after its reader has gone speaks into the void.
            let read = Arc::strong_count(&self.0) > 1;
            let mut place = lock(&self.0);
            if read && place.is_some() {
                return Poll::Pending;
            }
            *place = message.take();
            Poll::Ready(())
        })
        .await;
    }
}

/// The body.
pub(crate) struct EventBody {
    events: Place,
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    ended: bool,
    /// The connection holds an event that it has not written yet.
    gathered: bool,
}

impl EventBody {
    /// A body made by `work`, which is given the place for its events.
    pub(crate) fn new<F>(work: impl FnOnce(Events) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let events = Place::default();
        let work = work(Events(Arc::clone(&events)));
        Self { events, work: Some(Box::pin(work)), ended: false, gathered: false }
    }

    fn read(&mut self) -> Option<Bytes> {
        match lock(&self.events).take()? {
            Message::More(event) => Some(event),
            Message::Last(event) => {
                self.ended = true;
                Some(event)
            }
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
        if std::mem::take(&mut self.gathered) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut event = self.read();
        if event.is_none()
            && let Some(work) = &mut self.work
        {
            if work.as_mut().poll(context).is_ready() {
                self.work = None;
            }
            event = self.read();
        }
        self.gathered = event.is_some();
        match event {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None if self.work.is_none() => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
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
    async fn the_connection_is_left_to_write_after_each_event() {
        let mut body = EventBody::new(|events| async move {
            events.send(Bytes::from_static(b"a")).await;
            events.send(Bytes::from_static(b"b")).await;
            events.finish(Bytes::from_static(b"c")).await;
        });
        let mut polls = Vec::new();
        poll_fn(|context| {
            loop {
                let polled = Pin::new(&mut body).poll_frame(context);
                polls.push(polled.is_ready());
                if polls.len() == 6 {
                    return Poll::Ready(());
                }
            }
        })
        .await;
        assert_eq!(polls, [true, false, true, false, true, true]);
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
