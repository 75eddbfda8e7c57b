//! Messages: `POST /v1/messages`.

use crate::conversation::Message;
use crate::dialect::Request;
use crate::heard::Heard;
use crate::plain::{self, Parts};
use crate::tools::{Style, offered, to_json};
use crate::{Answer, Failure, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) const PATH: &str = "/v1/messages";
pub(crate) const END: &str = "message_stop";

/// The version of the API that is spoken here, sent with every request.
pub(crate) const VERSION: &str = "2023-06-01";

/// Most tokens of an answer; the API wants a number, and none is as good as another.
const MAX_TOKENS: u32 = 1024;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    max_tokens: u32,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
}

pub(crate) fn encode(request: &Request<'_>) -> Vec<u8> {
    to_json(&Body {
        model: request.model,
        max_tokens: MAX_TOKENS,
        messages: request.messages(),
        stream: request.stream,
        tools: if request.turn.tools { offered(Style::Messages) } else { Vec::new() },
    })
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct UsageBody {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
}

impl From<UsageBody> for Usage {
    /// `input_tokens` are those after the last cache break only; the prompt is all three.
    fn from(body: UsageBody) -> Self {
        let cached = body.cache_read_input_tokens.unwrap_or(0);
        let written = body.cache_creation_input_tokens.unwrap_or(0);
        Self {
            prompt_tokens: body.input_tokens.unwrap_or(0) + cached + written,
            completion_tokens: body.output_tokens.unwrap_or(0),
            reasoning_tokens: 0,
            cached_tokens: cached,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reply {
    content: Option<Vec<Block>>,
    usage: Option<UsageBody>,
    error: Option<Value>,
}

/// A block of content: text, thinking, or a tool to use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Block {
    r#type: String,
    text: Option<String>,
    thinking: Option<String>,
    name: Option<String>,
    input: Option<Value>,
}

pub(crate) fn plain(bytes: &[u8]) -> Result<Answer, Failure> {
    let body: Reply = plain::body(bytes)?;
    if let Some(error) = &body.error {
        return Err(plain::error(error));
    }
    let Some(content) = body.content else {
        return Err(plain::malformed(bytes, "the field `content` is missing"));
    };
    let mut parts = Parts::default();
    for block in content {
        match block.r#type.as_str() {
            "text" => parts.text(block.text.as_deref().unwrap_or_default()),
            "thinking" => parts.reasoning(block.thinking.as_deref().unwrap_or_default()),
            "tool_use" => {
                let input = block.input.map(|input| input.to_string()).unwrap_or_default();
                parts.call(block.name.unwrap_or_default(), input);
            }
            _ => {}
        }
    }
    parts.into_answer(body.usage.map(Usage::from))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    r#type: String,
    index: Option<u64>,
    delta: Option<Delta>,
    content_block: Option<Block>,
    message: Option<Reply>,
    usage: Option<UsageBody>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    r#type: String,
    text: Option<String>,
    thinking: Option<String>,
    partial_json: Option<String>,
}

pub(crate) fn hear(data: &[u8], heard: &mut Heard) -> Result<(), serde_json::Error> {
    let event: Event = serde_json::from_slice(data)?;
    let index = event.index.unwrap_or(0);
    match event.r#type.as_str() {
        "message_start" => {
            if let Some(usage) = event.message.and_then(|message| message.usage) {
                // Output tokens counted before any was sent are a promise, not a count.
                heard.usage(UsageBody { output_tokens: None, ..usage }.into());
            }
        }
        "content_block_start" => {
            let block = event.content_block.unwrap_or_default();
            heard.text(block.text.as_deref().unwrap_or_default());
            heard.reasoning(block.thinking.as_deref().unwrap_or_default());
            if block.r#type == "tool_use" {
                heard.call(index, block.name.as_deref(), "");
            }
        }
        "content_block_delta" => {
            let delta = event.delta.unwrap_or_default();
            match delta.r#type.as_str() {
                "text_delta" => heard.text(delta.text.as_deref().unwrap_or_default()),
                "thinking_delta" => {
                    heard.reasoning(delta.thinking.as_deref().unwrap_or_default());
                }
                "input_json_delta" => {
                    heard.call(index, None, delta.partial_json.as_deref().unwrap_or_default());
                }
                _ => {}
            }
        }
        "message_delta" => {
            if let Some(usage) = event.usage {
                heard.usage(usage.into());
            }
        }
        "message_stop" => heard.done(),
        "error" => {
            let error = event.error.map(|error| error.to_string());
            heard.error(error.unwrap_or_else(|| "an error event".into()));
        }
        _ => {}
    }
    Ok(())
}
