//! The ways in which a configuration can be wrong. All of them end the program with exit code 2.

use crate::{Origin, Problem};
use victor_types::ExitCode;

/// A configuration that cannot be used. The message is one line; it names the flag, variable or
/// key that the value came from, and the fix. It never repeats a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value was refused.
    #[error("{}: {problem}", origin.place(key))]
    Value {
        /// Key of the setting, `users`.
        key: &'static str,
        /// Where the value came from.
        origin: Origin,
        /// What is wrong with it, and the fix.
        problem: Box<Problem>,
    },
    /// The file has a key or table that means nothing.
    #[error("{file} line {line}: unknown key `{key}`: {hint}")]
    UnknownKey {
        /// The file as it was named.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// What was probably meant.
        hint: String,
    },
    /// A key of the file has a value of another type.
    #[error("{file} line {line}, {key}: found {found}: give {expected}")]
    WrongType {
        /// The file as it was named.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The key with its table, `load.users`.
        key: String,
        /// Type found.
        found: &'static str,
        /// Type expected.
        expected: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read {file} ({reason}): check the path and its permissions, or --config")]
    Unreadable {
        /// The file as it was named.
        file: String,
        /// Why not.
        reason: std::io::Error,
    },
    /// A line of a file in Locust's format that has no key.
    #[error("{file} line {line}: not `key = value`: mend it there")]
    NotLocust {
        /// The file as it was named.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// The file is not TOML.
    #[error("{file} line {line}, column {column}: not valid TOML ({message}): mend it there")]
    Syntax {
        /// The file as it was named.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What the parser said, without the offending text.
        message: String,
    },
}

impl ConfigError {
    /// The exit code that goes with it: always [`ExitCode::Usage`].
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}
