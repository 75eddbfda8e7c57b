//! Making a session smaller when somebody asks for it.

use super::{Lease, Session};
use crate::app::App;
use crate::compaction::Wanted;
use crate::name::Name;
use crate::refusal::Refusal;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use serde_json::{Value, json};
use std::sync::Arc;
use victor_context::{Strategy, Tokens, Trigger};
use victor_types::CompactionTruth;

/// Most tokens that a session can be asked to come down to.
pub(crate) const MOST_TOKENS: u64 = 1 << 32;

/// `POST /api/v1/sessions/{id}/compact`: waits for the turns before it, as a turn does.
pub(crate) async fn compact(
    State(app): State<Arc<App>>,
    Name(id): Name,
    request: Request<Body>,
) -> Result<Json<Value>, Refusal> {
    let wanted = read(&app.body.read(request).await?)?;
    let lease = lease(&app, &id).ok_or(Refusal::UnknownSession(id))?;
    let session = Arc::clone(lease.session());
    // As a turn does: the slot first, or turns with slots would wait for one without.
    let _slot =
        if wanted.strategy.may_summarize() { Some(app.admission.enter().await?) } else { None };
    let _in_order = session.turn().await;
    let compacting = session.compacting().ok_or(Refusal::Stopping)?;
    let decided = compacting.decide(wanted).await?;
    let told = compacting.carry_out(decided, app.asking()).await;
    Ok(Json(tell(&session, &told)))
}

/// Keeps the session from expiring meanwhile. One that does not exist is not made.
fn lease(app: &App, id: &str) -> Option<Lease> {
    app.sessions.get(id)?;
    app.sessions.acquire(id)
}

fn tell(session: &Session, told: &CompactionTruth) -> Value {
    let mut body = compaction(told);
    body["session_id"] = session.id().as_ref().into();
    body["tokens_freed"] = told.tokens_before.saturating_sub(told.tokens_after).into();
    body
}

/// A compaction as clients see it.
pub(super) fn compaction(told: &CompactionTruth) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "exact for the first hundred days")]
    let took_ms = told.took_ns as f64 / 1e6;
    json!({
        "strategy": told.strategy,
        "trigger": told.trigger,
        "summarized": told.summarized,
        "messages_before": told.messages_before,
        "messages_after": told.messages_after,
        "tokens_before": told.tokens_before,
        "tokens_after": told.tokens_after,
        "bytes_freed": told.bytes_freed,
        "took_ms": took_ms,
    })
}

/// Reads what is asked for.
pub(crate) fn read(body: &[u8]) -> Result<Wanted, Refusal> {
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
    let target = target.flatten().map(Tokens);
    Ok(Wanted { strategy, target, trigger: Trigger::Manual })
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
        let wanted = |strategy, target| Wanted { strategy, target, trigger: Trigger::Manual };
        let read = |text: &str| read(text.as_bytes());
        assert_eq!(read("{}"), Ok(wanted(Strategy::Hybrid, None)));
        let full = wanted(Strategy::Tiered, Some(Tokens(9)));
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
