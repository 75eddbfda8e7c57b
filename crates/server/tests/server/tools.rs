//! Tools: they read the workspace as it is, and nothing outside it.

use crate::client::Client;
use crate::running::Running;
use serde_json::{Value, json};
use std::os::unix::fs::symlink;

async fn run(client: &mut Client, tool: &str, arguments: Value) -> Value {
    let path = format!("/api/v1/tools/{tool}/execute");
    let answer = client.post(&path, &json!({ "arguments": arguments })).await;
    assert_eq!(answer.head.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn an_answer_changes_when_the_file_changes() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    for lines in [3, 7] {
        server.write("src/a.rs", "x\n".repeat(lines));
        let answer = client.chat("Count the lines in src/a.rs", None).await;
        assert_eq!(answer["response"], format!("src/a.rs has {lines} lines."));
        let call = &answer["tool_calls"][0];
        assert_eq!((&call["name"], &call["status"]), (&json!("count_lines"), &json!("ok")));
        assert_eq!(call["arguments"], json!({ "path": "src/a.rs" }));
        assert_eq!(call["result"]["lines"], lines);
        assert!(call["duration_ms"].as_f64() >= Some(0.0));
    }
    server.write("README.md", "# One");
    assert!(told(&mut client, "Read README.md").await.contains("# One"));
    server.write("README.md", "# Two");
    assert!(told(&mut client, "Read README.md").await.contains("# Two"));
}

async fn told(client: &mut Client, message: &str) -> String {
    client.chat(message, None).await["response"].as_str().expect("text").to_owned()
}

#[tokio::test]
async fn every_tool_answers_in_words() {
    let server = Running::start(|_| {}).await;
    server.write("a.py", "import os  # TODO: tidy\n");
    server.write("lib/b.py", "pass\n");
    server.write("lib/test_b.py", "# TODO\nassert True\n");
    server.write(".git/hidden.py", "TODO");
    let mut client = server.client().await;
    for (message, expected) in [
        ("List Python files", "There are 3 files matching *.py: a.py, lib/b.py, lib/test_b.py."),
        ("List files", "There are 3 files: .git/, a.py, lib/."),
        ("List files in lib", "There are 2 files: b.py, test_b.py."),
        ("Find test files", "There is 1 file matching *test*: lib/test_b.py."),
        (
            "Find files matching lib/*.py",
            "There are 2 files matching lib/*.py: lib/b.py, lib/test_b.py.",
        ),
        ("Does a.py exist?", "Yes, a.py exists."),
        ("Does z.py exist?", "No, z.py does not exist."),
        (
            "Search for TODO",
            "I found 2 matches for TODO:\na.py:1: import os  # TODO: tidy\nlib/test_b.py:1: # TODO",
        ),
        ("Read z.py", "The tool read_file did not succeed: `z.py` does not exist."),
    ] {
        assert_eq!(told(&mut client, message).await, expected, "{message}");
    }
}

#[tokio::test]
async fn nothing_outside_the_workspace_is_reached() {
    let server = Running::start(|_| {}).await;
    std::fs::write(server.place.path().join("secret.txt"), "secret\n").expect("written");
    server.write("src/a.txt", "inside\n");
    let workspace = server.workspace();
    let secret = server.place.path().join("secret.txt");
    for (to, name) in [
        (secret.as_path(), "absolute"),
        ("../secret.txt".as_ref(), "relative"),
        ("..".as_ref(), "up"),
        ("/".as_ref(), "slash"),
        ("/proc/self".as_ref(), "proc"),
    ] {
        symlink(to, workspace.join(name)).expect("a link");
    }
    symlink("src/a.txt", workspace.join("good")).expect("a link");
    let secret = secret.to_str().expect("UTF-8");
    let mut client = server.client().await;
    for path in [
        secret,
        "../secret.txt",
        "src/../../secret.txt",
        "none/../../secret.txt",
        "absolute",
        "relative",
        "up/secret.txt",
        "slash/etc/passwd",
        "/etc/passwd",
        "/proc/self/environ",
        "proc/environ",
        "proc/root/etc/passwd",
        "a\0b",
    ] {
        for tool in ["read_file", "count_lines", "file_exists"] {
            let report = run(&mut client, tool, json!({ "path": path })).await;
            assert_eq!(report["status"], "refused", "{tool} {path}: {report}");
            assert!(!report.to_string().contains("root:"), "{report}");
        }
        let report = run(&mut client, "search_text", json!({ "query": "s", "path": path })).await;
        assert_eq!(report["status"], "refused", "{path}: {report}");
        let report = run(&mut client, "list_files", json!({ "path": path })).await;
        assert_eq!(report["status"], "refused", "{path}: {report}");
    }
    let report = run(&mut client, "read_file", json!({ "path": "../secret.txt" })).await;
    assert_eq!(report["error"], "the path `../secret.txt` leaves the workspace");
    let report = run(&mut client, "search_text", json!({ "query": "secret" })).await;
    assert_eq!(report["result"]["matches"], json!([]));
    // Links and steps up that stay inside are as good as any path.
    for path in ["good", "src/../src/a.txt", "./src/a.txt"] {
        let report = run(&mut client, "read_file", json!({ "path": path })).await;
        assert_eq!(report["result"]["content"], "inside\n", "{path}: {report}");
    }
}

#[tokio::test]
async fn odd_files_are_handled() {
    let server = Running::start(|_| {}).await;
    server.write("broken.txt", b"ab\xff\xfec\n");
    server.write("no_end.txt", "1\n2");
    server.write("large.txt", "\u{e9}".repeat(50_000));
    server.write("binary", b"TODO\0TODO");
    server.write("deep/a.txt", "");
    let pipe = server.workspace().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let mut client = server.client().await;
    let report = run(&mut client, "read_file", json!({ "path": "broken.txt" })).await;
    assert_eq!(report["result"]["content"], "ab\u{fffd}\u{fffd}c\n");
    let report = run(&mut client, "count_lines", json!({ "path": "no_end.txt" })).await;
    assert_eq!(report["result"]["lines"], 1);
    let report = run(&mut client, "read_file", json!({ "path": "large.txt" })).await;
    let result = &report["result"];
    assert_eq!((&result["bytes"], &result["truncated"]), (&json!(100_000), &json!(true)));
    assert_eq!(result["content"].as_str().map(str::len), Some(64 << 10));
    let report = run(&mut client, "search_text", json!({ "query": "TODO" })).await;
    assert_eq!(report["result"]["matches"], json!([]));
    for (path, error) in [
        ("deep", "`deep` is a directory"),
        ("pipe", "`pipe` is not a regular file"),
        ("deep/a.txt/b", "`deep/a.txt/b` does not exist"),
    ] {
        let report = run(&mut client, "read_file", json!({ "path": path })).await;
        assert_eq!((&report["status"], &report["error"]), (&json!("failed"), &json!(error)));
    }
}

#[tokio::test]
async fn wrong_arguments_fail_with_their_name() {
    let server = Running::start(|_| {}).await;
    let mut client = server.client().await;
    for (tool, arguments, part) in [
        ("read_file", json!({}), "`path` is missing"),
        ("read_file", json!({ "path": 5 }), "`path` must be a string"),
        ("search_text", json!({ "query": "" }), "`query` is empty"),
        ("find_files", json!({ "pattern": "[" }), "`pattern` is not a glob"),
        ("find_files", json!({ "pattern": "x".repeat(300) }), "`pattern` is longer"),
    ] {
        let report = run(&mut client, tool, arguments).await;
        assert_eq!(report["status"], "failed");
        assert!(report["error"].as_str().expect("an error").contains(part), "{report}");
    }
}

#[tokio::test]
async fn long_lists_are_cut_and_say_so() {
    let server = Running::start(|_| {}).await;
    for n in 0..1100 {
        server.write(&format!("f{n:04}.txt"), "needle\n");
    }
    let mut client = server.client().await;
    let report = run(&mut client, "find_files", json!({ "pattern": "*.txt" })).await;
    assert_eq!(report["result"]["files"].as_array().map(Vec::len), Some(1000));
    assert_eq!(report["result"]["truncated"], true);
    let report = run(&mut client, "search_text", json!({ "query": "needle" })).await;
    assert_eq!(report["result"]["matches"].as_array().map(Vec::len), Some(200));
    assert_eq!(report["result"]["truncated"], true);
}
