//! What the model says: a handful of small behaviours, each looking for its own cue in the last
//! user message. All that find their cue speak, in a fixed order; when none does, it chats.

mod digest;
mod explore;
mod facts;
mod notes;
mod programs;
mod prose;
mod requests;
mod results;
mod summary;
mod tags;
mod text;

use crate::draw::Draws;
use crate::lengths::Lengths;
use crate::message::{Message, Role, ToolCall};

pub(crate) use digest::spoken as summary;
pub use digest::{SUMMARY_OPENING, digest, summary_request};
pub(crate) use explore::{asked_for, calls as agent_calls};

/// The tools the last user message asks for, among `tools`; none when it asks for none or when
/// the messages already end with results.
pub(crate) fn tool_calls(
    messages: &[&Message],
    tools: &[String],
    draws: &mut Draws,
) -> Vec<ToolCall> {
    if tools.is_empty() || messages.last().is_none_or(|last| last.role != Role::User) {
        return Vec::new();
    }
    requests::wanted(last_user(messages))
        .into_iter()
        .filter(|(name, _)| tools.iter().any(|tool| tool == name))
        .map(|(name, arguments)| ToolCall {
            id: format!("call_{:08x}", draws.bits()),
            name: name.to_owned(),
            arguments,
        })
        .collect()
}

/// The answer in words; never blank.
pub(crate) fn answer(messages: &[&Message], seed: u64, lengths: Lengths) -> String {
    let asked = last_user(messages);
    let mut parts = results::spoken(messages);
    if parts.is_empty() {
        parts.extend(facts::spoken(messages, asked));
        parts.extend(notes::spoken(messages, asked));
        parts.extend(summary::spoken(messages, asked));
        if parts.is_empty() {
            parts.push(prose::spoken(asked, seed, lengths));
        }
    }
    let mut answer = parts.join(" ");
    tags::include(&mut answer, asked);
    answer
}

/// What an agent thinks before a step, `length` tokens of it.
pub(crate) fn thought(messages: &[&Message], length: usize, draws: &mut Draws) -> String {
    prose::text(last_user(messages), length, draws)
}

/// The text of the last user message; empty when there is none.
fn last_user<'a>(messages: &[&'a Message]) -> &'a str {
    user_texts(messages).next_back().unwrap_or("")
}

/// What the user said, oldest first: in messages that are there, and in the lines of a summary of
/// those that are not.
fn told_texts<'a>(messages: &[&'a Message]) -> impl DoubleEndedIterator<Item = &'a str> {
    messages.iter().flat_map(|message| {
        let said = (message.role == Role::User).then_some(message.content.as_str());
        digest::summary_lines(message).chain(said)
    })
}

/// The texts of all user messages, oldest first.
fn user_texts<'a>(messages: &[&'a Message]) -> impl DoubleEndedIterator<Item = &'a str> {
    messages
        .iter()
        .filter(|message| message.role == Role::User)
        .map(|message| message.content.as_str())
}

#[cfg(test)]
fn says(texts: &[&str]) -> String {
    let messages: Vec<Message> = texts.iter().map(|text| Message::user(*text)).collect();
    let messages: Vec<&Message> = messages.iter().collect();
    answer(&messages, 1, crate::profile::Profile::Fast.pace().lengths)
}
