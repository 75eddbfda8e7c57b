//! What `victor observe` answers over HTTP.

use crate::{ObservationLog, Status};
use axum::Json;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde::Deserialize;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch::Receiver;
use victor_types::ObserverPage;

/// A log that is written by one task and read by others.
pub type SharedLog = Arc<Mutex<ObservationLog>>;

#[derive(Debug, Clone)]
struct Shared {
    log: SharedLog,
    status: Receiver<Status>,
    token: Option<Arc<str>>,
}

#[derive(Debug, Deserialize)]
struct Position {
    after: Option<u64>,
}

/// Answers `GET /v1/observations` on `listener` until `stop` is ready.
///
/// With a `token`, a request must carry it as `Authorization: Bearer`. Without one, the request must
/// have been sent to an address or to `localhost`: a page in a browser on this machine that made its
/// own name point here is refused.
///
/// # Errors
/// When the listening socket fails.
pub async fn serve(
    listener: TcpListener,
    log: SharedLog,
    status: Receiver<Status>,
    token: Option<String>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let shared = Shared { log, status, token: token.map(Arc::from) };
    let router = Router::new().route("/v1/observations", get(observations)).with_state(shared);
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn observations(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(position): Query<Position>,
) -> Result<Json<ObserverPage>, StatusCode> {
    match &shared.token {
        Some(token) if !carries(&headers, token) => return Err(StatusCode::UNAUTHORIZED),
        None if !is_addressed_directly(&headers) => return Err(StatusCode::MISDIRECTED_REQUEST),
        _ => {}
    }
    let status = shared.status.borrow().clone();
    // Nothing that holds the lock can leave the log half written.
    let log = shared.log.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Json(log.page(position.after, &status)))
}

/// Compares every byte, so that the time taken says nothing about the token.
fn carries(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let differing = given.bytes().zip(token.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b));
    given.len() == token.len() && differing == 0
}

fn is_addressed_directly(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a value"));
        headers
    }

    #[test]
    fn only_the_whole_token_opens() {
        assert!(carries(&with("authorization", "Bearer secret"), "secret"));
        for given in ["Bearer secre", "Bearer secrets", "Bearer ", "secret", "Bearer Secret"] {
            assert!(!carries(&with("authorization", given), "secret"), "{given}");
        }
        assert!(!carries(&HeaderMap::new(), "secret"));
    }

    #[test]
    fn names_that_anyone_could_point_here_are_refused() {
        for host in ["127.0.0.1:9127", "localhost", "localhost:9127", "[::1]:9127", "[::1]"] {
            assert!(is_addressed_directly(&with("host", host)), "{host}");
        }
        for host in ["evil.example", "evil.example:9127", "localhost.evil.example", ""] {
            assert!(!is_addressed_directly(&with("host", host)), "{host}");
        }
    }
}
