//! What a user hears.

use crate::StreamTimes;

/// A complete answer in the API's own shape; whether it is right is for the user to judge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Its text, without reasoning.
    pub text: String,
    /// The session the server says it belongs to, or the one whose history the client sent along.
    pub session_id: Option<String>,
    /// Tools the server says it used, or asks for.
    pub tools: Vec<ToolUse>,
    /// Token counts, when the server gave them.
    pub usage: Option<Usage>,
    /// Bytes of all that was generated: text, reasoning and the arguments of tools.
    pub bytes: u64,
    /// When its pieces arrived; only streams have it.
    pub stream: Option<Box<StreamTimes>>,
}

/// One use of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolUse {
    /// Name of the tool.
    pub name: String,
    /// True when it ran, also when it found nothing or failed at its task; false when it was refused
    /// or only asked for. Where tools are the client's to run (the vendors' APIs), true when it was
    /// asked for by name and with arguments that are a JSON object.
    pub ran: bool,
}

/// Token counts as the server reports them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub prompt_tokens: u64,
    /// Tokens of the answer, reasoning included.
    pub completion_tokens: u64,
    /// Of the answer's tokens, those of reasoning.
    pub reasoning_tokens: u64,
    /// Of the prompt's tokens, those found in a cache.
    pub cached_tokens: u64,
}

/// How many tokens an answer has, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// The server's usage field says so.
    Reported(u64),
    /// Estimated: a token for every four bytes generated, rounded up.
    Estimated(u64),
}

impl Tokens {
    /// The number.
    #[must_use]
    pub const fn count(self) -> u64 {
        match self {
            Self::Reported(count) | Self::Estimated(count) => count,
        }
    }
}

impl Answer {
    /// Output tokens, reasoning included. A server that reports none for an answer that is not
    /// empty is not believed.
    #[must_use]
    pub fn output_tokens(&self) -> Tokens {
        match self.usage {
            Some(Usage { completion_tokens: count @ 1.., .. }) => Tokens::Reported(count),
            _ => Tokens::Estimated(self.bytes.max(self.text.len() as u64).div_ceil(4)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_the_servers_or_named_an_estimate() {
        let usage = Usage { completion_tokens: 7, ..Usage::default() };
        let told = Answer { text: "nine bytes".into(), usage: Some(usage), ..Answer::default() };
        assert_eq!(told.output_tokens(), Tokens::Reported(7));
        let untold = Answer { usage: Some(Usage::default()), ..told.clone() };
        assert_eq!(untold.output_tokens(), Tokens::Estimated(3));
        let reasoned = Answer { bytes: 400, usage: None, ..told };
        assert_eq!(reasoned.output_tokens(), Tokens::Estimated(100));
    }
}
