//! What counts as good enough.

use victor_types::{Millis, PerSecond};

/// Limits that a run is judged by; `None` switches one off. The defaults are the product's targets
/// for one assistant server with up to 100 users.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Targets {
    /// Median latency below this.
    pub p50: Option<Millis>,
    /// 95th percentile of latency below this.
    pub p95: Option<Millis>,
    /// 99th percentile of latency below this.
    pub p99: Option<Millis>,
    /// Successes a second above this, with 100 users that do not wait.
    pub throughput: Option<PerSecond>,
    /// Share of failed turns below this, 0 to 1.
    pub error_rate: Option<f64>,
    /// Mean share of the machine's cores used by the server below this, 0 to 1.
    pub cpu: Option<f64>,
    /// Largest share of the machine's memory used by the server below this, 0 to 1.
    pub memory: Option<f64>,
}

impl Default for Targets {
    fn default() -> Self {
        Self {
            p50: Some(Millis(100.0)),
            p95: Some(Millis(300.0)),
            p99: Some(Millis(500.0)),
            throughput: Some(PerSecond(100.0)),
            error_rate: Some(0.01),
            cpu: Some(0.70),
            memory: Some(0.80),
        }
    }
}
