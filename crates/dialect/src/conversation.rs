//! A conversation that the client carries, because the server keeps none.

use crate::{Answer, Turn};
use serde::Serialize;

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    User,
    Assistant,
}

/// One message as all chat APIs write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Message<'a> {
    pub(crate) role: Role,
    pub(crate) content: &'a str,
}

/// What was said in a user's session, for APIs without sessions: each turn sends all of it again. Of
/// several sessions only the one of the latest turn is kept; turns without a session leave no trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    session_id: Option<String>,
    said: Vec<(Role, String)>,
}

impl Conversation {
    /// All messages of a request for `turn`: what was said in its session, its own history, and its
    /// message, oldest first.
    pub(crate) fn messages<'a>(&'a self, turn: &'a Turn) -> Vec<Message<'a>> {
        let same = turn.session_id.is_some() && turn.session_id == self.session_id;
        let said = if same { self.said.as_slice() } else { &[] };
        let said = said.iter().map(|(role, content)| Message { role: *role, content });
        let history = turn.history.iter().map(|content| Message { role: Role::User, content });
        let now = Message { role: Role::User, content: &turn.message };
        said.chain(history).chain([now]).collect()
    }

    /// Keeps a turn that was answered.
    pub(crate) fn keep(&mut self, turn: &Turn, answer: &Answer) {
        if turn.session_id.is_none() {
            return;
        }
        if turn.session_id != self.session_id {
            self.session_id.clone_from(&turn.session_id);
            self.said.clear();
        }
        self.said.push((Role::User, turn.message.clone()));
        let mut text = answer.text.clone();
        if text.trim().is_empty() {
            // An answer that only asks for tools; APIs refuse an empty message.
            let names: Vec<&str> = answer.tools.iter().map(|tool| tool.name.as_str()).collect();
            text = format!("(called {})", names.join(", "));
        }
        self.said.push((Role::Assistant, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(session: Option<&str>, message: &str) -> Turn {
        Turn { session_id: session.map(Into::into), message: message.into(), ..Turn::default() }
    }

    fn texts(conversation: &Conversation, turn: &Turn) -> Vec<String> {
        conversation.messages(turn).iter().map(|message| message.content.to_owned()).collect()
    }

    #[test]
    fn a_session_is_told_again_and_never_mixed_with_another() {
        let mut conversation = Conversation::default();
        let answer = |text: &str| Answer { text: text.into(), ..Answer::default() };
        conversation.keep(&turn(Some("a"), "one"), &answer("1"));
        conversation.keep(&turn(None, "aside"), &answer("?"));
        assert_eq!(texts(&conversation, &turn(Some("a"), "two")), ["one", "1", "two"]);
        assert_eq!(texts(&conversation, &turn(None, "two")), ["two"]);
        assert_eq!(texts(&conversation, &turn(Some("b"), "two")), ["two"]);
        conversation.keep(&turn(Some("b"), "three"), &answer(" "));
        assert_eq!(texts(&conversation, &turn(Some("a"), "x")), ["x"]);
        assert_eq!(conversation.messages(&turn(Some("b"), "x"))[1].role, Role::Assistant);
    }
}
