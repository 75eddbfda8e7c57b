//! The body of a chat request.

use crate::app::ChatLimits;
use crate::refusal::Refusal;
use crate::request_id::{LONGEST_ID, is_id};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de::value::MapAccessDeserializer};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use victor_model::{Message, Role};

/// Longest provider or model name in bytes.
const LONGEST_NAME: usize = 200;

/// What a client asks. Fields that are not known are ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct ChatRequest {
    message: String,
    provider: Option<String>,
    model: Option<String>,
    stream: Option<bool>,
    session_id: Option<String>,
    context: Option<Context>,
}

#[derive(Debug, Deserialize)]
struct Context {
    history: Option<Vec<Item>>,
}

/// An item of `context.history`: text alone is a user message.
#[derive(Debug)]
struct Item(Message);

#[derive(Deserialize)]
struct RoleAndContent {
    role: Role,
    content: String,
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an object with `role` and `content`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Item, E> {
                Ok(Item(Message::user(text)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item, A::Error> {
                let item = RoleAndContent::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Item(Message::text(item.role, item.content)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A chat request that is within the limits.
#[derive(Debug)]
pub(crate) struct Order {
    /// The history given with the request, then the message.
    pub(crate) messages: Vec<Arc<Message>>,
    pub(crate) provider: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) stream: bool,
    pub(crate) session_id: Option<String>,
}

impl Order {
    /// Reads a body. Broken JSON is one refusal, a wrong field another that names the field.
    pub(crate) fn read(body: &[u8], limits: ChatLimits) -> Result<Self, Refusal> {
        let request: ChatRequest =
            serde_json::from_slice(body).map_err(|error| explain(body, &error))?;
        request.checked(limits)
    }
}

impl ChatRequest {
    fn checked(self, limits: ChatLimits) -> Result<Order, Refusal> {
        let field = |text: String| Err(Refusal::Field(text));
        if self.message.trim().is_empty() {
            return field("field `message` is empty".into());
        }
        let items = self.context.and_then(|context| context.history).unwrap_or_default();
        if items.len() > limits.history {
            let (has, most) = (items.len(), limits.history);
            return field(format!("field `context.history` has {has} messages, at most {most}"));
        }
        for (name, value) in [("provider", &self.provider), ("model", &self.model)] {
            if value.as_ref().is_some_and(|name| name.is_empty() || name.len() > LONGEST_NAME) {
                return field(format!("field `{name}` must have 1 to {LONGEST_NAME} bytes"));
            }
        }
        if self.session_id.as_ref().is_some_and(|id| !is_id(id, "._:-")) {
            return field(format!(
                "field `session_id` must be 1 to {LONGEST_ID} characters of A-Z a-z 0-9 . _ : -"
            ));
        }
        let mut messages: Vec<Arc<Message>> =
            items.into_iter().map(|item| Arc::new(item.0)).collect();
        messages.push(Arc::new(Message::user(self.message)));
        for (at, message) in messages.iter().enumerate() {
            let (has, most) = (message.content.len(), limits.message);
            if has > most {
                let last = at + 1 == messages.len();
                let name = if last { "message".into() } else { format!("context.history[{at}]") };
                return field(format!("field `{name}` has {has} bytes, at most {most}"));
            }
        }
        Ok(Order {
            messages,
            provider: self.provider,
            model: self.model,
            stream: self.stream.unwrap_or(false),
            session_id: self.session_id,
        })
    }
}

/// Why `body` is not a chat request.
fn explain(body: &[u8], error: &serde_json::Error) -> Refusal {
    if !error.is_data() {
        return Refusal::BrokenJson(error.to_string());
    }
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Refusal::BrokenJson(error.to_string());
    };
    let Some(object) = value.as_object() else {
        return Refusal::Field("the body must be a JSON object".into());
    };
    if object.get("message").is_none_or(Value::is_null) {
        return Refusal::Field("field `message` is missing".into());
    }
    let text = |name: &str| {
        let wrong = object.get(name).is_some_and(|v| !v.is_string() && !v.is_null());
        wrong.then(|| format!("field `{name}` must be a string"))
    };
    let named = ["message", "provider", "model", "session_id"].into_iter().find_map(text);
    let stream = object.get("stream").filter(|v| !v.is_boolean() && !v.is_null());
    let named = named
        .or_else(|| stream.map(|_| "field `stream` must be true or false".into()))
        .or_else(|| explain_context(object.get("context")?));
    Refusal::Field(named.unwrap_or_else(|| error.to_string()))
}

fn explain_context(context: &Value) -> Option<String> {
    if !context.is_object() {
        return Some("field `context` must be an object".into());
    }
    let Some(items) = context.get("history")?.as_array() else {
        return Some("field `context.history` must be an array".into());
    };
    let wrong = items.iter().position(|item| serde_json::from_value::<Item>(item.clone()).is_err());
    wrong.map(|at| {
        format!(
            "field `context.history[{at}]` must be a string, or an object with `role` (system, \
             user, assistant or tool) and `content`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ChatLimits = ChatLimits { message: 100, history: 3 };

    fn refused(body: &str) -> String {
        Order::read(body.as_bytes(), LIMITS).expect_err(body).to_string()
    }

    #[test]
    fn history_may_be_strings_and_messages() {
        let body = r#"{"message":"hi","extra":1,"stream":null,"session_id":"a:b",
            "context":{"x":2,"history":["one",{"role":"assistant","content":"two","n":3}]}}"#;
        let order = Order::read(body.as_bytes(), LIMITS).expect("good");
        let seen: Vec<(Role, &str)> =
            order.messages.iter().map(|m| (m.role, m.content.as_str())).collect();
        let expected = [(Role::User, "one"), (Role::Assistant, "two"), (Role::User, "hi")];
        assert_eq!(seen, expected);
        assert_eq!((order.stream, order.session_id.as_deref()), (false, Some("a:b")));
    }

    #[test]
    fn each_wrong_field_is_named() {
        let cases = [
            ("{}", "`message` is missing"),
            (r#"{"message":null}"#, "`message` is missing"),
            (r#"{"message":5}"#, "`message` must be a string"),
            (r#"{"message":"  "}"#, "`message` is empty"),
            ("[1]", "must be a JSON object"),
            (r#"{"message":"a","stream":"yes"}"#, "`stream` must be true or false"),
            (r#"{"message":"a","model":[]}"#, "`model` must be a string"),
            (r#"{"message":"a","model":""}"#, "`model` must have"),
            (r#"{"message":"a","session_id":"a b"}"#, "`session_id` must be"),
            (r#"{"message":"a","session_id":""}"#, "`session_id` must be"),
            (r#"{"message":"a","context":3}"#, "`context` must be an object"),
            (r#"{"message":"a","context":{"history":"x"}}"#, "`context.history` must be"),
            (
                r#"{"message":"a","context":{"history":["x",{"role":"boss","content":""}]}}"#,
                "`context.history[1]`",
            ),
            (r#"{"message":"a","context":{"history":["1","2","3","4"]}}"#, "4 messages, at most 3"),
        ];
        for (body, part) in cases {
            assert!(refused(body).contains(part), "{body}: {}", refused(body));
        }
        let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(101));
        assert!(refused(&long).contains("`message` has 101 bytes, at most 100"));
        assert!(matches!(Order::read(b"{\"message\":", LIMITS), Err(Refusal::BrokenJson(_))));
    }
}
