//! `MemoryLeakTestUser`: one conversation that grows for the user's life.

use crate::user::{Asked, Behaviour, Me};
use crate::{Marker, TaskInfo};

const REQUEST: &str = "/api/v1/chat (memory_leak)";

/// How far back a message is recalled.
const BACK: u64 = 5;

pub(crate) const TASKS: [TaskInfo; 1] =
    [TaskInfo { task: "grow_history", request: REQUEST, weight: 1 }];

#[derive(Debug)]
pub(crate) struct GrowingHistory {
    marker: Marker,
    /// Number of the last message.
    message: u64,
    /// Numbers of the latest messages that the server acknowledged.
    known: [u64; 4],
}

impl GrowingHistory {
    pub(crate) fn new(me: &mut Me) -> Self {
        Self { marker: me.run.marker(me.number, 0), message: 0, known: [0; 4] }
    }
}

impl Behaviour for GrowingHistory {
    fn ask(&mut self, _me: &mut Me) -> Asked {
        self.message += 1;
        let n = self.message;
        let mut recalls = None;
        let message = if n % 2 == 1 {
            format!("Message {n}: keep the note {}n{n}", self.marker)
        } else {
            let wanted = n.saturating_sub(BACK).max(1);
            recalls = self.known.contains(&wanted).then(|| format!("{}n{wanted}", self.marker));
            format!("Recall message {wanted}")
        };
        Asked::in_session(REQUEST, &self.marker, message, recalls)
    }

    fn hear(&mut self, _me: &mut Me, _asked: &Asked, right: bool) {
        if right && self.message % 2 == 1 {
            self.known.rotate_right(1);
            self.known[0] = self.message;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Class, Run, User};
    use std::time::Duration;
    use victor_dialect::{Answer, Failure};
    use victor_types::FailureKind;

    #[test]
    fn messages_are_numbered_and_recalled_five_back_once_known() {
        let mut user = User::new(Class::MemoryLeakTestUser, &Run::new("ab", 1), 0);
        let mut said = Vec::new();
        for turn in 1..=10 {
            let asked = user.ask(Duration::ZERO);
            said.push(asked.turn.message.clone());
            let heard = if turn == 3 {
                Err(Failure::new(FailureKind::Cut, ""))
            } else {
                let text = asked.expectation.recalls.clone().unwrap_or_else(|| "noted".into());
                Ok(Answer { text, session_id: asked.turn.session_id.clone(), ..Answer::default() })
            };
            let _ = user.hear(&asked, heard);
            let recalled = asked.expectation.recalls.as_deref();
            match turn {
                2 | 4 | 6 => assert_eq!(recalled, Some("vmkabu0c0n1")),
                10 => assert_eq!(recalled, Some("vmkabu0c0n5")),
                // Message 3 never reached the server, so message 8 may not expect it.
                _ => assert_eq!(recalled, None, "turn {turn}"),
            }
        }
        assert_eq!(said[6], "Message 7: keep the note vmkabu0c0n7");
        assert_eq!(said[9], "Recall message 5");
    }
}
