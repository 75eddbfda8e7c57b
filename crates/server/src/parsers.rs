//! Whatever comes in over the network or from settings: no parser panics, and what one lets
//! through is within its limits.

use crate::app::ChatLimits;
use crate::chat::Order;
use crate::faults::admin;
use crate::sessions::routes::{LISTED, ListQuery};
use crate::sessions::{ENTRIES, NewSession, read_wanted};
use crate::ws::ClientFrame;
use crate::{ApiKey, Capacity, Fault};
use axum::extract::Query;
use axum::http::Uri;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const LIMITS: ChatLimits = ChatLimits { message: 60, history: 3 };

/// Any JSON, with the names and values that the parsers look for among it.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[A-Za-z0-9._:-]{0,150}",
        "(user|assistant|system|tool|tiered|hybrid|chat|ping|auth)",
        any_fault(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let name = prop_oneof![
        any::<String>(),
        "(message|session_id|context|history|role|content|stream|provider|model|metadata)",
        "(type|request_id|api_key|strategy|target_tokens|set|clear)",
    ];
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Text like a fault's.
fn any_fault() -> impl Strategy<Value = String> {
    let name = "(leak-request|latency-creep|gc-pause|error-burst|stall|cut|slow-start|[a-z-]{0,9})";
    let value = "[0-9.]{0,25}(%|x|s|ms|KiB|MiB|m|h)?[@/,]?[0-9a-z=.]{0,12}(%|s|m|h)?";
    (name, value).prop_map(|(name, value)| format!("{name}={value}"))
}

/// Bodies: JSON, JSON with bytes broken, and anything.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let whole = || any_json().prop_map(|json| json.to_string().into_bytes());
    let broken =
        (whole(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut body, at, byte)| {
            let at = at.index(body.len());
            body[at] = byte;
            body
        });
    prop_oneof![4 => whole(), 2 => broken, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// A chat request that is often good.
fn any_chat() -> impl Strategy<Value = Vec<u8>> {
    (any::<String>(), any_json(), any_json(), any_json()).prop_map(
        |(message, id, stream, history)| {
            let body = json!({
                "message": message,
                "session_id": id,
                "stream": stream,
                "context": { "history": history },
            });
            body.to_string().into_bytes()
        },
    )
}

proptest! {
    #[test]
    fn chat_bodies(body in prop_oneof![any_body(), any_chat()]) {
        if let Ok(order) = Order::read(&body, LIMITS) {
            prop_assert!((1..=LIMITS.history + 1).contains(&order.messages.len()));
            let longest = order.messages.iter().map(|message| message.content.len()).max();
            prop_assert!(longest <= Some(LIMITS.message));
            let id = order.session_id.unwrap_or_default();
            let good = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
            prop_assert!(id.len() <= 128 && id.chars().all(good), "{id:?}");
        }
    }

    #[test]
    fn frames_sessions_and_compactions(body in any_body()) {
        drop(serde_json::from_slice::<ClientFrame>(&body));
        drop(read_wanted(&body));
        if let Ok(session) = NewSession::read(&body) {
            prop_assert!(session.metadata.len() <= ENTRIES);
        }
    }

    #[test]
    fn changes_of_faults(set in prop::collection::vec(any_fault(), 0..3), body in any_body()) {
        drop(admin::read(&body));
        let body = json!({ "set": set, "clear": ["cut", "stall"] }).to_string();
        if let Ok((read, cleared)) = admin::read(body.as_bytes()) {
            prop_assert_eq!((read.len(), cleared.len()), (set.len(), 2));
        }
    }

    #[test]
    fn faults_read_back_as_they_are_told(text in prop_oneof![any_fault(), any::<String>()]) {
        if let Ok(fault) = text.parse::<Fault>() {
            let told = fault.to_string();
            prop_assert_eq!(told.parse::<Fault>().map(|fault| fault.to_string()), Ok(told));
        }
    }

    #[test]
    fn queries(query in "[ -~]{0,60}", limit in any::<i32>()) {
        for text in [query.clone(), format!("limit={limit}&after={query}")] {
            let Ok(uri) = format!("/api/v1/sessions?{text}").parse::<Uri>() else { continue };
            if let Ok(Query(list)) = Query::<ListQuery>::try_from_uri(&uri)
                && let Some(limit) = list.checked()
            {
                prop_assert!((1..=LISTED).contains(&limit));
            }
        }
    }

    #[test]
    fn keys_and_capacities(text in prop_oneof![any::<String>(), "[0-9.e+-]{1,12}", "[^:]{0,9}:.{0,9}"]) {
        if let Ok(key) = text.parse::<ApiKey>() {
            let secret = text.trim().split(':').next().unwrap_or_default();
            prop_assert!(!secret.is_empty());
            let shown = format!("{key:?}");
            prop_assert!(secret.len() < 12 || key.client().is_some() || !shown.contains(secret));
        }
        if let Ok(capacity) = text.parse::<Capacity>() {
            prop_assert!(capacity.per_second() > 0.0 && capacity.per_second() <= 1e6);
        }
    }
}
