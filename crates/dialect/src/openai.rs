//! Chat completions: `POST /v1/chat/completions`, as OpenAI and many servers speak it.
//!
//! Reasoning comes as `reasoning_content` or `reasoning`, which are not the vendor's own but what other
//! servers of its shape send.

use crate::conversation::Message;
use crate::dialect::Request;
use crate::heard::Heard;
use crate::plain::{self, Parts};
use crate::tools::{Style, offered, to_json};
use crate::{Answer, Failure, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) const PATH: &str = "/v1/chat/completions";
pub(crate) const END: &str = "[DONE]";

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

pub(crate) fn encode(request: &Request<'_>) -> Vec<u8> {
    to_json(&Body {
        model: request.model,
        messages: request.messages(),
        stream: request.stream,
        stream_options: request.stream.then_some(StreamOptions { include_usage: true }),
        tools: if request.turn.tools { offered(Style::ChatCompletions) } else { Vec::new() },
    })
}

/// Token counts in the words of chat completions.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct UsageBody {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

impl From<UsageBody> for Usage {
    fn from(body: UsageBody) -> Self {
        let prompt = body.prompt_tokens_details.unwrap_or_default();
        let completion = body.completion_tokens_details.unwrap_or_default();
        Self {
            prompt_tokens: body.prompt_tokens.unwrap_or(0),
            completion_tokens: body.completion_tokens.unwrap_or(0),
            reasoning_tokens: completion.reasoning_tokens.unwrap_or(0),
            cached_tokens: prompt.cached_tokens.unwrap_or(0),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Completion {
    choices: Option<Vec<Choice>>,
    usage: Option<UsageBody>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    message: Option<Said>,
    delta: Option<Said>,
}

/// A message, or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    content: Option<String>,
    refusal: Option<String>,
    reasoning_content: Option<String>,
    reasoning: Option<Value>,
    tool_calls: Option<Vec<CallPart>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CallPart {
    index: Option<u64>,
    function: Option<Function>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Function {
    name: Option<String>,
    arguments: Option<String>,
}

impl Said {
    /// Reasoning under either name; a server that sends both sends the same twice.
    fn thought(&self) -> Option<&str> {
        let other = || self.reasoning.as_ref().and_then(Value::as_str);
        self.reasoning_content.as_deref().or_else(other)
    }
}

pub(crate) fn plain(bytes: &[u8]) -> Result<Answer, Failure> {
    let body: Completion = plain::body(bytes)?;
    if let Some(error) = &body.error {
        return Err(plain::error(error));
    }
    let choice = body.choices.and_then(|choices| choices.into_iter().next());
    let Some(said) = choice.and_then(|choice| choice.message) else {
        return Err(plain::malformed(bytes, "the field `choices[0].message` is missing"));
    };
    let mut parts = Parts::default();
    parts.reasoning(said.thought().unwrap_or_default());
    parts.text(said.content.as_deref().or(said.refusal.as_deref()).unwrap_or_default());
    for call in said.tool_calls.unwrap_or_default() {
        let function = call.function.unwrap_or_default();
        let arguments = function.arguments.unwrap_or_default();
        parts.call(function.name.unwrap_or_default(), arguments);
    }
    parts.into_answer(body.usage.map(Usage::from))
}

pub(crate) fn hear(data: &[u8], heard: &mut Heard) -> Result<(), serde_json::Error> {
    if data == END.as_bytes() {
        heard.done();
        return Ok(());
    }
    let event: Completion = serde_json::from_slice(data)?;
    if let Some(error) = event.error {
        heard.error(error.to_string());
    }
    if let Some(usage) = event.usage {
        heard.usage(usage.into());
    }
    // Only the first choice is asked for.
    let choice = event.choices.and_then(|choices| choices.into_iter().next());
    let Some(said) = choice.and_then(|choice| choice.delta) else { return Ok(()) };
    heard.reasoning(said.thought().unwrap_or_default());
    heard.text(said.content.as_deref().or(said.refusal.as_deref()).unwrap_or_default());
    for call in said.tool_calls.unwrap_or_default() {
        let function = call.function.unwrap_or_default();
        let arguments = function.arguments.unwrap_or_default();
        heard.call(call.index.unwrap_or(0), function.name.as_deref(), &arguments);
    }
    Ok(())
}
