//! Tools: they really run, inside the workspace and nowhere else.

mod count_lines;
mod errands;
mod file_exists;
mod find_files;
mod git;
mod git_words;
mod list_files;
mod outcome;
mod program;
mod read_file;
mod run_command;
mod search_text;
mod tool;
mod toolbox;
mod walk;
mod workspace;

pub(crate) use errands::Errands;
pub(crate) use outcome::ToolReport;
pub(crate) use tool::Tool;
pub(crate) use toolbox::Toolbox;
pub(crate) use workspace::Workspace;
