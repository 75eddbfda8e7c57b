//! `read_file{path}`: the text of a file.

use super::outcome::ToolError;
use super::tool::Job;
use super::workspace::OUTPUT;
use serde_json::{Value, json};
use std::io::Read as _;

/// The first 64 KiB as text; bytes that are not UTF-8 become U+FFFD.
pub(super) fn run(job: &Job<'_>) -> Result<Value, ToolError> {
    let path = job.required("path")?;
    let (file, bytes) = job.workspace.file(path)?;
    let mut head = Vec::new();
    file.take(OUTPUT as u64)
        .read_to_end(&mut head)
        .map_err(|error| ToolError::Failed(format!("`{path}` cannot be read: {error}")))?;
    let truncated = bytes > head.len() as u64;
    let content = match String::from_utf8(head) {
        Ok(text) => text,
        // A character cut at the limit is no broken text.
        Err(error) if truncated && error.utf8_error().error_len().is_none() => {
            let whole = error.utf8_error().valid_up_to();
            String::from_utf8_lossy(&error.as_bytes()[..whole]).into_owned()
        }
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    Ok(json!({ "path": path, "content": content, "bytes": bytes, "truncated": truncated }))
}
