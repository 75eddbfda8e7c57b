//! One socket, from its opening to its close.

use super::frame::{ClientFrame, ServerFrame};
use super::turns::{Turns, error};
use crate::app::App;
use crate::connection::Caller;
use crate::rate::Client;
use crate::refusal::Refusal;
use axum::body::Bytes;
use axum::http::HeaderValue;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use victor_clock::{Instant, now, sleep_until};

/// How long a client that must send a key may take to do so.
const AUTH: Duration = Duration::from_secs(10);
/// How long one frame may take to leave: the client reads too slowly, or not at all.
const WRITE: Duration = Duration::from_secs(30);
/// How long the closing handshake may take.
const GOODBYE: Duration = Duration::from_secs(1);

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// A socket that is open.
#[derive(Debug)]
pub(super) struct Socket {
    app: Arc<App>,
    stream: Stream,
    turns: Turns,
    caller: Caller,
    /// The position of the client's key, where it has shown one.
    key: Option<usize>,
    /// Whether the client has shown a key, or needs none.
    known: bool,
    heard: Instant,
    /// When the socket is looked at again for silence.
    check: Instant,
}

/// Why a socket is closed: what the client is told.
type Farewell = (CloseCode, &'static str);

/// What a frame leads to.
type Next = ControlFlow<Option<Farewell>>;

impl Socket {
    /// The socket of `caller`, who is `known` by the key at that position, or needs none.
    pub(super) fn new(
        app: Arc<App>,
        stream: Stream,
        caller: Caller,
        known: Option<Option<usize>>,
    ) -> Self {
        let (key, known) = (known.flatten(), known.is_some());
        let heard = now();
        let check = heard + if known { app.silence / 2 } else { AUTH };
        Self { app, stream, turns: Turns::default(), caller, key, known, heard, check }
    }

    /// Serves the socket until either side ends it. When the server stops, the turn that runs is
    /// told to its end, and those that wait are refused.
    pub(super) async fn serve(mut self) {
        let app = Arc::clone(&self.app);
        loop {
            if app.stopping.is_cancelled() && self.turns.is_idle() {
                return self.close((CloseCode::Away, "the server stops")).await;
            }
            let next = tokio::select! {
                frame = self.stream.next() => self.hear(frame).await,
                frame = self.turns.next(&app) => self.say(frame).await,
                () = sleep_until(self.check) => self.look().await,
                () = app.stopping.cancelled(), if self.turns.is_idle() => Next::Continue(()),
            };
            match next {
                Next::Continue(()) => {}
                Next::Break(Some(farewell)) => return self.close(farewell).await,
                Next::Break(None) => return,
            }
        }
    }

    /// One message of the client, or its end.
    async fn hear(&mut self, message: Option<Result<Message, Error>>) -> Next {
        self.heard = now();
        match message {
            Some(Ok(Message::Text(text))) => self.obey(text).await,
            Some(Ok(Message::Binary(_))) => {
                Next::Break(Some((CloseCode::Unsupported, "send text frames")))
            }
            // The answer to a ping is queued by the protocol and leaves with a flush.
            Some(Ok(Message::Ping(_))) => self.flush().await,
            Some(Ok(Message::Pong(_) | Message::Frame(_))) => Next::Continue(()),
            Some(Ok(Message::Close(_))) => {
                self.flush().await?;
                Next::Break(None)
            }
            Some(Err(Error::Capacity(_))) => Next::Break(Some((CloseCode::Size, "too large"))),
            Some(Err(Error::Utf8(_))) => {
                Next::Break(Some((CloseCode::Invalid, "the text is not UTF-8")))
            }
            Some(Err(Error::Protocol(_))) => {
                Next::Break(Some((CloseCode::Protocol, "broken frame")))
            }
            Some(Err(_)) | None => Next::Break(None),
        }
    }

    async fn obey(&mut self, text: Utf8Bytes) -> Next {
        let frame = match serde_json::from_str::<ClientFrame>(&text) {
            Ok(frame) => frame,
            Err(wrong) if wrong.is_data() => {
                let refusal = Refusal::Field(format!(
                    "the frame must be an object whose `type` is `chat`, `ping` or `auth`: {wrong}"
                ));
                return self.say(error(&refusal, None).into()).await;
            }
            Err(broken) => {
                let refusal = Refusal::BrokenJson(broken.to_string());
                return self.say(error(&refusal, None).into()).await;
            }
        };
        match frame {
            ClientFrame::Ping => self.say(ServerFrame::Pong.text().into()).await,
            ClientFrame::Auth { api_key } => self.admit(&api_key).await,
            ClientFrame::Chat { .. } if !self.known => {
                self.say(error(&Refusal::NoKey, None).into()).await
            }
            ClientFrame::Chat { request_id } => {
                let id = request_id.and_then(|id| HeaderValue::try_from(id).ok());
                let id = self.app.request_ids.take(id.as_ref());
                let client = Client::new(self.key, self.caller.peer);
                match self.turns.add(&self.app, client, id, text.into()) {
                    Some(refusal) => self.say(refusal.into()).await,
                    None => Next::Continue(()),
                }
            }
        }
    }

    /// A wrong key ends the socket: who guesses needs a new connection for each guess.
    async fn admit(&mut self, key: &str) -> Next {
        match self.app.guard.knows(key) {
            Ok(key) => {
                (self.key, self.known) = (key, true);
                self.say(ServerFrame::AuthSuccess.text().into()).await
            }
            Err(refusal) => {
                let message = &refusal.to_string();
                self.say(ServerFrame::AuthFailed { message }.text().into()).await?;
                Next::Break(Some((CloseCode::Policy, "wrong key")))
            }
        }
    }

    /// Looks after a silent client: asks whether it is there, and gives it up when it is not.
    async fn look(&mut self) -> Next {
        if !self.known {
            return Next::Break(Some((CloseCode::Policy, "no key was sent")));
        }
        let silent = now() - self.heard;
        if silent >= self.app.silence {
            return Next::Break(None);
        }
        self.check = now() + self.app.silence / 2;
        if silent >= self.app.silence / 2 {
            return self.send(Message::Ping(Bytes::new())).await;
        }
        Next::Continue(())
    }

    /// Sends the text of a frame.
    async fn say(&mut self, text: Bytes) -> Next {
        match Utf8Bytes::try_from(text) {
            Ok(text) => self.send(Message::Text(text)).await,
            Err(_) => Next::Break(Some((CloseCode::Error, "a frame could not be written"))),
        }
    }

    async fn send(&mut self, message: Message) -> Next {
        let sent = tokio::time::timeout(WRITE, self.stream.send(message)).await;
        if matches!(sent, Ok(Ok(()))) { Next::Continue(()) } else { Next::Break(None) }
    }

    async fn flush(&mut self) -> Next {
        let flushed = tokio::time::timeout(WRITE, self.stream.flush()).await;
        if matches!(flushed, Ok(Ok(()))) { Next::Continue(()) } else { Next::Break(None) }
    }

    /// Says why, and waits a moment for the client's own goodbye.
    async fn close(self, (code, reason): Farewell) {
        let Self { mut stream, turns, .. } = self;
        drop(turns);
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let closing = async {
            if stream.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = stream.next().await {}
            }
        };
        // Whether it answered makes no difference: the connection ends here.
        let _ = tokio::time::timeout(GOODBYE, closing).await;
    }
}
