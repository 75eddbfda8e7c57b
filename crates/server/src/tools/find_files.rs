//! `find_files{pattern}`: files by a glob, anywhere in the workspace.

use super::outcome::ToolError;
use super::tool::Job;
use super::walk::{Found, walk};
use globset::GlobBuilder;
use serde_json::{Value, json};
use std::ops::ControlFlow;

/// Longest accepted pattern in bytes.
const LONGEST: usize = 256;

/// Every file whose name matches, or whose path does when the pattern has a `/`.
pub(super) fn run(job: &Job<'_>) -> Result<Value, ToolError> {
    let pattern = job.required("pattern")?;
    let (files, truncated) = matching(job, ".", pattern)?.into_parts();
    Ok(json!({ "pattern": pattern, "files": files, "truncated": truncated }))
}

/// The files below `path` that match `pattern`.
pub(super) fn matching(job: &Job<'_>, path: &str, pattern: &str) -> Result<Found, ToolError> {
    if pattern.len() > LONGEST {
        return Err(ToolError::Argument(format!("`pattern` is longer than {LONGEST} bytes")));
    }
    let glob = GlobBuilder::new(pattern.trim_start_matches("./"))
        .literal_separator(true)
        .build()
        .map_err(|error| ToolError::Argument(format!("`pattern` is not a glob: {error}")))?
        .compile_matcher();
    let by_path = pattern.contains('/');
    let mut found = Found::default();
    let whole = walk(job, path, |_, name, place| {
        let hit = if by_path { glob.is_match(place) } else { glob.is_match(name) };
        if hit && !found.push(place.to_owned()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    found.cut_short(!whole);
    Ok(found)
}
