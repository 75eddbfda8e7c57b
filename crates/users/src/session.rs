//! `SessionUser`: conversations that must recall their own code word and no other's.

use crate::user::{Asked, Behaviour, Me};
use crate::{Marker, TaskInfo};

/// Turns of a conversation; the next one begins with a new session.
const TURNS: u64 = 20;

const REQUEST: &str = "/api/v1/chat (session)";

pub(crate) const TASKS: [TaskInfo; 1] = [TaskInfo { task: "recall", request: REQUEST, weight: 1 }];

/// A code word: told until the server acknowledges it, asked for from then on.
#[derive(Debug)]
pub(crate) struct CodeWord {
    marker: Marker,
    told: bool,
}

impl CodeWord {
    pub(crate) fn new(marker: Marker) -> Self {
        Self { marker, told: false }
    }

    /// The next turn about it; `lead` begins the message.
    pub(crate) fn ask(&self, name: &'static str, lead: &str) -> Asked {
        let (message, recalls) = if self.told {
            (format!("{lead} What is my code word?"), Some(self.marker.to_string()))
        } else {
            (format!("{lead} Remember: my code word is {}.", self.marker), None)
        };
        Asked::in_session(name, &self.marker, message, recalls)
    }

    pub(crate) fn hear(&mut self, right: bool) {
        self.told |= right;
    }
}

#[derive(Debug)]
pub(crate) struct Recalling {
    word: CodeWord,
    conversation: u64,
    turn: u64,
}

impl Recalling {
    pub(crate) fn new(me: &mut Me) -> Self {
        Self { word: CodeWord::new(me.run.marker(me.number, 0)), conversation: 0, turn: 0 }
    }
}

impl Behaviour for Recalling {
    fn ask(&mut self, me: &mut Me) -> Asked {
        if self.turn == TURNS {
            self.conversation += 1;
            self.word = CodeWord::new(me.run.marker(me.number, self.conversation));
            self.turn = 0;
        }
        self.turn += 1;
        self.word.ask(REQUEST, &format!("Turn {}.", self.turn))
    }

    fn hear(&mut self, _me: &mut Me, _asked: &Asked, right: bool) {
        self.word.hear(right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Class, Run, User};
    use std::time::Duration;
    use victor_dialect::{Answer, Failure};
    use victor_types::FailureKind;

    #[test]
    fn the_word_is_told_until_acknowledged_then_asked_for() {
        let mut user = User::new(Class::SessionUser, &Run::new("ab", 1), 4);
        let lost = || Err(Failure::new(FailureKind::Cut, ""));
        let first = user.ask(Duration::ZERO);
        assert!(first.turn.message.contains("vmkabu4c0"));
        assert!(user.hear(&first, lost()).is_err());
        let second = user.ask(Duration::ZERO);
        assert!(second.turn.message.contains("vmkabu4c0"), "told again");
        let session = second.turn.session_id.clone();
        let noted =
            Answer { text: "Noted.".into(), session_id: session.clone(), ..Answer::default() };
        assert!(user.hear(&second, Ok(noted.clone())).is_ok());
        let third = user.ask(Duration::ZERO);
        assert!(!third.turn.message.contains("vmkabu4c0"), "the word must come from the session");
        let judged = user.hear(&third, Ok(noted));
        assert_eq!(judged.expect_err("forgotten").kind, FailureKind::LostContext);
        for _ in 3..TURNS {
            let asked = user.ask(Duration::ZERO);
            assert_eq!(asked.turn.session_id, session);
        }
        assert_eq!(user.ask(Duration::ZERO).turn.session_id.as_deref(), Some("vs-ab-4-1"));
    }
}
