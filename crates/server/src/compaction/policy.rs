//! When a session is made smaller, and how.

use crate::error::ServeError;
use crate::settings::ServerSettings;
use victor_context::{ContextMetrics, ContextWindow, Strategy, Tokens, Trigger, Weight};

/// The rule for all sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    window: ContextWindow,
    /// `None` leaves sessions as they are, unless somebody asks.
    strategy: Option<Strategy>,
}

/// A compaction that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) strategy: Strategy,
    pub(crate) target: Tokens,
    pub(crate) trigger: Trigger,
}

impl Policy {
    /// The rule that `settings` make.
    pub(crate) fn new(settings: &ServerSettings) -> Result<Self, ServeError> {
        let window =
            ContextWindow::try_new(Tokens(settings.context_window), settings.context_thresholds);
        let window = window.map_err(ServeError::Context)?;
        Ok(Self { window, strategy: settings.compaction })
    }

    pub(crate) fn window(&self) -> Tokens {
        self.window.limit()
    }

    pub(crate) fn strategy(&self) -> Option<Strategy> {
        self.strategy
    }

    /// How full a session is.
    pub(crate) fn metrics(&self, weight: Weight) -> ContextMetrics {
        self.window.metrics(weight)
    }

    /// What is due between two turns of a session of this weight.
    pub(crate) fn after_turn(&self, weight: Weight) -> Option<Due> {
        let trigger = self.window.due(&self.metrics(weight))?;
        self.due(trigger)
    }

    /// What is due before a turn that adds `more` to a session of this weight: the turn waits for
    /// it. A session that holds next to nothing is left alone, however much the turn brings.
    pub(crate) fn before_turn(&self, weight: Weight, more: Weight) -> Option<Due> {
        let trigger = self.window.due(&self.metrics(weight + more))?;
        let worth = trigger == Trigger::Overflow && weight.tokens > self.window.target();
        worth.then(|| self.due(trigger)).flatten()
    }

    fn due(&self, trigger: Trigger) -> Option<Due> {
        self.strategy.map(|strategy| Due { strategy, target: self.window.target(), trigger })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(compaction: Option<Strategy>) -> Policy {
        let settings =
            ServerSettings { context_window: 1000, compaction, ..ServerSettings::default() };
        Policy::new(&settings).expect("valid")
    }

    fn of(tokens: u64) -> Weight {
        Weight { messages: 2, characters: 2, bytes: 2, tokens: Tokens(tokens) }
    }

    #[test]
    fn turns_wait_only_where_they_may_not_fit() {
        let policy = policy(Some(Strategy::Tiered));
        let trigger = |due: Option<Due>| due.map(|due| (due.trigger, due.target));
        assert_eq!(trigger(policy.after_turn(of(749))), None);
        let target = Tokens(450);
        assert_eq!(trigger(policy.after_turn(of(750))), Some((Trigger::Threshold, target)));
        assert_eq!(trigger(policy.before_turn(of(750), of(50))), None);
        assert_eq!(
            trigger(policy.before_turn(of(750), of(150))),
            Some((Trigger::Overflow, target))
        );
        assert_eq!(trigger(policy.before_turn(of(100), of(5000))), None);
    }

    #[test]
    fn nothing_is_due_where_it_is_off_and_a_window_needs_room() {
        assert_eq!(policy(None).after_turn(of(5000)), None);
        let settings = ServerSettings { context_window: 0, ..ServerSettings::default() };
        let error = Policy::new(&settings).expect_err("refused").to_string();
        assert!(error.contains("--context-window"), "{error}");
    }
}
