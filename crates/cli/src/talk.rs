//! Talking to the person at the terminal. Standard output is data, standard error is talk.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use victor_types::ExitCode;

/// A command that ended early, with what to say about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: ExitCode,
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn new(code: ExitCode, text: impl Display) -> Self {
        Self { code, text: text.to_string() }
    }

    /// Wrong usage or configuration.
    pub(crate) fn usage(text: impl Display) -> Self {
        Self::new(ExitCode::Usage, text)
    }
}

/// An error, on standard error.
pub(crate) fn error(text: &str) {
    say(&format!("error: {text}"));
}

/// Anything else, on standard error. A closed stream is no reason to stop measuring.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Data, on standard output. A reader that has gone away has read enough.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
}

/// Width of the terminal behind `stream`; 80 where there is none, and at least 80.
pub(crate) fn width() -> usize {
    let found = terminal_size::terminal_size_of(io::stderr())
        .or_else(|| terminal_size::terminal_size_of(io::stdout()));
    found.map_or(80, |(width, _)| usize::from(width.0)).clamp(80, 200)
}

/// Whether colour is wanted on standard output.
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
