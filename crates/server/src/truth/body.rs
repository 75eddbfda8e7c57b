//! A response body that closes its ticket just before its last frame leaves.

use super::ticket::OpenTicket;
use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A body and the open ticket of its request, if it is a chat request.
#[derive(Debug)]
pub(crate) struct JournaledBody {
    inner: Body,
    ticket: Option<OpenTicket>,
}

impl JournaledBody {
    pub(crate) fn new(inner: Body, mut ticket: Option<OpenTicket>) -> Self {
        // A body without bytes is never polled, so its last byte leaves with the head.
        if inner.is_end_stream() {
            ticket.iter_mut().for_each(OpenTicket::close);
        }
        Self { inner, ticket }
    }

    /// Closes the ticket now: the response has no body to send (an answer to `HEAD`).
    pub(crate) fn without_bytes(mut self) -> Self {
        self.ticket.iter_mut().for_each(OpenTicket::close);
        self
    }
}

impl HttpBody for JournaledBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        let last = self.inner.is_end_stream();
        if let Some(ticket) = &mut self.ticket {
            match &frame {
                Some(Ok(_)) => {
                    ticket.writing();
                    if last {
                        ticket.close();
                    }
                }
                None => ticket.close(),
                // Dropping the open ticket records that the answer was never whole.
                Some(Err(_)) => self.ticket = None,
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
