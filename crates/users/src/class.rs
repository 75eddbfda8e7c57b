//! The classes by name.

use crate::user::{Behaviour, Me};
use crate::{leak, load, session, stress};
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
    /// All classes.
    pub const ALL: [Self; 4] =
        [Self::VictorLoadTest, Self::StressTestUser, Self::MemoryLeakTestUser, Self::SessionUser];

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
        }
    }

    /// Its tasks with their weights.
    #[must_use]
    pub const fn tasks(self) -> &'static [TaskInfo] {
        match self {
            Self::VictorLoadTest => &load::TASKS,
            Self::StressTestUser => &stress::TASKS,
            Self::MemoryLeakTestUser => &leak::TASKS,
            Self::SessionUser => &session::TASKS,
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
            Self::SessionUser => Wait::constant(Duration::ZERO),
        }
    }

    pub(crate) fn behaviour(self, me: &mut Me) -> Box<dyn Behaviour> {
        match self {
            Self::VictorLoadTest => Box::new(load::LoadTest::new(me)),
            Self::StressTestUser => Box::new(stress::Stress),
            Self::MemoryLeakTestUser => Box::new(leak::GrowingHistory::new(me)),
            Self::SessionUser => Box::new(session::Recalling::new(me)),
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
