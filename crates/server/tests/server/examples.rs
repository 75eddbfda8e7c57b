//! The examples of the guide, run as they stand there.

use crate::running::Running;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

/// The address that the guide uses.
const ADDRESS: &str = "localhost:8000";

/// The commands of the blocks marked `sh` in which every command begins with `curl`.
fn commands(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks
        .filter(|block| block.starts_with("curl "))
        .flat_map(|block| {
            let block = block.replace("\\\n", " ");
            block.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|line| !line.trim().is_empty())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_curl_of_the_guide_is_answered() {
    if Command::new("curl").arg("--version").output().is_err() {
        let _ = writeln!(io::stderr(), "skipped: curl is not installed");
        return;
    }
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/serve.md");
    let guide = std::fs::read_to_string(guide).expect("docs/guide/serve.md");
    let server = Running::start(|_| {}).await;
    server.write("Cargo.toml", "[package]\n");
    let commands = commands(&guide);
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        assert!(command.contains(ADDRESS), "{command}");
        let command = command.replace(ADDRESS, &server.address.to_string());
        let done = Command::new("sh").args(["-c", &command]).output().expect("a shell");
        let told = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && !told.is_empty(), "{command}: {done:?}");
        let is_text =
            ["/stream", "/metrics", "/docs", "markdown"].iter().any(|p| command.contains(p));
        let parsed = serde_json::from_str::<serde_json::Value>(&told);
        assert!(is_text || parsed.is_ok(), "{command}: {told}");
    }
}

#[test]
fn commands_are_found_in_their_blocks() {
    let page =
        "```sh\nvictor serve\n```\n```sh\ncurl -s a \\\n    -d b\ncurl c\n```\n```json\n{}\n```\n";
    assert_eq!(commands(page), ["curl -s a      -d b", "curl c"]);
}
