//! What the server holds at one moment, by its kernel and by its own word.

use crate::scale::case::Context;
use crate::scale::probe::Door;
use serde_json::Value;
use std::rc::Rc;
use std::time::Duration;
use victor_observe::{Sampler, find_listener};
use victor_types::{ProcessSample, Seconds};

/// Where `victor serve` tells what it holds.
const DIAGNOSTICS: &str = "/api/v1/diagnostics";

/// What is held at one moment. What nobody tells is absent.
#[derive(Debug, Clone, Default)]
pub(in crate::scale) struct Reading {
    process: Option<ProcessSample>,
    told: Option<Value>,
}

impl Reading {
    #[cfg(test)]
    pub(super) fn new(process: Option<ProcessSample>, told: Option<Value>) -> Self {
        Self { process, told }
    }

    /// Heap and stacks, or resident memory where the kernel does not divide it.
    pub(super) fn memory(&self) -> Option<f64> {
        self.process.as_ref().map(memory)
    }

    pub(super) fn files(&self) -> Option<f64> {
        self.process.and_then(|it| it.fds).map(f64::from)
    }

    pub(super) fn threads(&self) -> Option<f64> {
        self.process.map(|it| f64::from(it.threads))
    }

    /// Connections of clients; those that the server forgot to close count.
    pub(super) fn connections(&self) -> Option<f64> {
        let sockets = self.process.and_then(|it| it.sockets)?;
        let open = sockets.established? + sockets.close_wait.unwrap_or(0);
        Some(f64::from(open))
    }

    /// Live sessions, if the server tells.
    pub(super) fn sessions(&self) -> Option<f64> {
        self.told("sessions", "live")
    }

    /// A number of the server's diagnostics.
    pub(super) fn told(&self, part: &str, name: &str) -> Option<f64> {
        self.told.as_ref()?.get(part)?.get(name)?.as_f64()
    }
}

/// Heap and stacks of a process (what a leak grows), or all that is resident.
#[expect(clippy::cast_precision_loss, reason = "bytes to 15 digits are enough")]
pub(super) fn memory(sample: &ProcessSample) -> f64 {
    let anonymous = sample.memory.and_then(|memory| memory.anonymous);
    anonymous.unwrap_or(sample.rss).0 as f64
}

/// Reads what the server holds.
#[derive(Debug)]
pub(in crate::scale) struct Meter {
    door: Rc<Door>,
    pid: Option<u32>,
}

impl Meter {
    pub(in crate::scale) fn new(context: &Context<'_>, door: &Rc<Door>) -> Self {
        let listener = || door.address().and_then(|address| find_listener(address).ok().flatten());
        Self { door: Rc::clone(door), pid: context.target_pid.or_else(listener) }
    }

    /// A sampler of the server's process; `None` when it cannot be seen from here.
    pub(super) fn sampler(&self) -> Option<Sampler> {
        Sampler::new(self.pid?).ok()
    }

    /// What is held now.
    pub(super) async fn read(&self) -> Reading {
        // Asked first: the connection of the question shall not be counted.
        let told = self.door.get(DIAGNOSTICS).await.map(|(_, body)| body);
        victor_clock::sleep(Duration::from_millis(50)).await;
        // A sampler of its own: what has a slow pace is then read at once.
        let sampled = self.sampler().and_then(|mut it| it.sample(victor_clock::now()).ok());
        Reading { process: sampled.map(|usage| usage.at(Seconds(0.0))), told }
    }

    /// Reads until `done`, at most for `longest`.
    pub(super) async fn read_until(
        &self,
        longest: Duration,
        done: impl Fn(&Reading) -> bool,
    ) -> Reading {
        let end = victor_clock::now() + longest;
        loop {
            let reading = self.read().await;
            if done(&reading) || victor_clock::now() >= end {
                return reading;
            }
            victor_clock::sleep(Duration::from_millis(250)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_types::{Bytes, MemorySample, SocketCounts};

    #[test]
    fn what_nobody_tells_is_absent_and_not_zero() {
        let none = Reading::default();
        assert_eq!((none.memory(), none.files(), none.sessions()), (None, None, None));
        let process = ProcessSample {
            rss: Bytes(900),
            memory: Some(MemorySample { anonymous: Some(Bytes(500)), ..MemorySample::default() }),
            sockets: Some(SocketCounts {
                established: Some(3),
                close_wait: Some(2),
                ..SocketCounts::default()
            }),
            ..ProcessSample::default()
        };
        let told = serde_json::json!({ "sessions": { "live": 7 } });
        let seen = Reading::new(Some(process), Some(told));
        assert_eq!((seen.memory(), seen.connections()), (Some(500.0), Some(5.0)));
        assert_eq!((seen.sessions(), seen.told("services", "scopes")), (Some(7.0), None));
    }
}
