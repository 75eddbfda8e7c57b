//! `file_exists{path}`: whether there is a file or directory.

use super::outcome::ToolError;
use super::tool::Job;
use serde_json::{Value, json};

/// Looks without opening.
pub(super) fn run(job: &Job<'_>) -> Result<Value, ToolError> {
    let path = job.required("path")?;
    Ok(match job.workspace.look(path)? {
        None => json!({ "path": path, "exists": false }),
        Some((is_dir, bytes)) => {
            let kind = if is_dir { "directory" } else { "file" };
            json!({ "path": path, "exists": true, "kind": kind, "bytes": bytes })
        }
    })
}
