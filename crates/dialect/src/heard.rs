//! What has been heard of a streamed answer so far.

use crate::stream_times::Carried;
use crate::tools::are_arguments;
use crate::{Answer, Failure, StreamTimes, ToolUse, Usage, excerpt};
use victor_clock::Instant;
use victor_types::FailureKind;

/// Largest answer kept; a larger one is malformed.
pub(crate) const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// Most uses of tools in one answer; one with more is malformed.
const MAX_TOOLS: usize = 10_000;

/// The answer as it grows. An API's events are told to it in these few words, whatever their shape.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    answer: Answer,
    times: StreamTimes,
    carried: Carried,
    calls: Vec<Call>,
    done: bool,
    error: Option<String>,
    broken: Option<String>,
}

/// A tool call that comes in parts.
#[derive(Debug)]
struct Call {
    index: u64,
    name: String,
    arguments: String,
}

impl Heard {
    /// A piece of the answer's text; an empty one is nothing.
    pub(crate) fn text(&mut self, text: &str) {
        self.carried.text |= !text.is_empty();
        self.answer.bytes += text.len() as u64;
        self.answer.text.push_str(text);
    }

    /// A piece of reasoning, which is counted and not kept.
    pub(crate) fn reasoning(&mut self, text: &str) {
        self.carried.reasoning |= !text.is_empty();
        self.answer.bytes += text.len() as u64;
    }

    /// A part of tool call number `index`: its name, or a piece of its arguments.
    pub(crate) fn call(&mut self, index: u64, name: Option<&str>, arguments: &str) {
        if name.is_none_or(str::is_empty) && arguments.is_empty() {
            return;
        }
        self.carried.tool_call = true;
        self.answer.bytes += (name.map_or(0, str::len) + arguments.len()) as u64;
        if !self.calls.iter().any(|call| call.index == index) {
            self.calls.push(Call { index, name: String::new(), arguments: String::new() });
        }
        if let Some(call) = self.calls.iter_mut().find(|call| call.index == index) {
            call.name.push_str(name.unwrap_or_default());
            call.arguments.push_str(arguments);
        }
    }

    /// A tool that the server itself ran, or refused to.
    pub(crate) fn tool(&mut self, tool: ToolUse) {
        self.answer.tools.push(tool);
    }

    pub(crate) fn session(&mut self, session_id: Option<String>) {
        self.answer.session_id = session_id.or(self.answer.session_id.take());
    }

    /// Token counts so far; later ones replace earlier ones where they say anything.
    pub(crate) fn usage(&mut self, usage: Usage) {
        let known = self.answer.usage.get_or_insert_default();
        let newer = |old: &mut u64, new: u64| *old = if new > 0 { new } else { *old };
        newer(&mut known.prompt_tokens, usage.prompt_tokens);
        newer(&mut known.completion_tokens, usage.completion_tokens);
        newer(&mut known.reasoning_tokens, usage.reasoning_tokens);
        newer(&mut known.cached_tokens, usage.cached_tokens);
        self.carried.tokens = Some(usage.completion_tokens);
    }

    pub(crate) fn done(&mut self) {
        self.done = true;
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done || self.error.is_some() || self.broken.is_some()
    }

    pub(crate) fn error(&mut self, error: String) {
        self.error.get_or_insert(error);
    }

    pub(crate) fn broken(&mut self, why: impl Into<String>) {
        self.broken.get_or_insert(why.into());
    }

    /// An event has been told in full; it came with the read that returned at `at`.
    pub(crate) fn event_ends(&mut self, at: Instant) {
        self.times.event(at, std::mem::take(&mut self.carried));
        let tools = self.answer.tools.len() + self.calls.len();
        if self.answer.bytes > MAX_ANSWER as u64 || tools > MAX_TOOLS {
            self.broken("an answer of over 16 MiB or 10,000 tools");
            self.answer = Answer::default();
            self.calls.clear();
        }
    }

    /// Bytes held, a use of a tool counted as 64.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.answer.text.len() + 64 * self.answer.tools.len()
    }

    pub(crate) fn first_content(&self) -> Option<Instant> {
        self.times.first_chunk()
    }

    pub(crate) fn comments(&mut self, comments: u64) {
        self.times.set_comments(comments);
    }

    /// The answer, at the end of the response; `end` is what should have ended the stream.
    pub(crate) fn finish(mut self, end: &str) -> Result<Answer, Failure> {
        if let Some(error) = self.error {
            return Err(Failure::new(FailureKind::ErrorIn200, excerpt(&error)));
        }
        if let Some(broken) = self.broken {
            return Err(Failure::new(FailureKind::MalformedBody, broken));
        }
        if !self.done {
            return Err(Failure::new(FailureKind::Cut, format!("the stream ended without {end}")));
        }
        let asks = !self.calls.is_empty();
        let calls = self.calls.into_iter();
        let used = calls.map(|call| called(call.name, &call.arguments));
        self.answer.tools.extend(used);
        self.answer.stream = Some(Box::new(self.times));
        not_empty(self.answer, asks)
    }
}

/// A tool that the client is asked to run.
pub(crate) fn called(name: String, arguments: &str) -> ToolUse {
    let ran = !name.is_empty() && (arguments.is_empty() || are_arguments(arguments));
    ToolUse { name, ran }
}

/// An answer says something, or `asks` the client to run a tool.
pub(crate) fn not_empty(answer: Answer, asks: bool) -> Result<Answer, Failure> {
    if answer.text.trim().is_empty() && !asks {
        return Err(Failure::new(FailureKind::EmptyAnswer, "an answer without text"));
    }
    Ok(answer)
}
