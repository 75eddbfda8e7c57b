//! An API of one's own: a request template, and JSON pointers into the answer.

use crate::dialect::Request;
use crate::heard::{Heard, not_empty};
use crate::plain;
use crate::tools::to_json;
use crate::{Answer, Failure, Usage};
use serde_json::Value;

/// What a custom API looks like, before it is checked by [`Custom::try_new`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomApi {
    /// Where turns are posted, from `/`.
    pub path: String,
    /// Headers sent with every request.
    pub headers: Vec<(String, String)>,
    /// The request body. In its strings `{{message}}`, `{{session_id}}`, `{{model}}` and
    /// `{{provider}}` are replaced; a string that is `{{messages}}` alone becomes the list of
    /// `{role, content}`, and one that is `{{stream}}` alone becomes true or false.
    pub body: Value,
    /// JSON pointer to the text of a plain answer, such as `/choices/0/message/content`.
    pub text: String,
    /// JSON pointer to the piece of text in an event of a stream.
    pub piece: Option<String>,
    /// JSON pointer to the session's id in a plain answer or an event.
    pub session_id: Option<String>,
    /// JSON pointers to the prompt's and the answer's token counts.
    pub usage: Option<(String, String)>,
    /// JSON pointer to an error: when there is anything but null, the turn failed.
    pub error: Option<String>,
    /// The data of the event that ends a stream, such as `[DONE]`; `None` when the end of the
    /// response is the end of the stream.
    pub end: Option<String>,
}

/// A custom API that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub struct Custom {
    api: CustomApi,
    own_sessions: bool,
}

/// What is wrong with a custom API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CustomError {
    /// The path does not begin with `/`.
    #[error("path: `{0}` does not begin with a slash: write it like /chat")]
    Path(String),
    /// The body never says the message.
    #[error(
        "body: the message is nowhere in it: put {{{{message}}}} or {{{{messages}}}} in a string"
    )]
    NoMessage,
    /// A pointer that is none.
    #[error("{0}: `{1}` is not a JSON pointer: write it like /choices/0/text")]
    Pointer(&'static str, String),
    /// A header that HTTP cannot carry.
    #[error(
        "headers: `{0}` cannot be sent: use a name of letters, digits and hyphens and a value without line breaks"
    )]
    Header(String),
}

impl Custom {
    /// # Errors
    /// See [`CustomError`]; each names the field and the fix.
    pub fn try_new(api: CustomApi) -> Result<Self, CustomError> {
        if !api.path.starts_with('/') || api.path.contains(char::is_whitespace) {
            return Err(CustomError::Path(api.path));
        }
        let body = api.body.to_string();
        if !body.contains("{{message}}") && !body.contains("\"{{messages}}\"") {
            return Err(CustomError::NoMessage);
        }
        let named = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let bad = api
            .headers
            .iter()
            .find(|(name, value)| !named(name) || value.contains(char::is_control));
        if let Some((name, _)) = bad {
            return Err(CustomError::Header(name.clone()));
        }
        let (prompt, answer) = api.usage.clone().unzip();
        let pointers = [
            ("text", Some(api.text.clone())),
            ("piece", api.piece.clone()),
            ("session_id", api.session_id.clone()),
            ("usage", prompt),
            ("usage", answer),
            ("error", api.error.clone()),
        ];
        for (field, pointer) in pointers {
            if let Some(pointer) = pointer.filter(|text| !text.is_empty() && !text.starts_with('/'))
            {
                return Err(CustomError::Pointer(field, pointer));
            }
        }
        Ok(Self { own_sessions: body.contains("{{session_id}}"), api })
    }

    pub(crate) fn path(&self) -> &str {
        &self.api.path
    }

    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.api.headers
    }

    /// True when the server keeps sessions: it is told their ids.
    pub(crate) fn keeps_sessions(&self) -> bool {
        self.own_sessions
    }

    /// True when answers name their session.
    pub(crate) fn names_sessions(&self) -> bool {
        self.own_sessions && self.api.session_id.is_some()
    }

    pub(crate) fn encode(&self, request: &Request<'_>) -> Vec<u8> {
        to_json(&filled(&self.api.body, request))
    }

    pub(crate) fn plain(&self, bytes: &[u8]) -> Result<Answer, Failure> {
        let body: Value = plain::body(bytes)?;
        if let Some(error) = self.error_in(&body) {
            return Err(plain::error(error));
        }
        let Some(text) = body.pointer(&self.api.text).and_then(Value::as_str) else {
            let why = format!("there is no text at `{}`", self.api.text);
            return Err(plain::malformed(bytes, &why));
        };
        let (session_id, usage) = (self.session_in(&body), self.usage_in(&body));
        let (text, bytes) = (text.to_owned(), text.len() as u64);
        not_empty(Answer { text, session_id, usage, bytes, ..Answer::default() }, false)
    }

    pub(crate) fn hear(&self, data: &[u8], heard: &mut Heard) -> Result<(), serde_json::Error> {
        if self.api.end.as_deref().is_some_and(|end| end.as_bytes() == data) {
            heard.done();
            return Ok(());
        }
        let event: Value = serde_json::from_slice(data)?;
        if let Some(error) = self.error_in(&event) {
            heard.error(error.to_string());
        }
        let piece = self.api.piece.as_ref().and_then(|at| event.pointer(at));
        heard.text(piece.and_then(Value::as_str).unwrap_or_default());
        heard.session(self.session_in(&event));
        if let Some(usage) = self.usage_in(&event) {
            heard.usage(usage);
        }
        Ok(())
    }

    /// What ends a stream, in words; `None` when its response's end does.
    pub(crate) fn end(&self) -> Option<&str> {
        self.api.end.as_deref()
    }

    fn error_in<'a>(&self, body: &'a Value) -> Option<&'a Value> {
        body.pointer(self.api.error.as_ref()?).filter(|error| !error.is_null())
    }

    fn session_in(&self, body: &Value) -> Option<String> {
        body.pointer(self.api.session_id.as_ref()?)?.as_str().map(ToOwned::to_owned)
    }

    fn usage_in(&self, body: &Value) -> Option<Usage> {
        let (prompt, answer) = self.api.usage.as_ref()?;
        let count = |at: &str| body.pointer(at).and_then(Value::as_u64);
        let (prompt, answer) = (count(prompt), count(answer));
        (prompt.is_some() || answer.is_some()).then(|| Usage {
            prompt_tokens: prompt.unwrap_or(0),
            completion_tokens: answer.unwrap_or(0),
            ..Usage::default()
        })
    }
}

