//! From a request to a socket.

use super::socket::Socket;
use crate::app::App;
use crate::connection::Caller;
use crate::guard::Guard;
use crate::refusal::Refusal;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// `GET /ws`: checks who asks, answers 101, and serves the socket beside the connection.
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    mut request: Request<Body>,
) -> Result<Response<Body>, Refusal> {
    let accept = accept(request.headers())?;
    Guard::check_origin(request.headers())?;
    let known = match app.guard.check_key(request.headers()) {
        Ok(key) => Some(key),
        // A browser cannot send the header; it has a frame for it.
        Err(Refusal::NoKey) => None,
        Err(refusal) => return Err(refusal),
    };
    if app.stopping.is_cancelled() {
        return Err(Refusal::Stopping);
    }
    let caller = request.extensions_mut().remove::<Caller>().ok_or(Refusal::NotUpgraded)?;
    let upgraded = hyper::upgrade::on(&mut request);
    let config = WebSocketConfig::default()
        .max_message_size(Some(app.body.bytes))
        .max_frame_size(Some(app.body.bytes))
        .read_buffer_size(8 << 10)
        .write_buffer_size(0);
    let cut = app.cut.clone();
    app.tasks.clone().spawn(cut.run_until_cancelled_owned(async move {
        match upgraded.await {
            Ok(stream) => {
                let stream = TokioIo::new(stream);
                let stream =
                    WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
                Socket::new(app, stream, caller, known).serve().await;
            }
            Err(error) => tracing::debug!(%error, "a socket was not opened"),
        }
    }));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

/// The answer to the client's challenge, when the request is one for a WebSocket.
fn accept(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let wants = names(headers, &header::CONNECTION, "upgrade")
        && names(headers, &header::UPGRADE, "websocket")
        && names(headers, &header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24 && wants);
    let key = key.ok_or(Refusal::NotUpgraded)?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| Refusal::NotUpgraded)
}

/// True when `word` is in the list that the header holds.
fn names(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let lists = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(version: &str, key: &str) -> HeaderMap {
        [
            (header::CONNECTION, "keep-alive, Upgrade"),
            (header::UPGRADE, "WebSocket"),
            (header::SEC_WEBSOCKET_VERSION, version),
            (header::SEC_WEBSOCKET_KEY, key),
        ]
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_str(value).expect("a value")))
        .collect()
    }

    #[test]
    fn the_challenge_of_the_standard_has_the_answer_of_the_standard() {
        let answer = accept(&headers("13", "dGhlIHNhbXBsZSBub25jZQ==")).expect("accepted");
        assert_eq!(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(accept(&headers("12", "dGhlIHNhbXBsZSBub25jZQ==")), Err(Refusal::NotUpgraded));
        assert_eq!(accept(&headers("13", "short")), Err(Refusal::NotUpgraded));
        assert_eq!(accept(&HeaderMap::new()), Err(Refusal::NotUpgraded));
    }
}
