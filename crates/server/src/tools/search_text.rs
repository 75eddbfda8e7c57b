//! `search_text{query, path?}`: the lines that hold a text.

use super::outcome::ToolError;
use super::tool::Job;
use super::walk::walk;
use super::workspace::OUTPUT;
use cap_std::fs::Dir;
use memchr::memmem::Finder;
use serde_json::{Value, json};
use std::io::Read as _;
use std::ops::ControlFlow;

/// Most matches, longest line shown in characters, and the part of each file that is searched.
const MATCHES: usize = 200;
const LINE: usize = 200;
const SEARCHED: u64 = 1 << 20;

/// Looks for `query`, case and all, in the text files at or below `path`.
pub(super) fn run(job: &Job<'_>) -> Result<Value, ToolError> {
    let query = job.required("query")?;
    let path = job.optional("path")?.unwrap_or(".");
    let mut matches = Matches { finder: Finder::new(query), list: Vec::new(), bytes: 0 };
    let truncated = if matches!(job.workspace.look(path)?, Some((false, _))) {
        let (file, _) = job.workspace.file(path)?;
        matches.search(file, path).is_break()
    } else {
        let whole = walk(job, path, |directory: &Dir, name, place| match directory.open(name) {
            Ok(file) => matches.search(file, place),
            Err(_) => ControlFlow::Continue(()),
        })?;
        !whole
    };
    Ok(json!({ "query": query, "matches": matches.list, "truncated": truncated }))
}

struct Matches<'a> {
    finder: Finder<'a>,
    list: Vec<Value>,
    bytes: usize,
}

impl Matches<'_> {
    /// Adds the matching lines of one file; breaks when there are enough. Files that cannot be
    /// read and files with null bytes are passed over.
    fn search(&mut self, file: cap_std::fs::File, place: &str) -> ControlFlow<()> {
        let mut content = Vec::new();
        let read = file.take(SEARCHED).read_to_end(&mut content);
        if read.is_err() || memchr::memchr(0, &content).is_some() {
            return ControlFlow::Continue(());
        }
        for (number, line) in content.split(|byte| *byte == b'\n').enumerate() {
            if self.finder.find(line).is_none() {
                continue;
            }
            let text: String = String::from_utf8_lossy(line).chars().take(LINE).collect();
            self.bytes += text.len() + place.len();
            if self.list.len() >= MATCHES || self.bytes > OUTPUT {
                return ControlFlow::Break(());
            }
            self.list.push(json!({ "path": place, "line": number + 1, "text": text }));
        }
        ControlFlow::Continue(())
    }
}
