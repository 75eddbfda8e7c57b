//! `VictorLoadTest`: the everyday mix.

use crate::session::CodeWord;
use crate::user::{Asked, Behaviour, Me};
use crate::{Expectation, TaskInfo};
use rand::seq::IndexedRandom;
use std::collections::VecDeque;
use victor_dialect::Turn;
use victor_plan::Weights;

/// How many of its own messages a user sends along as context.
const CONTEXT: usize = 10;
/// How many it must have sent before it asks for a summary.
const LEAST_CONTEXT: usize = 3;

const SIMPLE: [&str; 10] = [
    "What is the difference between a list and a tuple?",
    "Explain what a closure is.",
    "How do I reverse a string?",
    "What does idempotent mean?",
    "When should I write an integration test?",
    "Name three ways to make a query faster.",
    "What is a race condition?",
    "How does a hash map work?",
    "What is tail latency?",
    "Give me one tip for readable code.",
];

const TOOL: [&str; 7] = [
    "Read README.md",
    "List Python files",
    "Search for TODO",
    "Count lines in README.md",
    "Find test files",
    "Does package.json exist?",
    "List files",
];

pub(crate) const TASKS: [TaskInfo; 4] = [
    TaskInfo { task: "simple_chat", request: "/api/v1/chat (simple)", weight: 3 },
    TaskInfo { task: "tool_calling_chat", request: "/api/v1/chat (tool_call)", weight: 2 },
    TaskInfo { task: "large_context", request: "/api/v1/chat (large_context)", weight: 1 },
    TaskInfo { task: "concurrent_session", request: "/api/v1/chat (concurrent)", weight: 1 },
];

const LARGE_CONTEXT: usize = 2;

#[derive(Debug)]
pub(crate) struct LoadTest {
    weights: Weights,
    /// The user's own last messages, oldest first.
    said: VecDeque<String>,
    /// Of the user's own session.
    word: CodeWord,
}

impl LoadTest {
    pub(crate) fn new(me: &mut Me) -> Self {
        let weights = Weights::try_new(&TASKS.map(|task| task.weight));
        Self {
            weights: weights.unwrap_or_else(|_| unreachable!("the weights above are positive")),
            said: VecDeque::new(),
            word: CodeWord::new(me.run.marker(me.number, 0)),
        }
    }

    /// Picks a task by weight; a summary is only asked for once there is something to sum up.
    fn pick(&self, me: &mut Me) -> usize {
        loop {
            let task = self.weights.pick(&mut me.rng);
            if task != LARGE_CONTEXT || self.said.len() >= LEAST_CONTEXT {
                return task;
            }
        }
    }
}

fn plain(name: &'static str, message: &str) -> Asked {
    let turn = Turn { message: message.to_owned(), ..Turn::default() };
    Asked { name, turn, expectation: Expectation::default() }
}

fn one_of<'a>(texts: &[&'a str], me: &mut Me) -> &'a str {
    texts.choose(&mut me.rng).copied().unwrap_or_default()
}

impl Behaviour for LoadTest {
    fn ask(&mut self, me: &mut Me) -> Asked {
        let task = self.pick(me);
        let TaskInfo { task, request: name, .. } = TASKS[task];
        let asked = match task {
            "simple_chat" => plain(name, one_of(&SIMPLE, me)),
            "tool_calling_chat" => {
                let mut asked = plain(name, one_of(&TOOL, me));
                asked.expectation.tool = true;
                asked.turn.tools = true;
                asked
            }
            "large_context" => {
                let mut asked = plain(name, "Summarise our conversation.");
                asked.turn.history = self.said.iter().cloned().collect();
                asked
            }
            _ => {
                let stamp = format!("[{:.3} s, user {}]", me.at.as_secs_f64(), me.number);
                self.word.ask(name, &stamp)
            }
        };
        if self.said.len() == CONTEXT {
            self.said.pop_front();
        }
        self.said.push_back(asked.turn.message.clone());
        asked
    }

    fn hear(&mut self, _me: &mut Me, asked: &Asked, right: bool) {
        if asked.turn.session_id.is_some() {
            self.word.hear(right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Class, Run, User};
    use std::collections::HashMap;
    use std::time::Duration;
    use victor_dialect::Answer;
    use victor_stats::chi_square;

    fn user() -> User {
        User::new(Class::VictorLoadTest, &Run::new("ab", 2026), 3)
    }

    #[test]
    fn task_picks_follow_the_weights() {
        let mut user = user();
        // Past the start, where no summary can be asked for yet.
        while user.ask(Duration::ZERO).turn.history.len() < LEAST_CONTEXT {}
        let mut picks: HashMap<&str, u64> = HashMap::new();
        for _ in 0..100_000 {
            *picks.entry(user.ask(Duration::ZERO).name).or_default() += 1;
        }
        let seen = TASKS.map(|task| picks[task.request]);
        let weights = TASKS.map(|task| f64::from(task.weight));
        let p = chi_square(&seen, &weights).expect("weights");
        assert!(p > 0.001, "p = {p} for {seen:?}");
    }

    #[test]
    fn a_summary_carries_the_last_ten_own_messages() {
        let mut user = user();
        let mut said = Vec::new();
        for _ in 0..200 {
            let asked = user.ask(Duration::ZERO);
            if asked.name.ends_with("(large_context)") {
                assert!(said.len() >= LEAST_CONTEXT);
                let from = said.len().saturating_sub(CONTEXT);
                assert_eq!(asked.turn.history, said[from..]);
                assert_eq!(asked.turn.session_id, None);
            } else {
                assert!(asked.turn.history.is_empty());
            }
            said.push(asked.turn.message);
        }
    }

    #[test]
    fn the_session_is_the_users_own_and_recalls_its_word() {
        let mut user = user();
        let mut told = false;
        for _ in 0..100 {
            let asked = user.ask(Duration::ZERO);
            if let Some(session) = &asked.turn.session_id {
                assert_eq!(session, "vs-ab-3-0");
                assert_eq!(asked.expectation.recalls.is_some(), told);
                assert_ne!(asked.turn.message.contains("vmkabu3c0"), told);
                told = true;
            }
            let text = "vmkabu3c0".to_owned();
            let tools = vec![victor_dialect::ToolUse { name: "x".into(), ran: true }];
            let session_id = asked.turn.session_id.clone();
            let answer = Answer { text, session_id, tools, ..Answer::default() };
            assert!(user.hear(&asked, Ok(answer)).is_ok());
        }
        assert!(told);
    }

    #[test]
    fn a_seed_repeats_the_user() {
        let messages = |seed| -> Vec<String> {
            let mut user = User::new(Class::VictorLoadTest, &Run::new("ab", seed), 1);
            (0..50).map(|_| user.ask(Duration::ZERO).turn.message).collect()
        };
        assert_eq!(messages(1), messages(1));
        assert_ne!(messages(1), messages(2));
    }
}
