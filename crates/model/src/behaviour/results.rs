//! Answering from tool results: numbers and the first part of the content, exactly as returned.

use super::text::head;
use crate::message::{Message, Role, ToolCall};
use serde_json::Value;

/// How much of a file or of a text is quoted, in characters, and how many entries of a list.
const QUOTE: usize = 200;
const ENTRIES: usize = 10;

/// One part for each result the messages end with, oldest first; none when they end otherwise.
pub(super) fn spoken(messages: &[&Message]) -> Vec<String> {
    let count = messages.iter().rev().take_while(|message| message.role == Role::Tool).count();
    let (before, results) = messages.split_at(messages.len() - count);
    let calls = before.last().map_or(&[][..], |last| last.tool_calls.as_slice());
    results.iter().map(|result| one(result, calls)).collect()
}

fn one(result: &Message, calls: &[ToolCall]) -> String {
    let call = calls.iter().find(|call| result.tool_call_id.as_deref() == Some(call.id.as_str()));
    let Ok(value) = serde_json::from_str::<Value>(&result.content) else {
        return format!("The tool returned: {}", head(result.content.trim(), QUOTE));
    };
    let tool = call.map_or("tool", |call| call.name.as_str());
    if let Some(error) = value["error"].as_str() {
        return format!("The tool {tool} did not succeed: {error}.");
    }
    let asked = |key: &str| call.and_then(|call| call.arguments[key].as_str());
    let path = value["path"].as_str().or_else(|| asked("path")).unwrap_or("the workspace");
    match tool {
        "read_file" => read(path, &value),
        "count_lines" => format!("{path} has {} lines.", number(&value["lines"])),
        "file_exists" if value["exists"] == true => format!("Yes, {path} exists."),
        "file_exists" => format!("No, {path} does not exist."),
        "list_files" | "find_files" => list(asked("pattern"), &value),
        "search_text" => search(asked("query").unwrap_or(""), &value),
        "git_status" => git_status(&value),
        "git_log" => git_log(&value),
        "git_diff" => git_diff(&value),
        "run_command" => ran(&value),
        _ => format!("The tool {tool} returned: {}", head(result.content.trim(), QUOTE)),
    }
}

fn read(path: &str, value: &Value) -> String {
    let content = value["content"].as_str().unwrap_or("");
    let bytes = number(&value["bytes"]);
    if content.is_empty() {
        return format!("{path} has {bytes} bytes and no text.");
    }
    format!("{path} has {bytes} bytes and begins:\n{}", head(content, QUOTE))
}

