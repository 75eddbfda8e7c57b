//! What a user hears.

use victor_clock::Instant;

/// A complete answer in the API's own shape; whether it is right is for the user to judge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Its text.
    pub text: String,
    /// The session the server says it belongs to.
    pub session_id: Option<String>,
    /// Tools the server says it used.
    pub tools: Vec<ToolUse>,
    /// Token counts, when the server gave them.
    pub usage: Option<Usage>,
    /// When the first piece of text arrived; only streams have it.
    pub first_token: Option<Instant>,
}

/// One use of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolUse {
    /// Name of the tool.
    pub name: String,
    /// True when it ran, also when it found nothing or failed at its task; false when it was refused
    /// or only asked for.
    pub ran: bool,
}

/// Token counts as the server reports them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
}