/// The template with a turn's values in it.
fn filled(template: &Value, request: &Request<'_>) -> Value {
    match template {
        Value::String(text) if text == "{{messages}}" => {
            serde_json::to_value(request.messages()).unwrap_or_default()
        }
        Value::String(text) if text == "{{stream}}" => Value::Bool(request.stream),
        Value::String(text) => Value::String(replaced(text, request)),
        Value::Array(items) => items.iter().map(|item| filled(item, request)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), filled(value, request))).collect()
        }
        other => other.clone(),
    }
}

/// `text` with its placeholders replaced, in one pass: what a user says is never itself a template.
fn replaced(text: &str, request: &Request<'_>) -> String {
    let mut out = String::with_capacity(text.len() + request.turn.message.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let known = [
            ("{{message}}", Some(request.turn.message.as_str())),
            ("{{session_id}}", request.turn.session_id.as_deref()),
            ("{{model}}", request.model),
            ("{{provider}}", request.provider),
        ];
        match known.into_iter().find(|(name, _)| from.starts_with(name)) {
            Some((name, value)) => {
                out.push_str(value.unwrap_or_default());
                rest = &from[name.len()..];
            }
            None => {
                out.push_str("{{");
                rest = &from[2..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conversation, Dialect, Turn};
    use serde_json::json;

    fn api() -> CustomApi {
        CustomApi {
            path: "/ask".into(),
            body: json!({"q": "{{message}}", "who": "user {{session_id}}", "all": "{{messages}}",
                "live": "{{stream}}", "n": 3}),
            text: "/reply/0".into(),
            session_id: Some("/sid".into()),
            usage: Some(("/in".into(), "/out".into())),
            error: Some("/fault".into()),
            ..CustomApi::default()
        }
    }

    #[test]
    fn a_template_is_filled_once_and_only_by_us() {
        let dialect = Dialect::custom(Custom::try_new(api()).expect("valid"));
        let turn = Turn {
            message: "{{session_id}} \"quoted\"".into(),
            session_id: Some("s1".into()),
            ..Turn::default()
        };
        let body: Value =
            serde_json::from_slice(&dialect.encode(&turn, &Conversation::default())).expect("JSON");
        let said = "{{session_id}} \"quoted\"";
        assert_eq!(
            body,
            json!({"q": said, "who": "user s1", "all": [{"role": "user", "content": said}],
                "live": false, "n": 3})
        );
    }

    #[test]
    fn pointers_find_the_answer_and_the_error() {
        let custom = Custom::try_new(api()).expect("valid");
        let answer = custom
            .plain(br#"{"reply":["hi"],"sid":"s1","in":4,"out":2,"fault":null}"#)
            .expect("answer");
        assert_eq!((answer.text.as_str(), answer.session_id.as_deref()), ("hi", Some("s1")));
        assert_eq!(answer.usage.map(|usage| usage.completion_tokens), Some(2));
        let failed = |body: &[u8]| custom.plain(body).expect_err("failed").kind.to_string();
        assert_eq!(failed(br#"{"reply":["hi"],"fault":"no"}"#), "error_in_200");
        assert_eq!(failed(br#"{"reply":[]}"#), "malformed_body");
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_fix() {
        let refused = |api: CustomApi| Custom::try_new(api).expect_err("refused").to_string();
        assert!(refused(CustomApi { path: "ask".into(), ..api() }).contains("slash"));
        assert!(refused(CustomApi { body: json!({}), ..api() }).contains("{{message}}"));
        assert!(refused(CustomApi { text: "reply".into(), ..api() }).contains("/choices/0/text"));
        let headers = vec![("x-key".into(), "a\r\nb".into())];
        assert!(refused(CustomApi { headers, ..api() }).contains("x-key"));
    }
}
