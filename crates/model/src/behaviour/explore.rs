//! What an agent does of its own accord: it looks around in the workspace before it answers.

use super::prose::topic;
use super::{last_user, tool_calls};
use crate::draw::Draws;
use crate::message::{Message, Role, ToolCall};
use crate::preset::Script;
use serde_json::{Value, json};

/// The calls of the next round; none when it is time to answer. What the user asks for comes
/// first. The number of rounds follows from `rounds`, which must be the same in each round.
pub(crate) fn calls(
    messages: &[&Message],
    tools: &[String],
    script: &Script,
    rounds: usize,
    draws: &mut Draws,
) -> Vec<ToolCall> {
    let turn = turn(messages);
    let done = turn.iter().filter(|message| !message.tool_calls.is_empty()).count();
    if done == 0 {
        let wanted = tool_calls(messages, tools, draws);
        if !wanted.is_empty() {
            return wanted;
        }
    }
    if done >= rounds {
        return Vec::new();
    }
    let count = if draws.uniform() < script.two_calls { 2 } else { 1 };
    let mut choices = choices(messages, turn);
    choices.retain(|(name, _)| tools.iter().any(|tool| tool == name));
    let mut calls = Vec::new();
    for _ in 0..count {
        let Some((name, arguments)) = draws.pick(&choices) else { break };
        let id = format!("call_{:08x}", draws.bits());
        calls.push(ToolCall { id, name: (*name).to_owned(), arguments: arguments.clone() });
    }
    calls
}

/// The messages an agent answers from: without what it looked at of its own accord, so that it
/// says what it was asked for.
pub(crate) fn asked_for<'a>(
    messages: &[&'a Message],
    tools: &[String],
    draws: &mut Draws,
) -> Vec<&'a Message> {
    let turn = turn(messages);
    let before = messages.len() - turn.len();
    let user = &messages[..(before + 1).min(messages.len())];
    if tool_calls(user, tools, draws).is_empty() {
        return user.to_vec();
    }
    let results = turn.iter().skip(2).take_while(|message| message.role == Role::Tool).count();
    messages[..before + (2 + results).min(turn.len())].to_vec()
}

/// The last user message and what came after it.
fn turn<'b, 'a>(messages: &'b [&'a Message]) -> &'b [&'a Message] {
    let user = messages.iter().rposition(|message| message.role == Role::User);
    &messages[user.unwrap_or(messages.len())..]
}

/// What could be looked at next: a list of all, the user's topic, or a file that was seen.
fn choices(messages: &[&Message], turn: &[&Message]) -> Vec<(&'static str, Value)> {
    let topic = topic(last_user(messages));
    let word = topic.split(' ').next().unwrap_or_default();
    let mut choices = vec![
        ("list_files", json!({ "path": "." })),
        ("find_files", json!({ "pattern": "*" })),
        ("search_text", json!({ "query": word, "path": "." })),
    ];
    let results = turn.iter().filter(|message| message.role == Role::Tool);
    let seen = results.filter_map(|result| serde_json::from_str::<Value>(&result.content).ok());
    for result in seen {
        let files = result["files"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let files = files.filter(|file| !file.ends_with('/')).take(20);
        choices.extend(files.map(|file| ("read_file", json!({ "path": file }))));
    }
    choices
}
