//! Tools read the workspace as it is, and nothing outside it.

use crate::support::{Place, Server, call, chat};
use serde_json::{Value, json};
use std::os::unix::fs::symlink;
use std::process::Command;

fn run(server: &Server, tool: &str, arguments: &Value) -> Value {
    let path = format!("/api/v1/tools/{tool}/execute");
    let reply = call(server.address(), &path, Some(&json!({ "arguments": arguments })));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

#[test]
fn an_answer_follows_the_file() {
    let place = Place::new();
    let server = Server::start(&place, "");
    for lines in [3, 8, 0] {
        place.write("workspace/notes.md", "one\n".repeat(lines));
        let answer = chat(server.address(), "Count lines in notes.md");
        assert_eq!(answer["response"], format!("notes.md has {lines} lines."));
        assert_eq!(answer["tool_calls"][0]["result"]["lines"], lines);
    }
    for word in ["heron", "osprey"] {
        place.write("workspace/notes.md", word);
        let answer = chat(server.address(), "Read notes.md");
        assert!(answer["response"].as_str().is_some_and(|told| told.contains(word)), "{answer}");
    }
    std::fs::remove_file(place.path("workspace/notes.md")).expect("removed");
    let answer = chat(server.address(), "Does notes.md exist?");
    assert_eq!(answer["response"], "No, notes.md does not exist.");
}

#[test]
fn lines_are_those_of_wc() {
    let place = Place::new();
    let big: String = (0..50_000).map(|line| format!("line {line}\n")).collect();
    let files: [(&str, &[u8]); 7] = [
        ("empty.txt", b""),
        ("one.txt", b"one\n"),
        ("open-end.txt", b"one\ntwo"),
        ("windows.txt", b"one\r\ntwo\r\n"),
        ("bytes.bin", b"\xff\n\x00\n\xfe"),
        ("blank.txt", b"\n\n\n\n"),
        ("big.txt", big.as_bytes()),
    ];
    let server = Server::start(&place, "");
    for (name, content) in files {
        place.write(&format!("workspace/{name}"), content);
        let path = place.path("workspace").join(name);
        let counted = Command::new("wc").arg("-l").arg(path).output().expect("wc runs").stdout;
        let counted = String::from_utf8(counted).expect("text");
        let expected: u64 =
            counted.split_whitespace().next().and_then(|n| n.parse().ok()).expect("a number");
        let report = run(&server, "count_lines", &json!({ "path": name }));
        assert_eq!(report["result"]["lines"], expected, "{name}: {report}");
    }
}

#[test]
fn nothing_outside_the_workspace_is_read() {
    let place = Place::new();
    place.write("secret.txt", "the secret word is wombat\n");
    place.write("workspace/inside.txt", "inside\n");
    let secret = place.path("secret.txt");
    let links = [("absolute", secret.as_path()), ("relative", "../secret.txt".as_ref())];
    for (name, to) in links.into_iter().chain([("up", "..".as_ref()), ("loop", "loop".as_ref())]) {
        symlink(to, place.path("workspace").join(name)).expect("a link");
    }
    let server = Server::start(&place, "");
    let secret = secret.to_str().expect("UTF-8");
    let outside = ["../secret.txt", secret, "/etc/passwd", "absolute", "relative", "up/secret.txt"];
    for path in outside {
        for tool in ["read_file", "count_lines", "file_exists"] {
            let report = run(&server, tool, &json!({ "path": path }));
            assert_eq!(report["status"], "refused", "{tool} {path}: {report}");
            assert!(!report.to_string().contains("wombat"), "{report}");
        }
        let answer = chat(server.address(), &format!("Read {path}"));
        assert!(!answer.to_string().contains("wombat"), "{answer}");
    }
    let found = run(&server, "search_text", &json!({ "query": "wombat" }));
    assert_eq!(found["result"]["matches"], json!([]), "{found}");
    let circle = run(&server, "read_file", &json!({ "path": "loop" }));
    assert_ne!(circle["status"], "ok", "{circle}");
    let inside = run(&server, "read_file", &json!({ "path": "inside.txt" }));
    assert_eq!(inside["result"]["content"], "inside\n", "{inside}");
}
