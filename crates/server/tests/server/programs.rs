//! Tools that are other programs: git, and those that were allowed.

use crate::client::Client;
use crate::running::Running;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

async fn run(client: &mut Client, tool: &str, arguments: Value) -> Value {
    let path = format!("/api/v1/tools/{tool}/execute");
    client.post(&path, &json!({ "arguments": arguments })).await.json()
}

fn git(place: &Path, args: &[&str]) {
    let done = Command::new("git")
        .args([
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.com",
            "-c",
            "commit.gpgSign=false",
        ])
        .args(args)
        .current_dir(place)
        .output()
        .expect("git is installed");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A repository with one commit, a change and a new file.
async fn repository() -> Running {
    let server = Running::start(|_| {}).await;
    let place = server.workspace();
    git(&place, &["init", "-q", "-b", "trunk"]);
    server.write("a.txt", "one\n");
    server.write("b.txt", "one\n");
    git(&place, &["add", "."]);
    git(&place, &["commit", "-q", "-m", "Begin"]);
    server.write("a.txt", "one\ntwo\n");
    server.write("new.txt", "x\n");
    server
}

#[tokio::test]
async fn git_tells_of_the_workspace() {
    let server = repository().await;
    let mut client = server.client().await;
    let status = run(&mut client, "git_status", json!({})).await;
    let changes =
        json!([{ "status": "M", "path": "a.txt" }, { "status": "??", "path": "new.txt" }]);
    assert_eq!(
        (&status["result"]["branch"], &status["result"]["changes"]),
        (&json!("trunk"), &changes)
    );
    let log = run(&mut client, "git_log", json!({ "limit": 5 })).await;
    let commits = log["result"]["commits"].as_array().expect("commits");
    assert_eq!(
        (commits.len(), &commits[0]["subject"], &commits[0]["author"]),
        (1, &json!("Begin"), &json!("Ann"))
    );
    let none = run(&mut client, "git_log", json!({ "path": "new.txt" })).await;
    assert_eq!(none["result"]["commits"], json!([]));
    let diff = run(&mut client, "git_diff", json!({})).await;
    assert!(diff["result"]["diff"].as_str().expect("text").contains("+two"), "{diff}");
    let staged = run(&mut client, "git_diff", json!({ "staged": true })).await;
    assert_eq!(staged["result"]["diff"], "");
    let out = run(&mut client, "git_diff", json!({ "path": "../x" })).await;
    assert_eq!(out["status"], "refused");
    for wrong in [json!({ "limit": 0 }), json!({ "limit": 101 }), json!({ "limit": "5" })] {
        assert_eq!(run(&mut client, "git_log", wrong).await["status"], "failed");
    }
    let told = client.chat("git status", None).await["response"].clone();
    assert_eq!(told, "On trunk there are 2 changes: M a.txt, ?? new.txt.");
    let told = client.chat("Show the git log", None).await["response"].clone();
    assert!(told.as_str().expect("text").ends_with(" Begin"), "{told}");
}

#[tokio::test]
async fn git_does_not_leave_the_workspace() {
    let server = Running::start(|_| {}).await;
    git(server.place.path(), &["init", "-q"]);
    let mut client = server.client().await;
    let none = run(&mut client, "git_status", json!({})).await;
    assert_eq!(
        (&none["status"], &none["error"]),
        (&json!("failed"), &json!("not a git repository"))
    );
    let link = server.workspace().join(".git");
    std::os::unix::fs::symlink(server.place.path().join(".git"), &link).expect("linked");
    assert_eq!(run(&mut client, "git_status", json!({})).await["status"], "refused");
    std::fs::remove_file(&link).expect("removed");
    server.write(".git", "gitdir: ../.git\n");
    assert_eq!(run(&mut client, "git_status", json!({})).await["status"], "refused");
}

#[tokio::test]
async fn a_hostile_repository_runs_nothing_and_shows_nothing_of_others() {
    let server = repository().await;
    let place = server.workspace();
    let trap = server.place.path().join("sprung");
    let spring = format!("touch {}", trap.display());
    server.write(".gitattributes", "* filter=evil diff=evil\n");
    for (key, value) in [
        ("core.fsmonitor", spring.as_str()),
        ("core.pager", &spring),
        ("core.hooksPath", "."),
        ("diff.external", &spring),
        ("diff.evil.command", &spring),
        ("diff.evil.textconv", &spring),
        ("filter.evil.clean", &spring),
        ("filter.evil.process", &spring),
        ("log.showSignature", "true"),
        ("gpg.program", &spring),
        ("alias.status", &format!("!{spring}")),
    ] {
        git(&place, &["config", key, value]);
    }
    let mut client = server.client().await;
    for (tool, arguments) in [
        ("git_status", json!({})),
        ("git_log", json!({})),
        ("git_diff", json!({})),
        ("git_diff", json!({ "staged": true, "path": "a.txt" })),
    ] {
        let report = run(&mut client, tool, arguments).await;
        assert_eq!(report["status"], "ok", "{report}");
        assert!(!trap.exists(), "{tool} ran a program of the repository");
    }
    std::fs::write(server.place.path().join("secret.txt"), "secret\n").expect("written");
    git(&place, &["config", "core.worktree", "../.."]);
    let diff = run(&mut client, "git_diff", json!({})).await;
    assert!(!diff.to_string().contains("secret"), "{diff}");
    server.write(".git/objects/info/alternates", "/somewhere/objects\n");
    assert_eq!(run(&mut client, "git_log", json!({})).await["status"], "refused");
}

#[tokio::test]
async fn only_allowed_programs_run_and_only_in_the_workspace() {
    let server = Running::start(|settings| {
        settings.allowed_commands = ["sh", "env", "pwd"].map(str::to_owned).to_vec();
        settings.tool_timeout = Duration::from_millis(700);
    })
    .await;
    server.write("uname", "#!/bin/sh\necho own\n");
    let mut client = server.client().await;
    let refused = run(&mut client, "run_command", json!({ "program": "uname" })).await;
    assert_eq!(refused["status"], "refused");
    assert!(refused["error"].as_str().expect("text").contains("--allow-command"), "{refused}");
    let place = run(&mut client, "run_command", json!({ "program": "pwd" })).await;
    let told = place["result"]["stdout"].as_str().expect("text").trim();
    assert_eq!(Path::new(told), server.workspace().canonicalize().expect("a path"));
    let env = run(&mut client, "run_command", json!({ "program": "env" })).await;
    assert!(!env["result"]["stdout"].as_str().expect("text").contains("CARGO"), "{env}");
    let sh = |script: &str| json!({ "program": "sh", "args": ["-c", script] });
    let failed = run(&mut client, "run_command", sh("echo no >&2; exit 3")).await;
    assert_eq!(
        (&failed["result"]["exit_code"], &failed["result"]["stderr"]),
        (&json!(3), &json!("no\n"))
    );
    let much = run(&mut client, "run_command", sh("yes")).await;
    assert_eq!(
        (&much["result"]["truncated"], &much["result"]["exit_code"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(much["result"]["stdout"].as_str().map(str::len), Some(64 << 10));
    let told = client.chat("Run pwd", None).await["response"].clone();
    assert!(told.as_str().expect("text").starts_with("pwd ended with exit code 0"), "{told}");
}

#[tokio::test]
async fn a_program_dies_with_its_children_when_its_time_is_over_or_its_client_is_gone() {
    let server = Running::start(|settings| {
        settings.allowed_commands = vec!["sh".to_owned()];
        settings.tool_timeout = Duration::from_millis(700);
    })
    .await;
    let beat = "(while :; do date +%s%N >>beat; sleep 0.05; done) & wait";
    let arguments = json!({ "program": "sh", "args": ["-c", beat] });
    let mut client = server.client().await;
    let late = run(&mut client, "run_command", arguments.clone()).await;
    assert_eq!(late["status"], "failed");
    assert!(late["error"].as_str().expect("text").contains("out of time"), "{late}");
    stands_still(&server).await;

    let body = json!({ "arguments": arguments }).to_string();
    client.send("POST", "/api/v1/tools/run_command/execute", "", body.as_bytes()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(client);
    tokio::time::sleep(Duration::from_millis(200)).await;
    stands_still(&server).await;
}

/// Checks that nothing writes to the file `beat` any more.
async fn stands_still(server: &Running) {
    let length = || std::fs::metadata(server.workspace().join("beat")).expect("it beat").len();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = length();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(length(), before);
}
