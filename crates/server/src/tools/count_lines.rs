//! `count_lines{path}`: the line ends of a file, as `wc -l` counts them.

use super::outcome::ToolError;
use super::tool::Job;
use serde_json::{Value, json};
use std::io::Read as _;

/// Counts the bytes that are line ends, in pieces, as long as the tool has time.
pub(super) fn run(job: &Job<'_>) -> Result<Value, ToolError> {
    let path = job.required("path")?;
    let (mut file, bytes) = job.workspace.file(path)?;
    let mut piece = vec![0; 64 << 10];
    let mut lines = 0;
    loop {
        job.in_time()?;
        let read = file
            .read(&mut piece)
            .map_err(|error| ToolError::Failed(format!("`{path}` cannot be read: {error}")))?;
        if read == 0 {
            return Ok(json!({ "path": path, "lines": lines, "bytes": bytes }));
        }
        lines += memchr::memchr_iter(b'\n', &piece[..read]).count();
    }
}
