//! The API of `victor serve`: `POST /api/v1/chat`.

use crate::{Answer, Decoder, ToolUse, Turn, Usage};
use serde::{Deserialize, Serialize};

/// An API, with the choices that hold for every turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialect {
    provider: Option<String>,
    model: Option<String>,
    stream: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
}

/// A turn on a WebSocket.
#[derive(Serialize)]
struct Frame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    request_id: &'a str,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    history: &'a [String],
}

impl Dialect {
    /// The API of `victor serve`, plain answers, the server's default provider and model.
    #[must_use]
    pub fn victor() -> Self {
        Self::default()
    }

    /// Asks for a provider and a model; `None` is the server's default.
    #[must_use]
    pub fn with_model(self, provider: Option<String>, model: Option<String>) -> Self {
        Self { provider, model, ..self }
    }

    /// Asks for streamed answers.
    #[must_use]
    pub fn with_stream(self, stream: bool) -> Self {
        Self { stream, ..self }
    }

    /// Where turns are posted.
    #[must_use]
    pub fn chat_path(&self) -> &'static str {
        "/api/v1/chat"
    }

    /// The request body of a turn.
    #[must_use]
    pub fn encode(&self, turn: &Turn) -> Vec<u8> {
        // Plain strings and vectors cannot fail to serialise.
        serde_json::to_vec(&self.body(turn)).unwrap_or_default()
    }

    fn body<'a>(&'a self, turn: &'a Turn) -> Body<'a> {
        Body {
            message: &turn.message,
            provider: self.provider.as_deref(),
            model: self.model.as_deref(),
            stream: self.stream,
            session_id: turn.session_id.as_deref(),
            context: (!turn.history.is_empty()).then_some(Context { history: &turn.history }),
        }
    }

    /// Where the WebSocket is opened that takes turns.
    #[must_use]
    pub fn socket_path(&self) -> &'static str {
        "/ws"
    }

    /// The text that asks for a turn on a WebSocket.
    #[must_use]
    pub fn frame(&self, turn: &Turn, request_id: &str) -> String {
        let frame = Frame { kind: "chat", request_id, body: self.body(turn) };
        // Plain strings and vectors cannot fail to serialise.
        serde_json::to_string(&frame).unwrap_or_default()
    }

    /// A decoder for the answer on a WebSocket, which ends with the frame `done` or `error`.
    #[must_use]
    pub fn socket_decoder(&self) -> Decoder {
        Decoder::of_socket()
    }

    /// A decoder for the response of one turn.
    #[must_use]
    pub fn decoder(&self) -> Decoder {
        Decoder::new(self.stream)
    }
}

/// Body of a plain answer. All optional, so that what is missing can be named.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PlainAnswer {
    pub(crate) response: Option<String>,
    session_id: Option<String>,
    tool_calls: Vec<ToolCall>,
    usage: Option<UsageBody>,
    pub(crate) error: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ToolCall {
    #[serde(default)]
    name: String,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct UsageBody {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

impl From<UsageBody> for Usage {
    fn from(body: UsageBody) -> Self {
        Self { prompt_tokens: body.prompt_tokens, completion_tokens: body.completion_tokens }
    }
}

impl From<ToolCall> for ToolUse {
    fn from(call: ToolCall) -> Self {
        let ran = matches!(call.status.as_deref(), Some("ok" | "failed"));
        Self { name: call.name, ran }
    }
}

impl PlainAnswer {
    pub(crate) fn into_answer(self, text: String) -> Answer {
        Answer {
            text,
            session_id: self.session_id,
            tools: self.tool_calls.into_iter().map(ToolUse::from).collect(),
            usage: self.usage.map(Usage::from),
            first_token: None,
        }
    }
}

/// One event of a streamed answer.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum StreamEvent {
    Request {
        #[serde(default)]
        session_id: Option<String>,
    },
    Content {
        content: String,
    },
    ToolCall {},
    ToolResult {
        #[serde(default)]
        tool_result: Option<ToolCall>,
    },
    Usage {
        #[serde(default)]
        usage: Option<UsageBody>,
    },
    Error {
        #[serde(default)]
        message: String,
    },
    /// The end of a turn on a WebSocket.
    Done {
        #[serde(default)]
        session_id: Option<String>,
        #[serde(default)]
        usage: Option<UsageBody>,
    },
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_carries_only_what_was_asked_for() {
        let turn = Turn {
            message: "say \"hi\"".into(),
            session_id: Some("s".into()),
            history: vec!["a".into()],
        };
        let dialect =
            Dialect::victor().with_model(Some("sim".into()), Some("m".into())).with_stream(true);
        let text = String::from_utf8(dialect.encode(&turn)).expect("text");
        assert_eq!(
            text,
            r#"{"message":"say \"hi\"","provider":"sim","model":"m","stream":true,"session_id":"s","context":{"history":["a"]}}"#
        );
        let frame = dialect.frame(&turn, "r-1");
        let rest =
            frame.strip_prefix(r#"{"type":"chat","request_id":"r-1","#).expect("its own fields");
        assert_eq!(format!("{{{rest}"), text, "and those of a request");
    }
}
