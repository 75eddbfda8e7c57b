//! HTTP/2: turns as streams on a connection that several may use.
//!
//! The frames are the `h2` crate's; it reads and writes in a task of its own on the same thread, so an
//! instant here is taken when that task has handed a frame over, some microseconds after the read.

use crate::client::Ask;
use crate::stream::Stream;
use crate::{Head, ParseError, Sink, Times, TlsCause, WireError};
use bytes::Bytes;
use h2::client::SendRequest;
use h2::{Error, RecvStream};
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout_at;
use victor_clock::{Instant, now};
use victor_types::Phase;

/// What the peer may send ahead on a stream, and on a connection: bounds the memory, and is wide
/// enough not to be what limits an answer.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;
/// Largest head accepted, as for HTTP/1.1.
const MAX_HEAD: u32 = 64 * 1024;

/// A connection that speaks HTTP/2. Clones share it; it is closed when the last one is gone.
#[derive(Debug, Clone)]
pub(crate) struct Http2 {
    send: SendRequest<Bytes>,
    driver: Rc<JoinHandle<()>>,
}

impl Http2 {
    /// Begins HTTP/2 on a connection that was just opened. Must be called within a tokio runtime.
    pub(crate) async fn begin(stream: Stream) -> Result<Self, WireError> {
        let shaken = h2::client::Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(MAX_HEAD)
            .enable_push(false)
            .handshake(stream)
            .await;
        let (send, connection) = shaken.map_err(|error| fault(&error, 0))?;
        // What goes wrong on the connection is told to each of its streams.
        let driver = tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { send, driver: Rc::new(driver) })
    }

    /// False once the connection is known to be over.
    pub(crate) fn is_alive(&self) -> bool {
        !self.driver.is_finished()
    }

    /// Waits until the connection takes another stream: the server limits how many. An error means
    /// that it takes no more, and that nothing was sent.
    pub(crate) async fn ready(&self, end: Instant) -> Result<SendRequest<Bytes>, WireError> {
        match timeout_at(end, self.send.clone().ready()).await {
            Err(_) => Err(WireError::Timeout(Phase::Total)),
            Ok(ready) => ready.map_err(|error| fault(&error, 0)),
        }
    }
}

/// Sends what is asked as a stream of its own and hands the response to `sink`.
pub(crate) async fn exchange(
    mut send: SendRequest<Bytes>,
    ask: &Ask<'_>,
    sink: &mut impl Sink,
    times: &mut Times,
) -> Result<(), WireError> {
    let message = ask.message;
    let head = message.template.head(message.request_id, ask.cookie).ok_or_else(|| {
        WireError::Malformed(ParseError::Http2("the request has a header it forbids".to_owned()))
    })?;
    let body = message.template.body(message.body);
    times.sent.get_or_insert_with(now);
    let (response, mut stream) =
        send.send_request(head, body.is_empty()).map_err(|error| fault(&error, times.received))?;
    if !body.is_empty() {
        let sent = stream.send_data(Bytes::copy_from_slice(body), true);
        sent.map_err(|error| fault(&error, times.received))?;
    }
    let waits = Waits { end: ask.began + ask.limits.total, stall: ask.limits.stall };
    let first = waits.within(ask.limits.first_byte, WireError::Timeout(Phase::FirstByte), response);
    let response = first.await?.map_err(|error| fault(&error, times.received))?;
    let at = now();
    times.first_byte.get_or_insert(at);
    times.last_byte = Some(at);
    let (head, length) = read_head(&response);
    times.received += length;
    sink.head(&head, at);
    receive(response.into_body(), &waits, sink, times).await
}

async fn receive(
    mut body: RecvStream,
    waits: &Waits,
    sink: &mut impl Sink,
    times: &mut Times,
) -> Result<(), WireError> {
    while let Some(data) = waits.within(waits.stall, WireError::Stalled, body.data()).await? {
        let at = now();
        let data = data.map_err(|error| fault(&error, times.received))?;
        times.last_byte = Some(at);
        times.received += data.len() as u64;
        sink.data(&data, at);
        // A window that cannot be given back belongs to a stream that is over, as the next turn of
        // this loop will find.
        let _ = body.flow_control().release_capacity(data.len());
    }
    Ok(())
}

/// The time limits of a running exchange.
struct Waits {
    end: Instant,
    stall: Duration,
}

impl Waits {
    async fn within<T>(
        &self,
        limit: Duration,
        otherwise: WireError,
        what: impl Future<Output = T>,
    ) -> Result<T, WireError> {
        let phase_end = now() + limit;
        match timeout_at(phase_end.min(self.end), what).await {
            Ok(done) => Ok(done),
            Err(_) if phase_end >= self.end => Err(WireError::Timeout(Phase::Total)),
            Err(_) => Err(otherwise),
        }
    }
}

/// The head, and how many bytes its fields have.
fn read_head(response: &http::Response<RecvStream>) -> (Head, u64) {
    let status = response.status().as_u16();
    let mut head = Head { status, keep_alive: true, ..Head::default() };
    let mut length = 0;
    for (name, value) in response.headers() {
        head.take(name.as_str(), value.as_bytes().trim_ascii());
        length += name.as_str().len() + value.len();
    }
    (head, length as u64)
}

/// The place of an error of HTTP/2 among those of the wire: what the peer said, what it did wrong, or
/// how the connection ended.
fn fault(error: &Error, received: u64) -> WireError {
    if let Some(cause) = error.get_io().and_then(TlsCause::within).filter(|_| received == 0) {
        return WireError::Tls(cause);
    }
    match error.reason() {
        Some(reason) if error.is_remote() => {
            let way = if error.is_go_away() { "go-away" } else { "reset" };
            let reason = format!("{way}, {}", reason.description());
            WireError::Reset { reason, received }
        }
        Some(_) => WireError::Malformed(ParseError::Http2(error.to_string())),
        None => WireError::Cut { received },
    }
}
