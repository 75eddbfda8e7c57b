//! Walking the workspace: every regular file below a directory, in order of names.

use super::outcome::ToolError;
use super::tool::Job;
use super::workspace::OUTPUT;
use cap_std::fs::{Dir, FileType};
use std::ops::ControlFlow;

/// Most names looked at in one walk, and most names returned.
const LOOKED_AT: usize = 20_000;
const RETURNED: usize = 1_000;

/// Directories that hold what tools make, not what people write.
const SKIPPED: [&str; 3] = ["target", "node_modules", "__pycache__"];

/// Names found so far, within the limits of a tool's output.
#[derive(Debug, Default)]
pub(super) struct Found {
    names: Vec<String>,
    bytes: usize,
    truncated: bool,
}

impl Found {
    /// Adds `name`; false when there is no more room.
    pub(super) fn push(&mut self, name: String) -> bool {
        self.bytes += name.len();
        if self.names.len() >= RETURNED || self.bytes > OUTPUT {
            self.truncated = true;
            return false;
        }
        self.names.push(name);
        true
    }

    /// Notes that the search itself was cut short.
    pub(super) fn cut_short(&mut self, short: bool) {
        self.truncated |= short;
    }

    /// The names, and whether there are more.
    pub(super) fn into_parts(self) -> (Vec<String>, bool) {
        (self.names, self.truncated)
    }
}

/// The names in `directory` in order, with what they are.
pub(super) fn entries(directory: &Dir, path: &str) -> Result<Vec<(String, FileType)>, ToolError> {
    let failed = |error| ToolError::Failed(format!("`{path}` cannot be listed: {error}"));
    let mut entries = Vec::new();
    for entry in directory.entries().map_err(failed)?.take(LOOKED_AT) {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        // A name that is not UTF-8 could not be asked for again.
        if let Ok(name) = entry.file_name().into_string() {
            entries.push((name, kind));
        }
    }
    entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Ok(entries)
}

/// Calls `visit(directory, name, path)` for each regular file at or below `path`, files of a
/// directory before its subdirectories. Hidden and generated directories and symbolic links are
/// passed over. False when it ended early: by `visit` or by its own limit.
pub(super) fn walk(
    job: &Job<'_>,
    path: &str,
    mut visit: impl FnMut(&Dir, &str, &str) -> ControlFlow<()>,
) -> Result<bool, ToolError> {
    let (mut looked_at, mut first) = (0, true);
    let mut pending =
        vec![path.strip_suffix('/').filter(|p| !p.is_empty()).unwrap_or(path).to_owned()];
    while let Some(place) = pending.pop() {
        job.in_time()?;
        let opened = job.workspace.directory(&place);
        let listed = opened.and_then(|directory| Ok((entries(&directory, &place)?, directory)));
        let (entries, directory) = match listed {
            Ok(listed) => listed,
            // Only the start must be readable; the rest may change under the walk.
            Err(error) if first => return Err(error),
            Err(_) => continue,
        };
        first = false;
        let mut below = Vec::new();
        for (name, kind) in entries {
            looked_at += 1;
            if looked_at > LOOKED_AT {
                return Ok(false);
            }
            let inner = if place == "." { name.clone() } else { format!("{place}/{name}") };
            if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                below.push(inner);
            } else if kind.is_file() {
                job.in_time()?;
                if visit(&directory, &name, &inner).is_break() {
                    return Ok(false);
                }
            }
        }
        pending.extend(below.into_iter().rev());
    }
    Ok(true)
}
