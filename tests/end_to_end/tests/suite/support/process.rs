//! A process that cannot outlive its test.

use super::wait::until;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};

/// A running process whose output goes to files, so that it is never held up by a reader.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    what: String,
    out: PathBuf,
    err: PathBuf,
}

impl Process {
    /// Starts `command`; its output goes to `<files>.out` and `<files>.err`.
    pub(crate) fn start(mut command: Command, files: &Path) -> Self {
        let what = format!("{command:?}");
        let (out, err) = (files.with_extension("out"), files.with_extension("err"));
        let file = |path: &Path| File::create(path).expect("a file for the output");
        command.stdin(std::process::Stdio::null()).stdout(file(&out)).stderr(file(&err));
        let child = command.spawn().unwrap_or_else(|error| panic!("{what}: {error}"));
        Self { child, what, out, err }
    }

    /// What it wrote to standard output so far.
    pub(crate) fn out(&self) -> String {
        fs::read_to_string(&self.out).expect("standard output is text")
    }

    /// What it wrote to standard error so far.
    pub(crate) fn err(&self) -> String {
        fs::read_to_string(&self.err).expect("standard error is text")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a pid");
        kill_process(pid, signal).expect("a signal that arrives");
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child of this process").is_some()
    }

    /// Its end, which must come within `seconds` and without a panic.
    pub(crate) fn wait(mut self, seconds: u64) -> Ended {
        let status = until(seconds, || self.child.try_wait().expect("a child of this process"));
        let err = fs::read_to_string(&self.err).expect("standard error is text");
        let status =
            status.unwrap_or_else(|| panic!("{} still runs after {seconds} s:\n{err}", self.what));
        let ended = Ended { what: self.what.clone(), status, out: self.out(), err };
        assert!(!ended.err.contains("panicked"), "{ended}");
        ended
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail when it has ended and was waited for, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    what: String,
    status: ExitStatus,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ended {
    /// The exit code; a signal is none.
    pub(crate) fn code(&self) -> u8 {
        let code = self.status.code().and_then(|code| u8::try_from(code).ok());
        code.unwrap_or_else(|| panic!("signal {:?}: {self}", self.status.signal()))
    }

    /// Checks the exit code.
    pub(crate) fn with_code(self, code: u8) -> Self {
        assert_eq!(self.code(), code, "{self}");
        self
    }

    /// The only line of standard error that begins with `error:`.
    pub(crate) fn error(&self) -> &str {
        let mut errors = self.err.lines().filter(|line| line.starts_with("error:"));
        match (errors.next(), errors.next()) {
            (Some(error), None) => error,
            _ => panic!("not exactly one error line: {self}"),
        }
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, status, out, err } = self;
        write!(f, "{what}\n{status}\nstandard output:\n{out}\nstandard error:\n{err}")
    }
}
