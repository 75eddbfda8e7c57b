//! `list_files{path?, pattern?}`: a directory, or the files below it that match.

use super::find_files::matching;
use super::outcome::ToolError;
use super::tool::Job;
use super::walk::{Found, entries};
use serde_json::{Value, json};

/// Without a pattern the names in the directory, directories with a `/`; with one, every file
/// below it that matches.
pub(super) fn run(job: &Job<'_>) -> Result<Value, ToolError> {
    let path = job.optional("path")?.unwrap_or(".");
    let found = match job.optional("pattern")? {
        Some(pattern) => matching(job, path, pattern)?,
        None => {
            let directory = job.workspace.directory(path)?;
            let mut found = Found::default();
            for (name, kind) in entries(&directory, path)? {
                let slash = if kind.is_dir() { "/" } else { "" };
                if !found.push(format!("{name}{slash}")) {
                    break;
                }
            }
            found
        }
    };
    let (files, truncated) = found.into_parts();
    Ok(json!({ "path": path, "files": files, "truncated": truncated }))
}
