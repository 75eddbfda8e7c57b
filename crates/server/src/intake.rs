//! Reading a JSON body within its limits.

use crate::bodies::Bodies;
use crate::nesting::{DEEPEST, is_too_deep};
use crate::refusal::Refusal;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, header};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use std::time::Duration;

/// Limits of request bodies.
#[derive(Debug)]
pub(crate) struct BodyLimits {
    /// Of one body.
    pub(crate) bytes: usize,
    /// To arrive in.
    pub(crate) time: Duration,
    /// Of all of them.
    pub(crate) budget: Arc<Bodies>,
}

/// How much of a body that is too large is read and thrown away, so that the client sees the
/// refusal instead of a reset connection; and for how long.
const SWALLOWED: usize = 8 << 20;
const SWALLOWING: Duration = Duration::from_secs(2);

/// Largest body that is read although it is refused, and the time it has to arrive.
const DISCARDED: u64 = 64 << 10;
const DISCARDING: Duration = Duration::from_millis(250);

impl BodyLimits {
    /// The body of a request that says it is JSON.
    pub(crate) async fn read(&self, request: Request<Body>) -> Result<Bytes, Refusal> {
        if !is_json(request.headers()) {
            return Err(Refusal::NotJson);
        }
        let mut body = request.into_body();
        let read = tokio::time::timeout(self.time, self.collect(&mut body)).await;
        match read.unwrap_or(Err(Refusal::SlowBody(self.time.as_secs()))) {
            Ok(collected) => shallow(collected),
            Err(refusal) => {
                if matches!(refusal, Refusal::LargeBody(_) | Refusal::BodiesFull(_)) {
                    swallow(&mut body).await;
                }
                Err(refusal)
            }
        }
    }

    /// The whole body in one piece.
    async fn collect(&self, body: &mut Body) -> Result<Bytes, Refusal> {
        let declared = http_body::Body::size_hint(body).lower();
        if declared > self.bytes as u64 {
            return Err(Refusal::LargeBody(self.bytes));
        }
        let mut held = self.budget.open();
        let mut whole = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| Refusal::BrokenBody(error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            if whole.len() + data.len() > self.bytes {
                return Err(Refusal::LargeBody(self.bytes));
            }
            held.take(data.len())?;
            if whole.is_empty() && data.len() as u64 == declared {
                return Ok(data);
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.into())
    }
}

/// Throws a small body away, so that its connection can be used again after a refusal that did not
/// look at it. A client that has more to send, or that takes its time, loses the connection.
pub(crate) async fn discard(request: Request<Body>) {
    // A client that waits for leave to send its body has not sent any.
    let waits = request.headers().contains_key(header::EXPECT);
    let mut body = request.into_body();
    let small = http_body::Body::size_hint(&body).upper().is_some_and(|most| most <= DISCARDED);
    if small && !waits {
        let reading = async { while let Some(Ok(_)) = body.frame().await {} };
        let _ = tokio::time::timeout(DISCARDING, reading).await;
    }
}

/// The body, unless it is nested so deeply that reading it could go wrong.
fn shallow(json: Bytes) -> Result<Bytes, Refusal> {
    if is_too_deep(&json) {
        return Err(Refusal::BrokenJson(format!("nested more than {DEEPEST} levels deep")));
    }
    Ok(json)
}

async fn swallow(body: &mut Body) {
    let mut left = SWALLOWED;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Whether it ended in time makes no difference: the connection is closed after the refusal.
    let _ = tokio::time::timeout(SWALLOWING, reading).await;
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(kind)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}
