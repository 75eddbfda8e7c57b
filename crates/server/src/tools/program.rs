//! Running another program, within a time and an output limit, and never beyond either.

use super::outcome::ToolError;
use super::workspace::OUTPUT;
use rustix::process::{Pid, Signal, kill_process_group};
use std::process::Stdio;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use victor_clock::Instant;

/// How a program ended, with the first part of what it wrote.
#[derive(Debug)]
pub(super) struct Ended {
    /// `None` when a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) out: Vec<u8>,
    pub(super) err: Vec<u8>,
    /// Whether it wrote more than is kept.
    pub(super) truncated: bool,
}

/// A program's process group; dropping it kills all that is left of it.
#[derive(Debug)]
struct Group {
    child: Child,
    leader: Option<Pid>,
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // Fails when all of them have ended, which is as good.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Runs `command` to its end. It reads nothing, and dies with its children when its time is over,
/// when it writes more than 64 KiB, or when this is dropped.
pub(super) async fn run(mut command: Command, deadline: Instant) -> Result<Ended, ToolError> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let child = spawned
        .map_err(|error| ToolError::Failed(format!("`{name}` could not be started: {error}")))?;
    let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let mut group = Group { child, leader };
    let (stdout, stderr) = (group.child.stdout.take(), group.child.stderr.take());
    let ended = async {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let read = tokio::try_join!(head(stdout, &mut out), head(stderr, &mut err));
        let truncated = read.is_err();
        let code = if truncated { None } else { group.child.wait().await.ok() };
        Ended { code: code.and_then(|status| status.code()), out, err, truncated }
    };
    match tokio::time::timeout_at(deadline, ended).await {
        Ok(ended) => Ok(ended),
        Err(_) => Err(ToolError::Failed(format!("`{name}` ran out of time and was stopped"))),
    }
}

/// A stream that goes on beyond what is kept.
struct TooMuch;

/// Reads a stream into `bytes`, which are kept whatever happens to it.
async fn head(stream: Option<impl AsyncRead + Unpin>, bytes: &mut Vec<u8>) -> Result<(), TooMuch> {
    if let Some(stream) = stream {
        // What was read before a failure is still what the program said.
        let _ = stream.take(OUTPUT as u64 + 1).read_to_end(bytes).await;
    }
    let more = bytes.len() > OUTPUT;
    bytes.truncate(OUTPUT);
    if more { Err(TooMuch) } else { Ok(()) }
}

/// `PATH` without its relative parts: a program that lies in the workspace is not found by name.
pub(super) fn search_path() -> std::ffi::OsString {
    let all = std::env::var_os("PATH").unwrap_or_default();
    let absolute = std::env::split_paths(&all).filter(|path| path.is_absolute());
    std::env::join_paths(absolute).unwrap_or_default()
}
