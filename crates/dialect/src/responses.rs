//! Responses: `POST /v1/responses`.

use crate::conversation::Message;
use crate::dialect::Request;
use crate::heard::Heard;
use crate::plain::{self, Parts};
use crate::tools::{Style, offered, to_json};
use crate::{Answer, Failure, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) const PATH: &str = "/v1/responses";
pub(crate) const END: &str = "response.completed";

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    input: Vec<Message<'a>>,
    /// Nothing is kept at the server: the client sends all of it again.
    store: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
}

pub(crate) fn encode(request: &Request<'_>) -> Vec<u8> {
    to_json(&Body {
        model: request.model,
        input: request.messages(),
        store: false,
        stream: request.stream,
        tools: if request.turn.tools { offered(Style::Responses) } else { Vec::new() },
    })
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct UsageBody {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    input_tokens_details: Option<Details>,
    output_tokens_details: Option<Details>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

impl From<UsageBody> for Usage {
    fn from(body: UsageBody) -> Self {
        let (input, output) = (body.input_tokens_details, body.output_tokens_details);
        Self {
            prompt_tokens: body.input_tokens.unwrap_or(0),
            completion_tokens: body.output_tokens.unwrap_or(0),
            reasoning_tokens: output.and_then(|details| details.reasoning_tokens).unwrap_or(0),
            cached_tokens: input.and_then(|details| details.cached_tokens).unwrap_or(0),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Response {
    output: Option<Vec<Item>>,
    usage: Option<UsageBody>,
    error: Option<Value>,
}

/// A part of the output: a message, a summary of reasoning or a function call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Item {
    r#type: String,
    content: Option<Vec<Piece>>,
    summary: Option<Vec<Piece>>,
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Piece {
    text: Option<String>,
    refusal: Option<String>,
}

pub(crate) fn plain(bytes: &[u8]) -> Result<Answer, Failure> {
    let body: Response = plain::body(bytes)?;
    if let Some(error) = &body.error {
        return Err(plain::error(error));
    }
    let Some(output) = body.output else {
        return Err(plain::malformed(bytes, "the field `output` is missing"));
    };
    let mut parts = Parts::default();
    for item in output {
        let content = item.content.unwrap_or_default();
        match item.r#type.as_str() {
            "message" => content.iter().for_each(|piece| {
                parts.text(piece.text.as_deref().or(piece.refusal.as_deref()).unwrap_or_default());
            }),
            "reasoning" => {
                let summary = item.summary.unwrap_or_default();
                let pieces = summary.iter().chain(&content);
                pieces.for_each(|piece| parts.reasoning(piece.text.as_deref().unwrap_or_default()));
            }
            "function_call" => {
                parts.call(item.name.unwrap_or_default(), item.arguments.unwrap_or_default());
            }
            _ => {}
        }
    }
    parts.into_answer(body.usage.map(Usage::from))
}

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Event {
    r#type: String,
    delta: Option<String>,
    output_index: Option<u64>,
    item: Option<Item>,
    response: Option<Response>,
    message: Option<String>,
}

pub(crate) fn hear(data: &[u8], heard: &mut Heard) -> Result<(), serde_json::Error> {
    if data == b"[DONE]" {
        return Ok(());
    }
    let event: Event = serde_json::from_slice(data)?;
    let delta = event.delta.as_deref().unwrap_or_default();
    let index = event.output_index.unwrap_or(0);
    match event.r#type.as_str() {
        "response.output_text.delta" | "response.refusal.delta" => heard.text(delta),
        "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
            heard.reasoning(delta);
        }
        "response.function_call_arguments.delta" => heard.call(index, None, delta),
        "response.output_item.added" => {
            if let Some(item) = event.item.filter(|item| item.r#type == "function_call") {
                heard.call(index, item.name.as_deref(), "");
            }
        }
        "response.completed" | "response.incomplete" => {
            if let Some(usage) = event.response.and_then(|response| response.usage) {
                heard.usage(usage.into());
            }
            heard.done();
        }
        "response.failed" => {
            let error = event.response.and_then(|response| response.error);
            heard.error(error.map_or_else(|| "the response failed".into(), |e| e.to_string()));
        }
        "error" => heard.error(event.message.unwrap_or_else(|| "an error event".into())),
        _ => {}
    }
    Ok(())
}
