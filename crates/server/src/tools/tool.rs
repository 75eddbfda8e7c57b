//! The tools there are.

use super::git::COMMITS;
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
    GitStatus,
    GitLog,
    GitDiff,
    RunCommand,
}

/// An argument's name and what it may be.
type Argument = (&'static str, Kind);

/// What an argument may be.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Flag,
    /// From the first to the second.
    Number(u64, u64),
}

impl Kind {
    fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string", "minLength": 1 }),
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Number(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
        }
    }
}

/// What a tool runs with.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub(super) workspace: &'a Workspace,
    arguments: &'a Value,
    deadline: Instant,
}

impl Tool {
    pub(crate) const ALL: [Self; 10] = [
        Self::ReadFile,
        Self::ListFiles,
        Self::CountLines,
        Self::FileExists,
        Self::SearchText,
        Self::FindFiles,
        Self::GitStatus,
        Self::GitLog,
        Self::GitDiff,
        Self::RunCommand,
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
            Self::GitStatus => "git_status",
            Self::GitLog => "git_log",
            Self::GitDiff => "git_diff",
            Self::RunCommand => "run_command",
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
            Self::GitStatus => "Say which files git sees as changed",
            Self::GitLog => "List the latest commits, all or those that touch a path",
            Self::GitDiff => {
                "Show what was changed since the last `git add`, or with `staged` since the last commit"
            }
            Self::RunCommand => {
                "Run one of the programs that --allow-command names, without a shell"
            }
        }
    }

    /// Names and kinds of the arguments; those of the first list are required.
    const fn arguments(self) -> (&'static [Argument], &'static [Argument]) {
        use Kind::{Flag, Number, Text, Texts};
        match self {
            Self::ReadFile | Self::CountLines | Self::FileExists => (&[("path", Text)], &[]),
            Self::ListFiles => (&[], &[("path", Text), ("pattern", Text)]),
            Self::SearchText => (&[("query", Text)], &[("path", Text)]),
            Self::FindFiles => (&[("pattern", Text)], &[]),
            Self::GitStatus => (&[], &[]),
            Self::GitLog => (&[], &[("limit", Number(1, COMMITS)), ("path", Text)]),
            Self::GitDiff => (&[], &[("path", Text), ("staged", Flag)]),
            Self::RunCommand => (&[("program", Text)], &[("args", Texts)]),
        }
    }

    /// True for a tool that is another program; the others run on a thread of this one.
    pub(super) const fn is_program(self) -> bool {
        matches!(self, Self::GitStatus | Self::GitLog | Self::GitDiff | Self::RunCommand)
    }

    /// Name, description and JSON Schema of the arguments.
    pub(crate) fn describe(self) -> Value {
        let (required, optional) = self.arguments();
        let properties: serde_json::Map<String, Value> = required
            .iter()
            .chain(optional)
            .map(|(name, kind)| ((*name).to_owned(), kind.schema()))
            .collect();
        let required: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
        json!({
            "name": self.name(),
            "description": self.description(),
            "parameters": { "type": "object", "properties": properties, "required": required },
        })
    }

    /// Runs the tool on this thread. A tool that is a program is not run here.
    pub(crate) fn run(self, job: &Job<'_>) -> Result<Value, ToolError> {
        match self {
            Self::ReadFile => read_file::run(job),
            Self::ListFiles => list_files::run(job),
            Self::CountLines => count_lines::run(job),
            Self::FileExists => file_exists::run(job),
            Self::SearchText => search_text::run(job),
            Self::FindFiles => find_files::run(job),
            Self::GitStatus | Self::GitLog | Self::GitDiff | Self::RunCommand => {
                Err(ToolError::Failed("the tool is a program of its own".to_owned()))
            }
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

    /// The number called `name`, from 1 to `most`, if it was given.
    pub(super) fn number(&self, name: &str, most: u64) -> Result<Option<u64>, ToolError> {
        let value = self.arguments.get(name).filter(|value| !value.is_null());
        let number = value.map(|value| value.as_u64().filter(|n| (1..=most).contains(n)));
        let wrong = || ToolError::Argument(format!("argument `{name}` must be from 1 to {most}"));
        number.map(|number| number.ok_or_else(wrong)).transpose()
    }

    /// The flag called `name`; false when it was not given.
    pub(super) fn flag(&self, name: &str) -> Result<bool, ToolError> {
        match self.arguments.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(ToolError::Argument(format!("argument `{name}` must be true or false"))),
        }
    }

    /// The list of texts called `name`; empty when it was not given.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&'a str>, ToolError> {
        let wrong = || ToolError::Argument(format!("argument `{name}` must be a list of texts"));
        match self.arguments.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    /// When the tool's time is over.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Fails once the tool's time is over; long loops ask between steps.
    pub(super) fn in_time(&self) -> Result<(), ToolError> {
        if now() < self.deadline {
            return Ok(());
        }
        Err(ToolError::Failed("the tool ran out of time".to_owned()))
    }
}
