//! The Python server of the same name: `POST /chat`, and `POST /chat/stream` for streams.

use crate::conversation::Message;
use crate::dialect::Request;
use crate::heard::Heard;
use crate::plain;
use crate::tools::to_json;
use crate::{Answer, Failure, ToolUse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use victor_types::FailureKind;

pub(crate) const PATH: &str = "/chat";
pub(crate) const STREAM_PATH: &str = "/chat/stream";
pub(crate) const END: &str = "[DONE]";

#[derive(Serialize)]
struct Body<'a> {
    messages: Vec<Message<'a>>,
}

pub(crate) fn encode(request: &Request<'_>) -> Vec<u8> {
    to_json(&Body { messages: request.messages() })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reply {
    content: Option<String>,
    tool_calls: Option<Vec<Call>>,
    status: Option<String>,
    error: Option<Value>,
}

/// A tool call under either of the names that it is written by. The server runs its tools itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Call {
    name: Option<String>,
    tool_name: Option<String>,
    success: Option<bool>,
}

impl From<Call> for ToolUse {
    fn from(call: Call) -> Self {
        let name = call.name.or(call.tool_name).unwrap_or_default();
        Self { name, ran: call.success.unwrap_or(true) }
    }
}

pub(crate) fn plain(bytes: &[u8]) -> Result<Answer, Failure> {
    let body: Reply = plain::body(bytes)?;
    if let Some(error) = &body.error {
        return Err(plain::error(error));
    }
    if let Some(status) = body.status.filter(|status| status != "ok") {
        let seen = format!("the turn's status is `{status}`");
        return Err(Failure::new(FailureKind::ErrorIn200, seen));
    }
    let Some(text) = body.content else {
        return Err(plain::malformed(bytes, "the field `content` is missing"));
    };
    let tools = body.tool_calls.unwrap_or_default().into_iter().map(ToolUse::from).collect();
    let bytes = text.len() as u64;
    crate::heard::not_empty(Answer { text, tools, bytes, ..Answer::default() }, false)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    r#type: String,
    content: Option<String>,
    tool_call: Option<Call>,
    message: Option<String>,
}

pub(crate) fn hear(data: &[u8], heard: &mut Heard) -> Result<(), serde_json::Error> {
    if data == END.as_bytes() {
        heard.done();
        return Ok(());
    }
    let event: Event = serde_json::from_slice(data)?;
    match event.r#type.as_str() {
        "content" => heard.text(event.content.as_deref().unwrap_or_default()),
        "tool_call" => heard.tool(event.tool_call.unwrap_or_default().into()),
        "error" => heard.error(event.message.unwrap_or_else(|| "an error event".into())),
        _ => {}
    }
    Ok(())
}
