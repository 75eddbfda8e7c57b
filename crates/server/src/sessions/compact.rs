//! Making a session smaller when somebody asks for it.

use super::{Lease, Session};
use crate::app::App;
use crate::name::Name;
use crate::refusal::Refusal;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use serde_json::{Value, json};
use std::sync::Arc;
use victor_context::{Compaction, Excerpts, Strategy, Tokens, Trigger, Weight};

/// Most tokens that a session can be asked to come down to.
pub(crate) const MOST_TOKENS: u64 = 1 << 32;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    strategy: Strategy,
    /// Tokens to come down to; `None` is half of what there is.
    target: Option<Tokens>,
}

/// `POST /api/v1/sessions/{id}/compact`: waits for the turns before it, as a turn does.
pub(crate) async fn compact(
    State(app): State<Arc<App>>,
    Name(id): Name,
    request: Request<Body>,
) -> Result<Json<Value>, Refusal> {
    let wanted = Wanted::read(&app.body.read(request).await?)?;
    let lease = lease(&app, &id).ok_or(Refusal::UnknownSession(id))?;
    let session = Arc::clone(lease.session());
    let _in_order = session.turn().await;
    let messages = session.messages();
    let before = messages.len();
    let work = tokio::task::spawn_blocking(move || {
        let target = wanted.target.unwrap_or(Tokens(Weight::of_all(&messages).tokens.0 / 2));
        wanted.strategy.plan(&messages, target, Trigger::Manual).finish(&Excerpts)
    });
    let compaction = work.await.map_err(|_| Refusal::BrokeOff)?;
    session.replace(compaction.kept.clone());
    Ok(Json(told(&session, before, &compaction)))
}

/// Keeps the session from expiring meanwhile. One that does not exist is not made.
fn lease(app: &App, id: &str) -> Option<Lease> {
    app.sessions.get(id)?;
    app.sessions.acquire(id)
}

fn told(session: &Session, before: usize, compaction: &Compaction) -> Value {
    json!({
        "session_id": session.id().as_ref(),
        "strategy": compaction.strategy,
        "messages_before": before,
        "messages_after": compaction.kept.len(),
        "summarized": compaction.summary.is_some(),
        "tokens_freed": compaction.tokens_freed.0,
        "bytes_freed": compaction.bytes_freed,
    })
}

impl Wanted {
    fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value =
            serde_json::from_slice(body).map_err(|error| Refusal::BrokenJson(error.to_string()))?;
        let Some(fields) = body.as_object() else {
            return Err(Refusal::Field("the body must be a JSON object".into()));
        };
        let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
        let strategy = match given("strategy") {
            None => Some(Strategy::default()),
            Some(value) => value.as_str().and_then(|name| name.parse().ok()),
        };
        let strategy = strategy.ok_or_else(|| {
            let names = Strategy::ALL.map(Strategy::name).join(", ");
            Refusal::Field(format!("field `strategy` must be one of {names}"))
        })?;
        let target = given("target_tokens").map(whole);
        if target == Some(None) {
            return Err(Refusal::Field(format!(
                "field `target_tokens` must be a whole number from 1 to {MOST_TOKENS}"
            )));
        }
        Ok(Self { strategy, target: target.flatten().map(Tokens) })
    }
}

/// A whole number in the limits, also one written as `5.0`.
fn whole(value: &Value) -> Option<u64> {
    let number = value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
        format!("{number}").parse().ok()
    });
    number.filter(|number| (1..=MOST_TOKENS).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_may_be_left_out_and_each_wrong_field_is_named() {
        let read = |text: &str| Wanted::read(text.as_bytes());
        assert_eq!(read("{}"), Ok(Wanted { strategy: Strategy::Hybrid, target: None }));
        let full = Wanted { strategy: Strategy::Tiered, target: Some(Tokens(9)) };
        assert_eq!(read(r#"{"strategy":"tiered","target_tokens":9.0}"#), Ok(full));
        for (body, part) in [
            ("3", "JSON object"),
            (r#"{"strategy":"magic"}"#, "`strategy` must be one of truncation"),
            (r#"{"strategy":1}"#, "`strategy`"),
            (r#"{"target_tokens":0}"#, "`target_tokens`"),
            (r#"{"target_tokens":-1}"#, "`target_tokens`"),
            (r#"{"target_tokens":1.5}"#, "`target_tokens`"),
            (r#"{"target_tokens":1e30}"#, "`target_tokens`"),
        ] {
            let error = read(body).expect_err(body).to_string();
            assert!(error.contains(part), "{body}: {error}");
        }
    }
}
