//! A running `victor serve`.

use super::place::Place;
use super::process::{Ended, Process};
use super::wait::until;
use rustix::process::Signal;
use std::net::SocketAddr;

/// A server on a free port of this machine.
#[derive(Debug)]
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
}

impl Server {
    /// Starts a server with more `words`, divided at blanks, whose tools see the folder
    /// `workspace` of `place` and whose truth log is `truth.jsonl` there. Its port is the one on
    /// the line that it prints.
    pub(crate) fn start(place: &Place, words: &str) -> Self {
        Self::with_env(place, words, &[])
    }

    /// Like [`Self::start`], with environment variables.
    pub(crate) fn with_env(place: &Place, words: &str, env: &[(&str, &str)]) -> Self {
        let mut all =
            vec!["serve", "--port", "0", "--workspace", "workspace", "--truth-log", "truth.jsonl"];
        all.extend(words.split_whitespace());
        let mut process = place.start(&all, env);
        let address = until(20, || {
            let told = process.out();
            let line = told.lines().next().filter(|_| told.ends_with('\n'));
            if line.is_none() && process.has_ended() {
                return Some(None);
            }
            line.map(|line| {
                let rest = line.split("http://").nth(1)?;
                rest.split(' ').next()?.parse().ok()
            })
        });
        match address.flatten() {
            Some(address) => Self { process, address },
            None => {
                process.signal(Signal::KILL);
                panic!("no address: {}", process.wait(20));
            }
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as `--host` takes it.
    pub(crate) fn host(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Its end, which must come within `seconds`.
    pub(crate) fn wait(self, seconds: u64) -> Ended {
        self.process.wait(seconds)
    }

    /// Stops it in order, so that its truth log is complete.
    pub(crate) fn stop(self) {
        self.signal(Signal::TERM);
        self.wait(20).with_code(0);
    }
}
