//! The tools there are.

use super::outcome::ToolError;
use super::workspace::Workspace;
use super::{count_lines, file_exists, find_files, list_files, read_file, search_text};
use serde_json::{Value, json};
use victor_clock::{Instant, now};

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    ReadFile,
    ListFiles,
    CountLines,
    FileExists,
    SearchText,
    FindFiles,
}

/// What a tool runs with.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub(super) workspace: &'a Workspace,
    arguments: &'a Value,
    deadline: Instant,
}

impl Tool {
    pub(crate) const ALL: [Self; 6] = [
        Self::ReadFile,
        Self::ListFiles,
        Self::CountLines,
        Self::FileExists,
        Self::SearchText,
        Self::FindFiles,
    ];

    /// The tool called `name`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ReadFile => "read_file",
            Self::ListFiles => "list_files",
            Self::CountLines => "count_lines",
            Self::FileExists => "file_exists",
            Self::SearchText => "search_text",
            Self::FindFiles => "find_files",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::ReadFile => "Read the text of a file",
            Self::ListFiles => "List a directory, or the files below it that match a pattern",
            Self::CountLines => "Count the line ends of a file, as `wc -l` does",
            Self::FileExists => "Say whether a file or directory exists",
            Self::SearchText => "Find the lines that hold a text, in the files below a path",
            Self::FindFiles => "Find files by a glob pattern, anywhere in the workspace",
        }
    }

    /// Names of the arguments; those before the bar are required.
    const fn arguments(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::ReadFile | Self::CountLines | Self::FileExists => (&["path"], &[]),
            Self::ListFiles => (&[], &["path", "pattern"]),
            Self::SearchText => (&["query"], &["path"]),
            Self::FindFiles => (&["pattern"], &[]),
        }
    }

    /// Name, description and JSON Schema of the arguments.
    pub(crate) fn describe(self) -> Value {
        let (required, optional) = self.arguments();
        let properties: serde_json::Map<String, Value> = required
            .iter()
            .chain(optional)
            .map(|&name| (name.to_owned(), json!({ "type": "string" })))
            .collect();
        json!({
            "name": self.name(),
            "description": self.description(),
            "parameters": { "type": "object", "properties": properties, "required": required },
        })
    }

    /// Runs the tool on this thread.
    pub(crate) fn run(self, job: &Job<'_>) -> Result<Value, ToolError> {
        match self {
            Self::ReadFile => read_file::run(job),
            Self::ListFiles => list_files::run(job),
            Self::CountLines => count_lines::run(job),
            Self::FileExists => file_exists::run(job),
            Self::SearchText => search_text::run(job),
            Self::FindFiles => find_files::run(job),
        }
    }
}

impl<'a> Job<'a> {
    pub(crate) fn new(workspace: &'a Workspace, arguments: &'a Value, deadline: Instant) -> Self {
        Self { workspace, arguments, deadline }
    }

    /// The argument called `name`.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, ToolError> {
        self.optional(name)?
            .ok_or_else(|| ToolError::Argument(format!("argument `{name}` is missing")))
    }

    /// The argument called `name`, if it was given.
    pub(super) fn optional(&self, name: &str) -> Result<Option<&'a str>, ToolError> {
        match self.arguments.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(Value::String(_)) => {
                Err(ToolError::Argument(format!("argument `{name}` is empty")))
            }
            Some(_) => Err(ToolError::Argument(format!("argument `{name}` must be a string"))),
        }
    }

    /// Fails once the tool's time is over; long loops ask between steps.
    pub(super) fn in_time(&self) -> Result<(), ToolError> {
        if now() < self.deadline {
            return Ok(());
        }
        Err(ToolError::Failed("the tool ran out of time".to_owned()))
    }
}
