//! What git prints, as JSON.

use serde_json::{Value, json};

/// The output of `git status --porcelain=v1 --branch -z`.
pub(super) fn status(output: &[u8], truncated: bool) -> Value {
    let text = String::from_utf8_lossy(output);
    let (mut branch, mut changes) = (Value::Null, Vec::new());
    let mut fields = text.split_terminator('\0');
    while let Some(field) = fields.next() {
        if let Some(head) = field.strip_prefix("## ") {
            let name = head.strip_prefix("No commits yet on ").unwrap_or(head);
            branch = name.split("...").next().unwrap_or(name).into();
            continue;
        }
        let (Some(code), Some(path)) = (field.get(..2), field.get(3..)) else { continue };
        let mut change = json!({ "status": code.trim(), "path": path });
        // A rename or copy is followed by the old name.
        if code.starts_with(['R', 'C']) {
            change["from"] = fields.next().into();
        }
        changes.push(change);
    }
    json!({
        "branch": branch,
        "clean": changes.is_empty(),
        "changes": changes,
        "truncated": truncated,
    })
}

/// The output of `git log -z --format=%H%x00%an%x00%aI%x00%s`.
pub(super) fn commits(output: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(output);
    let fields: Vec<&str> = text.split_terminator('\0').collect();
    let whole = fields.chunks_exact(4);
    whole
        .map(|commit| {
            json!({
                "commit": commit[0],
                "author": commit[1],
                "date": commit[2],
                "subject": commit[3],
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_with_renames_and_strange_names() {
        let told =
            status(b"## main...origin/main [ahead 1]\0 M a b.txt\0R  new\0old\0?? \"q\0", false);
        assert_eq!(told["branch"], "main");
        assert_eq!(
            told["changes"],
            json!([
                { "status": "M", "path": "a b.txt" },
                { "status": "R", "path": "new", "from": "old" },
                { "status": "??", "path": "\"q" },
            ])
        );
        let fresh = status(b"## No commits yet on trunk\0", false);
        assert_eq!((&fresh["branch"], &fresh["clean"]), (&json!("trunk"), &json!(true)));
    }

    #[test]
    fn a_log_is_read_commit_by_commit() {
        let told =
            commits(b"abc\0Ann\x002026-01-01T00:00:00Z\0one\0def\0Bob\x002026-01-02T00:00:00Z\0\0");
        assert_eq!(told.len(), 2);
        assert_eq!((&told[0]["subject"], &told[1]["subject"]), (&json!("one"), &json!("")));
    }
}
