//! Every way a request can be refused, with its status and code.

use crate::connection::{HEAD, HEADERS};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request was refused. The text is for a person; the code is for a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// 400: the body is not JSON at all.
    #[error("the body is not valid JSON: {0}")]
    BrokenJson(String),
    /// 400: the body ended early.
    #[error("the body could not be read: {0}")]
    BrokenBody(String),
    /// 400: HTTP/1.1 without a `Host` header.
    #[error("the `Host` header is missing")]
    NoHost,
    /// 400: a part of the path is not UTF-8.
    #[error("the path holds bytes that are not UTF-8")]
    BrokenPath,
    /// 401: keys are set and the request has none.
    #[error("send a key: `Authorization: Bearer KEY`")]
    NoKey,
    /// 401: the key is not one of the server's.
    #[error("the key is not known to this server")]
    WrongKey,
    /// 403: the `Host` header names a host this server is not.
    #[error("host `{0}` is not served here; start the server with --allowed-host {0}")]
    ForeignHost(String),
    /// 403: a page of another site opened the socket.
    #[error("origin `{0}` is not served here: open the socket from a page of this server")]
    ForeignOrigin(String),
    /// 403: the caller is on another machine.
    #[error("`/admin` answers callers on this machine only")]
    NotLocal,
    /// 404: no such path.
    #[error("there is no `{0}`; the chat endpoint is `POST /api/v1/chat`")]
    UnknownPath(String),
    /// 404: no such session.
    #[error("there is no session `{0}`")]
    UnknownSession(String),
    /// 404: no such tool.
    #[error("there is no tool `{0}`; `GET /api/v1/tools` lists them")]
    UnknownTool(String),
    /// 405: the path exists for other methods.
    #[error("`{0}` is not allowed here; see the `Allow` header")]
    Method(String),
    /// 408: the body did not arrive in time.
    #[error("the body did not arrive within {0} s")]
    SlowBody(u64),
    /// 409: the session to be created exists.
    #[error("session `{0}` exists; continue it, or create one under another id")]
    SessionExists(String),
    /// 413: the body is too large.
    #[error("the body is larger than {0} bytes")]
    LargeBody(usize),
    /// 431: the head is too large.
    #[error("the head has more than {HEADERS} headers or {HEAD} bytes")]
    LargeHead,
    /// 415: the body is not declared as JSON.
    #[error("send JSON with `Content-Type: application/json`")]
    NotJson,
    /// 422: a field is missing or wrong; the text names it.
    #[error("{0}")]
    Field(String),
    /// 429: the client has used up its requests for now.
    #[error("too many requests; try again in {retry_after} s")]
    RateLimited {
        /// Whole seconds until one more request is let through.
        retry_after: u64,
    },
    /// 426: a plain request on the path of the socket.
    #[error("this path is a WebSocket: send `Upgrade: websocket` (version 13)")]
    NotUpgraded,
    /// 429: more turns wait on one socket than it may have.
    #[error("{0} turns wait on this socket: send the next when one is done")]
    SocketBusy(usize),
    /// 500: the model kept asking for tools.
    #[error("the model asked for tools {0} times without answering")]
    Rounds(usize),
    /// 500: work was lost, such as when the server goes down.
    #[error("the work broke off; try again")]
    BrokeOff,
    /// 400 to 599: a burst of errors was asked for.
    #[error("a simulated failure; the server was started with --fault error-burst")]
    Burst(u16),
    /// 503: every session slot is in use.
    #[error("all {0} sessions are in use; raise --max-sessions or try again")]
    SessionsFull(usize),
    /// 503: the bodies being read take all the memory they may.
    #[error("the bodies being read take all of {0} bytes; try again, or raise --body-budget")]
    BodiesFull(usize),
    /// 503: no slot, and no place in the line or no patience left in it.
    #[error("the server is overloaded; try again in {retry_after} s, or raise --max-concurrent")]
    Overloaded {
        /// Whole seconds after which the line should have emptied.
        retry_after: u64,
    },
    /// 503: the server is about to stop.
    #[error("the server is stopping and takes no more turns")]
    Stopping,
}

/// The code of a refusal, left in the extensions of its response for whoever counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefusalCode(pub(crate) &'static str);

impl Refusal {
    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::BrokenJson(_) | Self::BrokenBody(_) | Self::NoHost | Self::BrokenPath => {
                StatusCode::BAD_REQUEST
            }
            Self::NoKey | Self::WrongKey => StatusCode::UNAUTHORIZED,
            Self::ForeignHost(_) | Self::ForeignOrigin(_) | Self::NotLocal => StatusCode::FORBIDDEN,
            Self::UnknownPath(_) | Self::UnknownSession(_) | Self::UnknownTool(_) => {
                StatusCode::NOT_FOUND
            }
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlowBody(_) => StatusCode::REQUEST_TIMEOUT,
            Self::SessionExists(_) => StatusCode::CONFLICT,
            Self::LargeBody(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LargeHead => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Field(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotUpgraded => StatusCode::UPGRADE_REQUIRED,
            Self::SocketBusy(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Rounds(_) | Self::BrokeOff => StatusCode::INTERNAL_SERVER_ERROR,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::SessionsFull(_)
            | Self::BodiesFull(_)
            | Self::Overloaded { .. }
            | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::Burst(status) => {
                StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// The stable code of the error body.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::BrokenJson(_) => "broken_json",
            Self::BrokenBody(_) => "broken_body",
            Self::NoHost => "no_host",
            Self::BrokenPath => "broken_path",
            Self::NoKey => "no_key",
            Self::WrongKey => "wrong_key",
            Self::ForeignHost(_) => "foreign_host",
            Self::ForeignOrigin(_) => "foreign_origin",
            Self::NotLocal => "not_local",
            Self::UnknownPath(_) => "unknown_path",
            Self::UnknownSession(_) => "unknown_session",
            Self::UnknownTool(_) => "unknown_tool",
            Self::Method(_) => "method_not_allowed",
            Self::SlowBody(_) => "slow_body",
            Self::SessionExists(_) => "session_exists",
            Self::LargeBody(_) => "large_body",
            Self::LargeHead => "large_head",
            Self::NotJson => "not_json",
            Self::Field(_) => "wrong_field",
            Self::NotUpgraded => "not_upgraded",
            Self::SocketBusy(_) => "socket_busy",
            Self::Rounds(_) => "too_many_rounds",
            Self::BrokeOff => "broke_off",
            Self::Burst(_) => "simulated_failure",
            Self::SessionsFull(_) => "sessions_full",
            Self::BodiesFull(_) => "bodies_full",
            Self::RateLimited { .. } => "rate_limited",
            Self::Overloaded { .. } => "overloaded",
            Self::Stopping => "stopping",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code(), "message": self.to_string() } });
        let mut response = (self.status(), axum::Json(body)).into_response();
        response.extensions_mut().insert(RefusalCode(self.code()));
        let headers = response.headers_mut();
        match self {
            Self::NoKey | Self::WrongKey => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::BodiesFull(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Self::SessionsFull(_) | Self::Stopping => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::RateLimited { retry_after } | Self::Overloaded { retry_after } => {
                headers.insert(header::RETRY_AFTER, retry_after.into());
            }
            Self::NotUpgraded => {
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            }
            // The rest of the body is still on its way: this connection cannot be used again.
            Self::LargeBody(_) | Self::SlowBody(_) | Self::LargeHead => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}
