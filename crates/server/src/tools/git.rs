//! `git_status{}`, `git_log{limit?, path?}`, `git_diff{path?, staged?}`: what git says about the
//! workspace, read only.
//!
//! A repository may be hostile: its configuration names programs that git runs (filters, text
//! converters, monitors, hooks) and places outside. So it is not read at all. Git is given a
//! folder of our own with an empty configuration, into which the repository's `HEAD`, index and
//! packed refs are copied, and is pointed at its objects and refs.

use super::git_words::{commits, status};
use super::outcome::ToolError;
use super::program::{self, Ended};
use super::tool::{Job, Tool};
use super::workspace::{Workspace, inside};
use cap_std::fs::Dir;
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::process::Command;

/// Most commits in one log.
pub(super) const COMMITS: u64 = 100;
/// Commits in a log that names no number.
const FEW: u64 = 10;
/// Largest index and list of packed refs that are copied.
const COPIED: u64 = 64 << 20;

/// Runs the git tool `tool`.
pub(super) async fn run(
    tool: Tool,
    job: &Job<'_>,
    workspace: Arc<Workspace>,
) -> Result<Value, ToolError> {
    let path = job.optional("path")?;
    if let Some(path) = path {
        inside(path)?;
    }
    let folder = tokio::task::spawn_blocking(move || own_folder(&workspace))
        .await
        .map_err(|_| ToolError::Failed("the tool broke off".to_owned()))??;
    match tool {
        Tool::GitLog => log(job, &folder, path).await,
        Tool::GitDiff => diff(job, &folder, path).await,
        _ => {
            let args = ["status", "--porcelain=v1", "--branch", "-z", "--ignore-submodules=all"];
            let ended = git(job, &folder, &args, None).await?;
            Ok(status(&ended.out, ended.truncated))
        }
    }
}

async fn log(job: &Job<'_>, folder: &TempDir, path: Option<&str>) -> Result<Value, ToolError> {
    let limit = format!("--max-count={}", job.number("limit", COMMITS)?.unwrap_or(FEW));
    let form = "--format=%H%x00%an%x00%aI%x00%s";
    let ended = git(job, folder, &["log", &limit, form, "-z", "--no-show-signature"], path).await?;
    Ok(json!({ "commits": commits(&ended.out), "truncated": ended.truncated }))
}

async fn diff(job: &Job<'_>, folder: &TempDir, path: Option<&str>) -> Result<Value, ToolError> {
    let staged = job.flag("staged")?;
    let mut args =
        vec!["diff", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=all"];
    if staged {
        args.push("--cached");
    }
    let ended = git(job, folder, &args, path).await?;
    let text = String::from_utf8_lossy(&ended.out);
    Ok(json!({ "staged": staged, "diff": text, "truncated": ended.truncated }))
}

/// Runs git with `args`, and on `path` alone where there is one.
async fn git(
    job: &Job<'_>,
    folder: &TempDir,
    args: &[&str],
    path: Option<&str>,
) -> Result<Ended, ToolError> {
    let place = job.workspace.path();
    let mut command = Command::new("git");
    command
        .current_dir(place)
        .env_clear()
        .env("PATH", program::search_path())
        .env("HOME", folder.path())
        .env("LC_ALL", "C")
        .env("GIT_DIR", folder.path())
        .env("GIT_WORK_TREE", place)
        .env("GIT_OBJECT_DIRECTORY", place.join(".git/objects"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "none")
        .args(["--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=", "-c"])
        .arg("core.hooksPath=/dev/null")
        .args(args)
        .arg("--")
        .args(path);
    let ended = program::run(command, job.deadline()).await?;
    if ended.code == Some(0) || ended.truncated {
        return Ok(ended);
    }
    let told = String::from_utf8_lossy(&ended.err);
    let why = told.lines().next().unwrap_or("it gave no reason");
    Err(ToolError::Failed(format!("git failed: {}", why.chars().take(200).collect::<String>())))
}

/// A git folder that stands in for the workspace's own.
fn own_folder(workspace: &Workspace) -> Result<TempDir, ToolError> {
    let none = || ToolError::Failed("not a git repository".to_owned());
    let failed =
        |error: io::Error| ToolError::Failed(format!("the repository cannot be read: {error}"));
    if workspace.look(".git")?.is_none() {
        return Err(none());
    }
    if let Some((false, _)) = workspace.look(".git")? {
        return Err(ToolError::Refused("the repository lies outside the workspace".to_owned()));
    }
    let theirs = workspace.directory(".git")?;
    // Each is a folder beneath the workspace, or there is no repository that could be shown.
    workspace.directory(".git/refs").map_err(|_| none())?;
    workspace.directory(".git/objects").map_err(|_| none())?;
    for borrowed in ["objects/info/alternates", "objects/info/http-alternates"] {
        if theirs.symlink_metadata(borrowed).is_ok() {
            return Err(ToolError::Refused(
                "the repository borrows objects from outside the workspace".to_owned(),
            ));
        }
    }
    let ours = tempfile::tempdir().map_err(failed)?;
    let config = format!("[core]\n\trepositoryformatversion = 1\n{}", object_format(&theirs));
    fs::write(ours.path().join("config"), config).map_err(failed)?;
    fs::create_dir(ours.path().join("info")).map_err(failed)?;
    for name in ["HEAD", "index", "packed-refs", "info/exclude"] {
        copy(&theirs, name, &ours.path().join(name)).map_err(failed)?;
    }
    let refs = workspace.path().join(".git/refs");
    std::os::unix::fs::symlink(refs, ours.path().join("refs")).map_err(failed)?;
    Ok(ours)
}

/// Copies a regular file; one that is missing is passed over.
fn copy(from: &Dir, name: &str, to: &Path) -> io::Result<()> {
    match from.metadata(name) {
        Ok(found) if found.is_file() && found.len() <= COPIED => {
            let mut content = Vec::new();
            from.open(name)?.take(COPIED).read_to_end(&mut content)?;
            fs::write(to, content)
        }
        Ok(_) => Err(io::Error::other(format!("`.git/{name}` is no file of a common size"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The one setting without which the objects cannot be read.
fn object_format(theirs: &Dir) -> &'static str {
    let config = theirs.read_to_string("config").unwrap_or_default().to_ascii_lowercase();
    let long = config.lines().any(|line| {
        let line: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        line == "objectformat=sha256"
    });
    if long { "[extensions]\n\tobjectFormat = sha256\n" } else { "" }
}
