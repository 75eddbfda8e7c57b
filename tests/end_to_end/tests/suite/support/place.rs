//! A folder in which one test works.

use super::binary::victor;
use super::process::{Ended, Process};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Longest life of a command that has no other limit, in seconds.
const PATIENCE: u64 = 60;

/// A folder of a test's own, removed at its end. Commands started in it see no settings but their
/// own: no variable of `victor`'s or Locust's and no `victor.toml` from elsewhere.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    started: AtomicU32,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("workspace")).expect("a workspace");
        Self { folder, started: AtomicU32::new(0) }
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Starts `victor` with `words` and with the variables of `env`.
    pub(crate) fn start(&self, words: &[&str], env: &[(&str, &str)]) -> Process {
        let mut command = Command::new(victor());
        let ours = |name: &str| name.starts_with("VICTOR_") || name.starts_with("LOCUST_");
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(ours) {
                command.env_remove(name);
            }
        }
        command.env("HOME", self.folder.path());
        command.current_dir(self.folder.path()).args(words).envs(env.iter().copied());
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        Process::start(command, &self.path(format!("process-{number}")))
    }

    /// Runs `victor` with `words` to its end.
    pub(crate) fn victor(&self, words: &[&str]) -> Ended {
        self.start(words, &[]).wait(PATIENCE)
    }

    /// Runs `victor load --headless` on `host` to its end; `words` are divided at blanks.
    pub(crate) fn load(&self, host: &str, words: &str) -> Ended {
        self.start_load(host, words).wait(PATIENCE)
    }

    /// Starts `victor load --headless` on `host`; `words` are divided at blanks.
    pub(crate) fn start_load(&self, host: &str, words: &str) -> Process {
        let mut all = vec!["load", "--headless", "--host", host];
        all.extend(words.split_whitespace());
        self.start(&all, &[])
    }
}
