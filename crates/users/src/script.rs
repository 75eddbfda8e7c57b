//! `ChatUser`, `CodingSessionUser`, `ToolUser` and their variants: classes that are what they say, by
//! weight, in conversations or in single turns.

use crate::user::{Asked, Behaviour, Me};
use crate::{Expectation, Marker, TaskInfo};
use rand::RngExt;
use rand::seq::IndexedRandom;
use std::ops::RangeInclusive;
use victor_dialect::Turn;
use victor_plan::Weights;

/// A class as data.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) tasks: &'static [TaskInfo],
    /// For each task, its messages.
    lines: &'static [Lines],
    /// Turns of a conversation; `None` are single turns without memory.
    turns: Option<RangeInclusive<u64>>,
}

/// What a task says.
#[derive(Debug)]
struct Lines {
    messages: &'static [&'static str],
    /// A tool must run.
    tool: bool,
}

const TOPICS: [&str; 5] =
    ["testing", "a slow database", "naming things", "error handling", "reviewing code"];

const TALK: Lines = Lines {
    messages: &[
        "What would you do first?",
        "Why is that?",
        "Can you give me an example?",
        "What speaks against it?",
        "How would I notice that it went wrong?",
        "Say that again in one sentence.",
    ],
    tool: false,
};

const CODING: Lines = Lines {
    messages: &[
        "Write a function that parses a duration such as 1h30m.",
        "Now write tests for it.",
        "What happens with an empty text?",
        "Make the error message name the fix.",
        "How can it be made shorter?",
        "Explain the last change.",
    ],
    tool: false,
};

const LOOKING: Lines = Lines {
    messages: &["Read README.md", "List files", "Search for TODO", "Count lines in README.md"],
    tool: true,
};

const FILE: Lines =
    Lines { messages: &["Read README.md", "List files", "Does package.json exist?"], tool: true };

const SEARCH: Lines =
    Lines { messages: &["Search for TODO", "Find test files", "List Python files"], tool: true };

const GIT: Lines = Lines { messages: &["git status", "Show the git log"], tool: true };

/// Refused unless the server allows the program, so nothing is expected of it.
const EXECUTION: Lines = Lines { messages: &["Run ls"], tool: false };

const ANALYSIS: Lines =
    Lines { messages: &["Count lines in README.md and find test files"], tool: true };

const WORKFLOW: Lines = Lines {
    messages: &["List files, then read README.md", "Search for TODO and count lines in README.md"],
    tool: true,
};

const COMPLEX: Lines = Lines {
    messages: &["List files. Read README.md. Search for TODO. Then count lines in README.md."],
    tool: true,
};

const fn task(task: &'static str, request: &'static str, weight: u32) -> TaskInfo {
    TaskInfo { task, request, weight }
}

const CHAT_TASKS: [TaskInfo; 2] = [
    task("chat_turn", "/api/v1/chat (chat)", 1),
    task("chat_turn_with_tool", "/api/v1/chat (chat_tool)", 3),
];

pub(crate) static CHAT: Script =
    Script { tasks: &CHAT_TASKS, lines: &[TALK, LOOKING], turns: Some(5..=15) };

pub(crate) static QUICK_CHAT: Script =
    Script { tasks: &CHAT_TASKS, lines: &[TALK, LOOKING], turns: Some(2..=5) };

pub(crate) static LONG_CHAT: Script =
    Script { tasks: &CHAT_TASKS, lines: &[TALK, LOOKING], turns: Some(15..=30) };

pub(crate) static CODING_SESSION: Script = Script {
    tasks: &[
        task("coding_turn", "/api/v1/chat (coding)", 5),
        task("coding_turn_with_tool", "/api/v1/chat (coding_tool)", 1),
    ],
    lines: &[CODING, LOOKING],
    turns: Some(10..=20),
};

const FILE_REQUEST: &str = "/api/v1/chat (tool_file)";
const SEARCH_REQUEST: &str = "/api/v1/chat (tool_search)";

pub(crate) static TOOL: Script = Script {
    tasks: &[
        task("file", FILE_REQUEST, 4),
        task("search", SEARCH_REQUEST, 3),
        task("git", "/api/v1/chat (tool_git)", 2),
        task("execution", "/api/v1/chat (tool_execution)", 1),
        task("analysis", "/api/v1/chat (tool_analysis)", 1),
        task("workflow", "/api/v1/chat (tool_workflow)", 2),
    ],
    lines: &[FILE, SEARCH, GIT, EXECUTION, ANALYSIS, WORKFLOW],
    turns: None,
};

pub(crate) static HEAVY_TOOL: Script = Script {
    tasks: &[task("file", FILE_REQUEST, 10), task("search", SEARCH_REQUEST, 5)],
    lines: &[FILE, SEARCH],
    turns: None,
};

pub(crate) static MIXED_WORKFLOW: Script = Script {
    tasks: &[
        task("file", FILE_REQUEST, 4),
        task("search", SEARCH_REQUEST, 3),
        task("git", "/api/v1/chat (tool_git)", 2),
        task("execution", "/api/v1/chat (tool_execution)", 1),
        task("analysis", "/api/v1/chat (tool_analysis)", 1),
        task("workflow", "/api/v1/chat (tool_workflow)", 2),
        task("complex_workflow", "/api/v1/chat (tool_complex)", 1),
    ],
    lines: &[FILE, SEARCH, GIT, EXECUTION, ANALYSIS, WORKFLOW, COMPLEX],
    turns: None,
};

