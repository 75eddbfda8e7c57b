//! A WebSocket: texts in both directions on one connection.
//!
//! The frames are `tungstenite`'s. Each text is stamped when the read that completed it returned. As in
//! an exchange there is a limit for the first answer, for silence and for the whole turn.

use crate::dial::Spoken;
use crate::stream::Stream;
use crate::{Client, Limits, ParseError, RequestTemplate, Scheme, Times, TlsCause, WireError};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue};
use tokio::time::timeout_at;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use victor_clock::{Instant, now};
use victor_types::Phase;

/// Largest message accepted; what is larger is malformed.
const MAX_MESSAGE: usize = 16 << 20;

/// An open WebSocket, owned by one user.
#[derive(Debug)]
pub struct WebSocket {
    socket: WebSocketStream<Stream>,
    /// Nothing was heard since the socket was opened or a text was sent: a first answer is awaited.
    asked: bool,
}

impl Client {
    /// Opens a WebSocket where `template` would post to, with its headers. The target must have been made
    /// for [`Carrier::WebSocket`](victor_plan::Carrier::WebSocket).
    ///
    /// # Errors
    /// See [`WireError`]; [`WireError::Status`] when the server does not open one.
    pub async fn web_socket(
        &self,
        template: &RequestTemplate,
        limits: &Limits,
        began: Instant,
        times: &mut Times,
    ) -> Result<WebSocket, WireError> {
        let request = self.upgrade(template)?;
        let (stream, spoken) = self.dial(limits, began, times).await?;
        if spoken == Spoken::Http2 {
            return Err(WireError::Tls(TlsCause::NoProtocol));
        }
        times.sent.get_or_insert_with(now);
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let opening = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
        let (limit, end) = (now() + limits.first_byte, began + limits.total);
        match timeout_at(limit.min(end), opening).await {
            Ok(Ok((socket, _))) => Ok(WebSocket { socket, asked: true }),
            Ok(Err(error)) => Err(fault(error, times.received)),
            Err(_) if end <= limit => Err(WireError::Timeout(Phase::Total)),
            Err(_) => Err(WireError::Timeout(Phase::FirstByte)),
        }
    }

    fn upgrade(&self, template: &RequestTemplate) -> Result<Request, WireError> {
        let wrong = |what: &str| WireError::Malformed(ParseError::WebSocket(what.to_owned()));
        let endpoint = self.target().endpoint();
        let scheme = match endpoint.scheme() {
            Scheme::Http => "ws",
            Scheme::Https => "wss",
        };
        let address = format!("{scheme}://{}{}", endpoint.authority(), template.path());
        let mut request =
            address.into_client_request().map_err(|_| wrong("the address is none"))?;
        // What belongs to one request of HTTP means nothing here.
        let ours = ["connection", "accept-encoding"];
        let kept = template.headers().iter().filter(|(name, _)| !ours.contains(&name.as_str()));
        for (name, value) in kept {
            let name = HeaderName::from_bytes(name.as_bytes());
            let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) else {
                return Err(wrong("the request has a header that is none"));
            };
            request.headers_mut().insert(name, value);
        }
        Ok(request)
    }
}

impl WebSocket {
    /// Sends a text. The peer's next text is then awaited as a first answer.
    ///
    /// # Errors
    /// [`WireError::Cut`] when the connection is over.
    pub async fn send(
        &mut self,
        text: impl Into<String>,
        end: Instant,
        times: &mut Times,
    ) -> Result<(), WireError> {
        times.sent.get_or_insert_with(now);
        self.asked = true;
        let text = Message::Text(text.into().into());
        match timeout_at(end, self.socket.send(text)).await {
            Err(_) => Err(WireError::Timeout(Phase::Total)),
            Ok(sent) => sent.map_err(|error| fault(error, times.received)),
        }
    }

    /// The peer's next text and when it came; `None` when the peer has closed as one does. `began` is
    /// the instant from which the total limit counts. Pings are answered meanwhile.
    ///
    /// # Errors
    /// See [`WireError`]; the socket is not usable after any of them.
    pub async fn next(
        &mut self,
        limits: &Limits,
        began: Instant,
        times: &mut Times,
    ) -> Result<Option<(Utf8Bytes, Instant)>, WireError> {
        let (wait, silence) = if self.asked {
            (limits.first_byte, WireError::Timeout(Phase::FirstByte))
        } else {
            (limits.stall, WireError::Stalled)
        };
        let (limit, end) = (now() + wait, began + limits.total);
        loop {
            let message = match timeout_at(limit.min(end), self.socket.next()).await {
                Err(_) if end <= limit => return Err(WireError::Timeout(Phase::Total)),
                Err(_) => return Err(silence),
                Ok(None) => return Err(WireError::Cut { received: times.received }),
                Ok(Some(message)) => message.map_err(|error| fault(error, times.received))?,
            };
            let at = now();
            times.received += message.len() as u64;
            times.first_byte.get_or_insert(at);
            times.last_byte = Some(at);
            match message {
                Message::Text(text) => {
                    self.asked = false;
                    return Ok(Some((text, at)));
                }
                Message::Close(_) => return Ok(None),
                Message::Binary(_) => {
                    let what = "a binary message where texts are spoken".to_owned();
                    return Err(WireError::Malformed(ParseError::WebSocket(what)));
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Says goodbye and waits for the peer's own until `end`; then the connection is closed anyhow.
    pub async fn close(mut self, end: Instant) {
        let goodbye = async {
            // Whoever has gone already needs no goodbye.
            if self.socket.close(None).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        let _ = timeout_at(end, goodbye).await;
    }
}

fn fault(error: Error, received: u64) -> WireError {
    match error {
        Error::Http(response) => WireError::Status(response.status().as_u16()),
        Error::Io(error) => {
            TlsCause::within(&error).map_or(WireError::Cut { received }, WireError::Tls)
        }
        Error::ConnectionClosed | Error::AlreadyClosed => WireError::Cut { received },
        // A peer that goes without a goodbye is no other fault here than in HTTP.
        Error::Protocol(
            tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
            | tokio_tungstenite::tungstenite::error::ProtocolError::HandshakeIncomplete,
        ) => WireError::Cut { received },
        other => WireError::Malformed(ParseError::WebSocket(other.to_string())),
    }
}
