//! Work that goes on after its client hung up.

use crate::truth::Ticket;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use victor_clock::now;

/// A turn at work. Dropped before its end it goes on, for a limited time, with all it holds; its
/// ticket stays open so long.
pub(crate) struct Linger<T: Send + 'static> {
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    limit: Duration,
    ticket: Arc<Ticket>,
}

impl<T: Send> Linger<T> {
    /// `work` of the turn of `ticket`, which goes on for up to `limit`.
    pub(crate) fn new(
        work: impl Future<Output = T> + Send + 'static,
        limit: Duration,
        ticket: Arc<Ticket>,
    ) -> Self {
        Self { work: Some(Box::pin(work)), limit, ticket }
    }
}

impl<T: Send> Future for Linger<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = self.work.as_mut() else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_ready() {
            self.work = None;
        }
        polled
    }
}

impl<T: Send> Drop for Linger<T> {
    fn drop(&mut self) {
        let (Some(work), Ok(runtime)) = (self.work.take(), Handle::try_current()) else { return };
        let (limit, ticket) = (self.limit, Arc::clone(&self.ticket));
        ticket.linger();
        runtime.spawn(async move {
            let hung_up = now();
            // Either end is the end: the work is done or its time is over.
            let _ = tokio::time::timeout(limit, work).await;
            ticket.work_over(now() - hung_up);
        });
    }
}