fn list(pattern: Option<&str>, value: &Value) -> String {
    let files: Vec<&str> =
        value["files"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let matching = pattern.map(|pattern| format!(" matching {pattern}")).unwrap_or_default();
    if files.is_empty() {
        return format!("There are no files{matching}.");
    }
    let least = if value["truncated"] == true { "at least " } else { "" };
    let more = if files.len() > ENTRIES { ", ..." } else { "." };
    let shown = files[..files.len().min(ENTRIES)].join(", ");
    let are = if files.len() == 1 { "is" } else { "are" };
    let noun = if files.len() == 1 { "file" } else { "files" };
    format!("There {are} {least}{} {noun}{matching}: {shown}{more}", files.len())
}

fn search(query: &str, value: &Value) -> String {
    let matches = value["matches"].as_array().map_or(&[][..], Vec::as_slice);
    if matches.is_empty() {
        return format!("There are no matches for {query}.");
    }
    let least = if value["truncated"] == true { "at least " } else { "" };
    let shown: Vec<String> = matches
        .iter()
        .take(ENTRIES / 2)
        .map(|found| {
            let text = found["text"].as_str().unwrap_or("").trim();
            let path = found["path"].as_str().unwrap_or("?");
            format!("{path}:{}: {}", number(&found["line"]), head(text, QUOTE / 2))
        })
        .collect();
    let noun = if matches.len() == 1 { "match" } else { "matches" };
    format!("I found {least}{} {noun} for {query}:\n{}", matches.len(), shown.join("\n"))
}

fn git_status(value: &Value) -> String {
    let branch = value["branch"].as_str().unwrap_or("no branch");
    let changes = value["changes"].as_array().map_or(&[][..], Vec::as_slice);
    if changes.is_empty() {
        return format!("On {branch}, nothing has changed.");
    }
    let shown: Vec<String> = changes
        .iter()
        .take(ENTRIES)
        .map(|change| {
            let part = |key: &str| change[key].as_str().unwrap_or("?");
            format!("{} {}", part("status"), part("path"))
        })
        .collect();
    let more = if changes.len() > ENTRIES { ", ..." } else { "." };
    let noun = if changes.len() == 1 { "change" } else { "changes" };
    format!("On {branch} there are {} {noun}: {}{more}", changes.len(), shown.join(", "))
}

fn git_log(value: &Value) -> String {
    let commits = value["commits"].as_array().map_or(&[][..], Vec::as_slice);
    let shown: Vec<String> = commits
        .iter()
        .map(|commit| {
            let id: String = commit["commit"].as_str().unwrap_or("?").chars().take(10).collect();
            format!("{id} {}", head(commit["subject"].as_str().unwrap_or(""), QUOTE / 2))
        })
        .collect();
    let noun = if commits.len() == 1 { "commit" } else { "commits" };
    format!("I see {} {noun}:\n{}", commits.len(), shown.join("\n"))
}

fn git_diff(value: &Value) -> String {
    match value["diff"].as_str().filter(|diff| !diff.is_empty()) {
        Some(diff) => {
            let lines = diff.lines().count();
            format!("The diff has {lines} lines and begins:\n{}", head(diff, QUOTE))
        }
        None => "There are no differences.".to_owned(),
    }
}

fn ran(value: &Value) -> String {
    let program = value["program"].as_str().unwrap_or("The program");
    let ended = match value["exit_code"].as_i64() {
        Some(code) => format!("{program} ended with exit code {code}"),
        None => format!("{program} was stopped"),
    };
    let wrote = ["stdout", "stderr"].map(|stream| value[stream].as_str().unwrap_or("").trim());
    match wrote.into_iter().find(|text| !text.is_empty()) {
        Some(text) => format!("{ended} and wrote:\n{}", head(text, QUOTE)),
        None => format!("{ended} and wrote nothing."),
    }
}

/// A JSON number as text; 0 for anything else.
fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(name: &str, arguments: Value, result: &str) -> String {
        let call = ToolCall { id: "c1".into(), name: name.into(), arguments };
        let messages = [
            Message::user("please"),
            Message::calling(vec![call]),
            Message::tool_result("c1", result),
        ];
        spoken(&messages.iter().collect::<Vec<_>>()).join(" ")
    }

    #[test]
    fn each_tool_is_answered_from_its_result() {
        let content = format!("# Title\n{}", "x".repeat(300));
        let result = json!({"path": "a.md", "content": content, "bytes": 308});
        let answer = told("read_file", json!({"path": "a.md"}), &result.to_string());
        assert_eq!(answer, format!("a.md has 308 bytes and begins:\n# Title\n{}", "x".repeat(192)));
        let path = json!({"path": "a.rs"});
        assert_eq!(told("count_lines", path.clone(), r#"{"lines":41}"#), "a.rs has 41 lines.");
        let gone = told("file_exists", path.clone(), r#"{"exists":false}"#);
        assert_eq!(gone, "No, a.rs does not exist.");
        let listed = r#"{"files":["a.py","b/c.py"],"truncated":false}"#;
        assert_eq!(
            told("list_files", json!({"pattern": "*.py"}), listed),
            "There are 2 files matching *.py: a.py, b/c.py".to_owned() + "."
        );
        let found = r#"{"matches":[{"path":"a.rs","line":7,"text":"  // TODO: x"}]}"#;
        assert_eq!(
            told("search_text", json!({"query": "TODO"}), found),
            "I found 1 match for TODO:\na.rs:7: // TODO: x"
        );
    }

    #[test]
    fn failures_and_text_of_another_shape_are_reported() {
        let failed = told("read_file", json!({"path": "x"}), r#"{"error":"no such file"}"#);
        assert_eq!(failed, "The tool read_file did not succeed: no such file.");
        assert_eq!(told("other", json!({}), "plain text"), "The tool returned: plain text");
        assert!(spoken(&[&Message::user("hi")]).is_empty());
    }
}
