//! One step of a search, and what makes it bad.

use victor_types::Millis;

/// What came of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepResult {
    level: f64,
    throughput: f64,
    offered: Option<f64>,
    p95: Option<Millis>,
    error_share: f64,
    backlog_grew: bool,
}

impl StepResult {
    /// A step at a level (turns a second, or users) with so many good turns a second.
    #[must_use]
    pub fn new(level: f64, throughput: f64) -> Self {
        let (offered, p95) = (None, None);
        Self { level, throughput, offered, p95, error_share: 0.0, backlog_grew: false }
    }

    /// With the turns a second that were sent, for an open load.
    #[must_use]
    pub fn with_offered(self, offered: f64) -> Self {
        Self { offered: Some(offered), ..self }
    }

    /// With the 95th percentile of the latency.
    #[must_use]
    pub fn with_p95(self, p95: Millis) -> Self {
        Self { p95: Some(p95), ..self }
    }

    /// With the share of turns that failed, 0 to 1.
    #[must_use]
    pub fn with_errors(self, error_share: f64) -> Self {
        Self { error_share, ..self }
    }

    /// With whether more and more turns were in flight: the lower end of [`crate::trend`] of their
    /// number is above 0 and they grew by more than 2 % of the turns sent.
    #[must_use]
    pub fn with_backlog(self, backlog_grew: bool) -> Self {
        Self { backlog_grew, ..self }
    }

    /// The level.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Good turns a second.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        self.throughput
    }

    /// The 95th percentile of the latency, where it was measured.
    #[must_use]
    pub fn p95(&self) -> Option<Millis> {
        self.p95
    }
}

/// What makes a step bad.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criteria {
    slo: Option<Millis>,
    error_share: f64,
    served_share: f64,
}

impl Default for Criteria {
    /// More than 1 % errors, less than 95 % of what was offered served, or a growing backlog; no
    /// limit of latency.
    fn default() -> Self {
        Self { slo: None, error_share: 0.01, served_share: 0.95 }
    }
}

impl Criteria {
    /// With a limit for the 95th percentile of the latency.
    #[must_use]
    pub fn with_slo(self, slo: Millis) -> Self {
        Self { slo: Some(slo), ..self }
    }

    /// With another share of errors from which a step is broken.
    #[must_use]
    pub fn with_error_share(self, error_share: f64) -> Self {
        Self { error_share, ..self }
    }

    /// Whether latency missed its limit.
    #[must_use]
    pub fn misses_slo(&self, step: &StepResult) -> bool {
        self.slo.zip(step.p95).is_some_and(|(slo, p95)| p95.0 > slo.0)
    }

    /// Whether turns failed.
    #[must_use]
    pub fn fails(&self, step: &StepResult) -> bool {
        step.error_share > self.error_share
    }

    /// Whether more was offered than served.
    #[must_use]
    pub fn overflows(&self, step: &StepResult) -> bool {
        let unserved =
            step.offered.is_some_and(|offered| step.throughput < self.served_share * offered);
        step.backlog_grew || unserved
    }

    /// Whether the server broke: it failed or overflowed.
    #[must_use]
    pub fn breaks(&self, step: &StepResult) -> bool {
        self.fails(step) || self.overflows(step)
    }

    /// Whether anything of that is so.
    #[must_use]
    pub fn is_bad(&self, step: &StepResult) -> bool {
        self.misses_slo(step) || self.breaks(step)
    }
}
