//! One connection, from its first request to its close.

use crate::connections::Counted;
use crate::front::Front;
use crate::refusal::Refusal;
use crate::wire::{Patience, Wire};
use axum::http::{HeaderMap, Method, Request, Uri, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// When connections end.
#[derive(Debug, Clone)]
pub(crate) struct Closing {
    /// Time limit for a request head, and for staying idle.
    pub(crate) head_timeout: Duration,
    /// How patient it is with a client that reads slowly.
    pub(crate) patience: Patience,
    /// Cancelled when the server begins to stop: idle connections close, others finish.
    pub(crate) stopping: CancellationToken,
    /// Cancelled when the time to finish is over.
    pub(crate) cut: CancellationToken,
}

/// Largest request head in bytes; a larger one is refused with 431.
pub(crate) const HEAD: usize = 64 << 10;

/// Most headers of a request; more are refused with 431.
pub(crate) const HEADERS: usize = 100;

/// How many times as much the parser takes, so that the refusal can say why; what is larger still
/// it refuses itself, with the bare status.
const SLACK: usize = 2;

/// A connection that was just accepted.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) peer: IpAddr,
    pub(crate) counted: Counted,
}

/// Who is at the other end, left in the extensions of a request that asks for another protocol:
/// what becomes of the connection still counts as one.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) peer: IpAddr,
    _counted: Arc<Counted>,
}

/// Refuses a head that is too large.
pub(crate) fn check_head(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    /// The blanks, colons and line ends that are not in the parts.
    const BETWEEN: usize = 4;
    let lines = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + BETWEEN);
    let path = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let bytes = path + method.as_str().len() + lines.sum::<usize>();
    if headers.len() > HEADERS || bytes > HEAD {
        return Err(Refusal::LargeHead);
    }
    Ok(())
}

/// Serves one connection until it ends. One accepted while the server is stopping gets one answer.
pub(crate) async fn serve(accepted: Accepted, front: Front, closing: Closing) {
    let Accepted { stream, peer, counted } = accepted;
    let caller = Caller { peer, _counted: Arc::new(counted) };
    // Without it a small write would wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let spoken = AtomicBool::new(false);
    let service = service_fn(|mut request: Request<Incoming>| {
        spoken.store(true, Ordering::Relaxed);
        if request.headers().contains_key(header::UPGRADE) {
            request.extensions_mut().insert(caller.clone());
        }
        front.clone().answer(request, peer)
    });
    let late = closing.stopping.is_cancelled();
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(closing.head_timeout)
        .max_headers(SLACK * HEADERS)
        .max_header_size(SLACK * HEAD)
        .keep_alive(!late)
        .serve_connection(TokioIo::new(Wire::new(stream, closing.patience)), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    if late {
        tokio::select! {
            ended = connection => log_end(ended),
            () = closing.cut.cancelled() => {}
        }
        return;
    }
    tokio::select! {
        biased;
        ended = connection.as_mut() => return log_end(ended),
        () = closing.stopping.cancelled() => {}
    }
    // hyper would wait for the first request of a connection that never spoke.
    if !spoken.load(Ordering::Relaxed) {
        return;
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        ended = connection => log_end(ended),
        () = closing.cut.cancelled() => {}
    }
}

/// A connection that ends badly is the client's affair; it is of interest to a developer only.
fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
