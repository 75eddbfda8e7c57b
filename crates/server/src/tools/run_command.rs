//! `run_command{program, args?}`: one of the programs that `--allow-command` names.

use super::outcome::ToolError;
use super::program;
use super::tool::Job;
use serde_json::{Value, json};
use tokio::process::Command;

/// Most arguments, and the longest in bytes.
const MOST: usize = 64;
const LONGEST: usize = 4096;

/// Runs the program in the workspace, without a shell, and with an environment of its own. What
/// the program itself may do is up to it: allowing it is trusting it.
pub(super) async fn run(job: &Job<'_>, allowed: &[String]) -> Result<Value, ToolError> {
    let name = job.required("program")?;
    let args = job.texts("args")?;
    if !allowed.iter().any(|allowed| allowed == name) {
        return Err(ToolError::Refused(format!(
            "`{name}` is not allowed: start the server with --allow-command NAME for each \
             program that may run"
        )));
    }
    if args.len() > MOST || args.iter().any(|arg| arg.len() > LONGEST || arg.contains('\0')) {
        return Err(ToolError::Argument(format!(
            "`args` must have at most {MOST} texts of at most {LONGEST} bytes"
        )));
    }
    let place = job.workspace.path();
    let mut command = Command::new(name);
    command
        .args(&args)
        .current_dir(place)
        .env_clear()
        .env("PATH", program::search_path())
        .env("HOME", place)
        .env("LC_ALL", "C.UTF-8");
    let ended = program::run(command, job.deadline()).await?;
    Ok(json!({
        "program": name,
        "args": args,
        "exit_code": ended.code,
        "stdout": String::from_utf8_lossy(&ended.out),
        "stderr": String::from_utf8_lossy(&ended.err),
        "truncated": ended.truncated,
    }))
}
