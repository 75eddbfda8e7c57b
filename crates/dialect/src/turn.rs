//! What a user says.

/// One user message, with what goes along with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// The message.
    pub message: String,
    /// The session to create or continue; `None` is a turn without memory.
    pub session_id: Option<String>,
    /// The user's own earlier messages, oldest first, sent along as context.
    pub history: Vec<String>,
    /// Offer tools, where it is the client that names them; other APIs know their own.
    pub tools: bool,
}

/// The start of `text` as evidence: one line, at most 300 characters.
#[must_use]
pub fn excerpt(text: &str) -> String {
    const LONGEST: usize = 300;
    let mut short: String =
        text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_one_short_line() {
        assert_eq!(excerpt("a\nb"), "a b");
        let long = excerpt(&"ü".repeat(1000));
        assert_eq!(long.chars().count(), 301);
    }
}