/// A user that follows a script.
#[derive(Debug)]
pub(crate) struct Follower {
    script: &'static Script,
    weights: Weights,
    talk: Option<Talk>,
    conversations: u64,
}

/// A conversation under way.
#[derive(Debug)]
struct Talk {
    marker: Marker,
    left: u64,
}

impl Follower {
    pub(crate) fn new(script: &'static Script) -> Self {
        let weights: Vec<u32> = script.tasks.iter().map(|task| task.weight).collect();
        let weights = Weights::try_new(&weights);
        Self {
            script,
            weights: weights.unwrap_or_else(|_| unreachable!("the weights above are positive")),
            talk: None,
            conversations: 0,
        }
    }

    /// The conversation to go on with, and how a new one opens.
    fn talk(&mut self, me: &mut Me) -> Option<(&mut Talk, Option<String>)> {
        let turns = self.script.turns.clone()?;
        let over = self.talk.as_ref().is_none_or(|talk| talk.left == 0);
        let opening = over.then(|| {
            let marker = me.run.marker(me.number, self.conversations);
            let topic = TOPICS.choose(&mut me.rng).copied().unwrap_or_default();
            let opening = format!("Let us talk about {topic}; our note is {marker}.");
            self.talk = Some(Talk { marker, left: me.rng.random_range(turns) });
            self.conversations += 1;
            opening
        });
        self.talk.as_mut().map(|talk| (talk, opening))
    }
}

impl Behaviour for Follower {
    fn ask(&mut self, me: &mut Me) -> Asked {
        let at = self.weights.pick(&mut me.rng);
        let (task, lines) = (self.script.tasks[at], &self.script.lines[at]);
        let message = lines.messages.choose(&mut me.rng).copied().unwrap_or_default().to_owned();
        let mut asked = match self.talk(me) {
            Some((talk, opening)) => {
                talk.left -= 1;
                let message = match opening {
                    Some(opening) => format!("{opening} {message}"),
                    None => message,
                };
                Asked::in_session(task.request, &talk.marker, message, None)
            }
            None => Asked {
                name: task.request,
                turn: Turn { message, ..Turn::default() },
                expectation: Expectation::default(),
            },
        };
        asked.expectation.tool = lines.tool;
        asked.turn.tools = lines.tool;
        asked
    }

    fn hear(&mut self, _me: &mut Me, _asked: &Asked, _right: bool) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Class, Run, User};
    use std::collections::HashMap;
    use std::time::Duration;

    const ALL: [(Class, &Script); 7] = [
        (Class::ChatUser, &CHAT),
        (Class::QuickChatUser, &QUICK_CHAT),
        (Class::LongChatUser, &LONG_CHAT),
        (Class::CodingSessionUser, &CODING_SESSION),
        (Class::ToolUser, &TOOL),
        (Class::HeavyToolUser, &HEAVY_TOOL),
        (Class::MixedWorkflowUser, &MIXED_WORKFLOW),
    ];

    #[test]
    fn each_task_has_its_lines_and_its_share() {
        for (class, script) in ALL {
            assert_eq!(script.tasks.len(), script.lines.len(), "{class:?}");
            let mut user = User::new(class, &Run::new("ab", 7), 1);
            let mut picks: HashMap<&str, f64> = HashMap::new();
            for _ in 0..20_000 {
                let asked = user.ask(Duration::ZERO);
                assert_eq!(asked.turn.tools, asked.expectation.tool);
                *picks.entry(asked.name).or_default() += 1.0;
            }
            let sum: f64 = script.tasks.iter().map(|task| f64::from(task.weight)).sum();
            for task in script.tasks {
                let (seen, wanted) = (picks[task.request] / 20_000.0, f64::from(task.weight) / sum);
                assert!((seen - wanted).abs() < 0.02, "{class:?} {}: {seen} {wanted}", task.task);
            }
        }
    }

    #[test]
    fn conversations_are_as_long_as_their_class_says_and_open_with_their_note() {
        for (class, script) in ALL {
            let mut user = User::new(class, &Run::new("ab", 7), 4);
            let mut lengths: Vec<u64> = Vec::new();
            let mut session = None;
            for _ in 0..2_000 {
                let asked = user.ask(Duration::ZERO);
                if asked.turn.session_id != session {
                    assert!(asked.turn.message.contains("our note is vmkabu4c"));
                    session = asked.turn.session_id;
                    lengths.push(0);
                }
                if let Some(last) = lengths.last_mut() {
                    *last += 1;
                }
            }
            lengths.pop();
            match &script.turns {
                None => assert!(lengths.is_empty(), "{class:?} has no sessions"),
                Some(turns) => {
                    assert!(lengths.iter().all(|length| turns.contains(length)), "{class:?}");
                    assert!(lengths.contains(turns.start()) && lengths.contains(turns.end()));
                }
            }
        }
    }
}
