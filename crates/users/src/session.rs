//! `SessionUser`: conversations that must recall their own code word and no other's.

use crate::user::{Asked, Behaviour, Me};
use crate::{Expectation, Marker, TaskInfo};
use victor_dialect::Turn;

/// Turns of a conversation; the next one begins with a new session.
const TURNS: u64 = 20;

const REQUEST: &str = "/api/v1/chat (session)";

pub(crate) const TASKS: [TaskInfo; 1] = [TaskInfo { task: "recall", request: REQUEST, weight: 1 }];

#[derive(Debug)]
pub(crate) struct Recalling {
    marker: Marker,
    conversation: u64,
    turn: u64,
    /// The code word was told and the server acknowledged it.
    told: bool,
}

impl Recalling {
    pub(crate) fn new(me: &mut Me) -> Self {
        Self { marker: me.run.marker(me.number, 0), conversation: 0, turn: 0, told: false }
    }
}

impl Behaviour for Recalling {
    fn ask(&mut self, me: &mut Me) -> Asked {
        if self.turn == TURNS {
            self.conversation += 1;
            self.marker = me.run.marker(me.number, self.conversation);
            self.turn = 0;
            self.told = false;
        }
        self.turn += 1;
        let message = if self.told {
            format!("Turn {}. What is my code word?", self.turn)
        } else {
            format!("Turn {}. Remember: my code word is {}.", self.turn, self.marker)
        };
        let session_id = Some(self.marker.session_id());
        let expectation = Expectation {
            session_id: session_id.clone(),
            recalls: self.told.then(|| self.marker.to_string()),
            marker: Some(self.marker.clone()),
            tool: false,
        };
        Asked {
            name: REQUEST,
            turn: Turn { message, session_id, history: Vec::new() },
            expectation,
        }
    }

    fn hear(&mut self, _me: &mut Me, _asked: &Asked, right: bool) {
        self.told |= right;
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
