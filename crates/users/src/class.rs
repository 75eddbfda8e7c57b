//! The classes by name.

use crate::script::{self, Follower};
use crate::user::{Behaviour, Me};
use crate::{leak, load, payload, session, stress};
use std::time::Duration;
use victor_plan::Wait;

/// A built-in user class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The everyday mix: chat, tools, large context, sessions. Waits 1 to 3 s.
    VictorLoadTest,
    /// Rapid fire. Waits 0.1 to 0.5 s.
    StressTestUser,
    /// One ever-growing conversation. Waits 2 to 4 s.
    MemoryLeakTestUser,
    /// Conversations of 20 turns that must recall their own code word; no wait. Used by the
    /// scalability tests.
    SessionUser,
    /// Conversations of 5 to 15 turns on a topic. Waits 2 to 10 s.
    ChatUser,
    /// `ChatUser` with conversations of 2 to 5 turns. Waits 1 to 3 s.
    QuickChatUser,
    /// `ChatUser` with conversations of 15 to 30 turns. Waits 5 to 15 s.
    LongChatUser,
    /// Coding sessions of 10 to 20 turns. Waits 3 to 8 s.
    CodingSessionUser,
    /// Single turns that need tools of every kind. Waits 3 to 8 s.
    ToolUser,
    /// `ToolUser` with files and searches only. Waits 1 to 3 s.
    HeavyToolUser,
    /// `ToolUser` with workflows of four tools beside. Waits 5 to 12 s.
    MixedWorkflowUser,
    /// Makes the plan's one plain request; not chosen by name.
    Payload,
}

/// A task of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskInfo {
    /// Name of the task.
    pub task: &'static str,
    /// Request name in the statistics.
    pub request: &'static str,
    /// Weight among the class's tasks.
    pub weight: u32,
}

impl Class {
    /// All classes that can be chosen.
    pub const ALL: [Self; 11] = [
        Self::VictorLoadTest,
        Self::StressTestUser,
        Self::MemoryLeakTestUser,
        Self::SessionUser,
        Self::ChatUser,
        Self::QuickChatUser,
        Self::LongChatUser,
        Self::CodingSessionUser,
        Self::ToolUser,
        Self::HeavyToolUser,
        Self::MixedWorkflowUser,
    ];

    /// The class with this exact name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VictorLoadTest => "VictorLoadTest",
            Self::StressTestUser => "StressTestUser",
            Self::MemoryLeakTestUser => "MemoryLeakTestUser",
            Self::SessionUser => "SessionUser",
            Self::ChatUser => "ChatUser",
            Self::QuickChatUser => "QuickChatUser",
            Self::LongChatUser => "LongChatUser",
            Self::CodingSessionUser => "CodingSessionUser",
            Self::ToolUser => "ToolUser",
            Self::HeavyToolUser => "HeavyToolUser",
            Self::MixedWorkflowUser => "MixedWorkflowUser",
            Self::Payload => "Payload",
        }
    }

    /// One line for `--list`.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        match self {
            Self::VictorLoadTest => {
                "everyday mix of chat, tools, large context and sessions; waits 1-3 s"
            }
            Self::StressTestUser => "rapid fire; waits 0.1-0.5 s",
            Self::MemoryLeakTestUser => "one ever-growing conversation with recall; waits 2-4 s",
            Self::SessionUser => {
                "conversations of 20 turns that must recall their code word; no wait"
            }
            Self::ChatUser => "conversations of 5-15 turns, most with a tool; waits 2-10 s",
            Self::QuickChatUser => "conversations of 2-5 turns; waits 1-3 s",
            Self::LongChatUser => "conversations of 15-30 turns; waits 5-15 s",
            Self::CodingSessionUser => "coding sessions of 10-20 turns; waits 3-8 s",
            Self::ToolUser => "files, searches, git, programs and workflows; waits 3-8 s",
            Self::HeavyToolUser => "files and searches only; waits 1-3 s",
            Self::MixedWorkflowUser => "as ToolUser, with workflows of four tools; waits 5-12 s",
            Self::Payload => "plain requests; no wait",
        }
    }

    /// Its tasks with their weights.
    #[must_use]
    pub fn tasks(self) -> &'static [TaskInfo] {
        match self {
            Self::VictorLoadTest => &load::TASKS,
            Self::StressTestUser => &stress::TASKS,
            Self::MemoryLeakTestUser => &leak::TASKS,
            Self::SessionUser => &session::TASKS,
            Self::ChatUser => script::CHAT.tasks,
            Self::QuickChatUser => script::QUICK_CHAT.tasks,
            Self::LongChatUser => script::LONG_CHAT.tasks,
            Self::CodingSessionUser => script::CODING_SESSION.tasks,
            Self::ToolUser => script::TOOL.tasks,
            Self::HeavyToolUser => script::HEAVY_TOOL.tasks,
            Self::MixedWorkflowUser => script::MIXED_WORKFLOW.tasks,
            Self::Payload => &[],
        }
    }

    /// Its wait between turns.
    #[must_use]
    pub fn wait(self) -> Wait {
        let between = |low: f64, high: f64| Wait::between(low, high).unwrap_or(Wait::NONE);
        match self {
            Self::VictorLoadTest => between(1.0, 3.0),
            Self::StressTestUser => between(0.1, 0.5),
            Self::MemoryLeakTestUser => between(2.0, 4.0),
            Self::SessionUser | Self::Payload => Wait::constant(Duration::ZERO),
            Self::ChatUser => between(2.0, 10.0),
            Self::QuickChatUser => between(1.0, 3.0),
            Self::LongChatUser => between(5.0, 15.0),
            Self::CodingSessionUser => between(3.0, 8.0),
            Self::ToolUser => between(3.0, 8.0),
            Self::HeavyToolUser => between(1.0, 3.0),
            Self::MixedWorkflowUser => between(5.0, 12.0),
        }
    }

    pub(crate) fn behaviour(self, me: &mut Me) -> Box<dyn Behaviour> {
        match self {
            Self::VictorLoadTest => Box::new(load::LoadTest::new(me)),
            Self::StressTestUser => Box::new(stress::Stress),
            Self::MemoryLeakTestUser => Box::new(leak::GrowingHistory::new(me)),
            Self::Payload => Box::new(payload::Payload),
            Self::SessionUser => Box::new(session::Recalling::new(me)),
            Self::ChatUser => Box::new(Follower::new(&script::CHAT)),
            Self::QuickChatUser => Box::new(Follower::new(&script::QUICK_CHAT)),
            Self::LongChatUser => Box::new(Follower::new(&script::LONG_CHAT)),
            Self::CodingSessionUser => Box::new(Follower::new(&script::CODING_SESSION)),
            Self::ToolUser => Box::new(Follower::new(&script::TOOL)),
            Self::HeavyToolUser => Box::new(Follower::new(&script::HEAVY_TOOL)),
            Self::MixedWorkflowUser => Box::new(Follower::new(&script::MIXED_WORKFLOW)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_class() {
        for class in Class::ALL {
            assert_eq!(Class::by_name(class.name()), Some(class));
            assert!(!class.tasks().is_empty());
        }
        assert_eq!(Class::by_name("victorloadtest"), None);
    }
}
