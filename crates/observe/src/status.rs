//! What is known about the watching itself.

use tokio::sync::watch::Sender;
use victor_types::{Machine, ObserverCost};

/// The state of a [`crate::Watch`], to be read while it runs and when it has ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    machine: Option<Machine>,
    cost: Option<ObserverCost>,
    metrics: Option<String>,
    observer: Option<String>,
}

impl Status {
    /// The machine of the process that is watched. `None` while nothing is known of it.
    #[must_use]
    pub fn machine(&self) -> Option<Machine> {
        self.machine
    }

    /// What the watching took so far. `None` before the first sample.
    #[must_use]
    pub fn cost(&self) -> Option<ObserverCost> {
        self.cost
    }

    /// The address at which the target's own metrics are read.
    #[must_use]
    pub fn metrics(&self) -> Option<&str> {
        self.metrics.as_deref()
    }

    /// The observer beside the target, when that is another program.
    #[must_use]
    pub fn observer(&self) -> Option<&str> {
        self.observer.as_deref()
    }
}

/// Where the parts of a watch write their piece of the [`Status`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Board(Sender<Status>);

impl Board {
    pub(crate) fn subscribe(&self) -> tokio::sync::watch::Receiver<Status> {
        self.0.subscribe()
    }

    pub(crate) fn machine(&self, machine: Machine) {
        self.0.send_modify(|status| status.machine = Some(machine));
    }

    pub(crate) fn cost(&self, cost: ObserverCost) {
        self.0.send_modify(|status| status.cost = Some(cost));
    }

    pub(crate) fn metrics(&self, address: &str) {
        self.0.send_modify(|status| status.metrics = Some(address.to_owned()));
    }

    pub(crate) fn observer(&self, address: &str) {
        self.0.send_modify(|status| status.observer = Some(address.to_owned()));
    }
}
