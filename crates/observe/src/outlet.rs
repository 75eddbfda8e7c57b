//! The way of observations to whoever listens.

use crate::metrics::Feed;
use tokio::sync::mpsc::Sender;
use victor_types::Observation;

/// Sends observations, each sample with the newest of the target's own metrics.
#[derive(Debug)]
pub(crate) struct Outlet {
    out: Sender<Observation>,
    metrics: Feed,
}

impl Outlet {
    pub(crate) fn new(out: Sender<Observation>, metrics: Feed) -> Self {
        Self { out, metrics }
    }

    /// False when nobody listens any more.
    pub(crate) async fn send(&mut self, mut observation: Observation) -> bool {
        if let Observation::Sample(sample) = &mut observation {
            sample.metrics = self.metrics.take().or(sample.metrics);
        }
        self.out.send(observation).await.is_ok()
    }

    /// Waits until nobody listens any more.
    pub(crate) async fn closed(&self) {
        self.out.closed().await;
    }
}
