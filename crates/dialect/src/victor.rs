//! The API of `victor serve`: `POST /api/v1/chat`.

use crate::dialect::Request;
use crate::heard::{Heard, not_empty};
use crate::openai::UsageBody;
use crate::plain;
use crate::tools::to_json;
use crate::{Answer, Failure, ToolUse, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) const PATH: &str = "/api/v1/chat";
/// Where the WebSocket is opened that takes turns.
pub(crate) const SOCKET_PATH: &str = "/ws";
pub(crate) const END: &str = "[DONE]";

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

pub(crate) fn encode(request: &Request<'_>) -> Vec<u8> {
    to_json(&body(request))
}

fn body<'a>(request: &Request<'a>) -> Body<'a> {
    let turn = request.turn;
    Body {
        message: &turn.message,
        provider: request.provider,
        model: request.model,
        stream: request.stream,
        session_id: turn.session_id.as_deref(),
        context: (!turn.history.is_empty()).then_some(Context { history: &turn.history }),
    }
}

/// The text that asks for a turn on a WebSocket.
pub(crate) fn frame(request: &Request<'_>, request_id: &str) -> String {
    let frame = Frame { kind: "chat", request_id, body: body(request) };
    // Plain strings and vectors cannot fail to serialise.
    serde_json::to_string(&frame).unwrap_or_default()
}

/// Body of a plain answer. All optional, so that what is missing can be named.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PlainAnswer {
    response: Option<String>,
    session_id: Option<String>,
    tool_calls: Vec<ToolCall>,
    usage: Option<UsageBody>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct ToolCall {
    #[serde(default)]
    name: String,
    #[serde(default)]
    status: Option<String>,
}

impl From<ToolCall> for ToolUse {
    fn from(call: ToolCall) -> Self {
        let ran = matches!(call.status.as_deref(), Some("ok" | "failed"));
        Self { name: call.name, ran }
    }
}

pub(crate) fn plain(bytes: &[u8]) -> Result<Answer, Failure> {
    let body: PlainAnswer = plain::body(bytes)?;
    if let Some(error) = &body.error {
        return Err(plain::error(error));
    }
    let Some(text) = body.response else {
        return Err(plain::malformed(bytes, "the field `response` is missing"));
    };
    let answer = Answer {
        bytes: text.len() as u64,
        text,
        session_id: body.session_id,
        tools: body.tool_calls.into_iter().map(ToolUse::from).collect(),
        usage: body.usage.map(Usage::from),
        stream: None,
    };
    not_empty(answer, false)
}

/// One event of a streamed answer.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum StreamEvent {
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

pub(crate) fn hear(data: &[u8], heard: &mut Heard) -> Result<(), serde_json::Error> {
    if data == END.as_bytes() {
        heard.done();
        return Ok(());
    }
    match serde_json::from_slice(data)? {
        StreamEvent::Request { session_id } => heard.session(session_id),
        StreamEvent::Content { content } => heard.text(&content),
        StreamEvent::ToolResult { tool_result: Some(call) } => heard.tool(call.into()),
        StreamEvent::Usage { usage: Some(usage) } => heard.usage(usage.into()),
        StreamEvent::Error { message } => heard.error(message),
        StreamEvent::Done { session_id, usage } => {
            heard.session(session_id);
            if let Some(usage) = usage {
                heard.usage(usage.into());
            }
            heard.done();
        }
        StreamEvent::ToolCall {}
        | StreamEvent::ToolResult { tool_result: None }
        | StreamEvent::Usage { usage: None }
        | StreamEvent::Unknown => {}
    }
    Ok(())
}
