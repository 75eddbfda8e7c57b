//! The one directory tools may see.
//!
//! The directory is opened once; every path is resolved beneath that handle by `cap-std`, which
//! asks the kernel to refuse any step outside, symbolic links included. The check of the path's
//! text comes first only to give a refusal even where a part of the path does not exist.

use super::outcome::ToolError;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File};
use std::io;
use std::path::{Component, Path, PathBuf};

/// Most bytes of text one tool returns.
pub(super) const OUTPUT: usize = 64 << 10;

/// An open directory.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: Dir,
    path: PathBuf,
}

impl Workspace {
    /// Opens `path`, which must be a directory.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let root = Dir::open_ambient_dir(path, ambient_authority())?;
        root.entries()?;
        Ok(Self { root, path: path.canonicalize()? })
    }

    /// Where the workspace is, for programs that run in it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory at `path` beneath the workspace.
    pub(super) fn directory(&self, path: &str) -> Result<Dir, ToolError> {
        self.root.open_dir(inside(path)?).map_err(|error| explain(path, &error))
    }

    /// Whether `path` is a directory, and the size of what it is; `None` when there is nothing.
    pub(super) fn look(&self, path: &str) -> Result<Option<(bool, u64)>, ToolError> {
        match self.root.metadata(inside(path)?) {
            Ok(found) => Ok(Some((found.is_dir(), found.len()))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(explain(path, &error)),
        }
    }

    /// The regular file at `path` and its size in bytes.
    pub(super) fn file(&self, path: &str) -> Result<(File, u64), ToolError> {
        let inner = inside(path)?;
        let found = self.root.metadata(inner).map_err(|error| explain(path, &error))?;
        // Opening a pipe would wait for its other end.
        if !found.is_file() {
            let what = if found.is_dir() { "a directory" } else { "not a regular file" };
            return Err(ToolError::Failed(format!("`{path}` is {what}")));
        }
        let file = self.root.open(inner).map_err(|error| explain(path, &error))?;
        Ok((file, found.len()))
    }
}

/// `path` when its text stays beneath the workspace.
pub(super) fn inside(path: &str) -> Result<&Path, ToolError> {
    if path.contains('\0') {
        return Err(ToolError::Refused("the path holds a null byte".to_owned()));
    }
    let mut depth = 0_usize;
    for component in Path::new(path).components() {
        let next = match component {
            Component::Prefix(_) | Component::RootDir => None,
            Component::CurDir => Some(depth),
            Component::ParentDir => depth.checked_sub(1),
            Component::Normal(_) => Some(depth + 1),
        };
        depth = next.ok_or_else(|| leaves(path))?;
    }
    Ok(Path::new(path))
}

fn leaves(path: &str) -> ToolError {
    ToolError::Refused(format!("the path `{path}` leaves the workspace"))
}

fn explain(path: &str, error: &io::Error) -> ToolError {
    // cap-std's own refusal has no number of the operating system.
    if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        return leaves(path);
    }
    if is_missing(error) {
        return ToolError::Failed(format!("`{path}` does not exist"));
    }
    ToolError::Failed(format!("`{path}` cannot be used: {error}"))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    const SECRET: &str = "not for tools";

    /// A workspace beside a secret, with links that lead there in several ways.
    fn tempting() -> (tempfile::TempDir, Workspace) {
        let place = tempfile::tempdir().expect("a directory");
        let inner = place.path().join("w");
        std::fs::create_dir_all(inner.join("a/b")).expect("created");
        std::fs::write(place.path().join("secret"), SECRET).expect("written");
        std::fs::write(inner.join("a/f"), "inside").expect("written");
        let links = [("up", ".."), ("a/up", "../.."), ("s", "../secret"), ("loop", "loop")];
        for (name, target) in links {
            symlink(target, inner.join(name)).expect("linked");
        }
        symlink(place.path().join("secret"), inner.join("a/abs")).expect("linked");
        symlink("f", inner.join("a/in")).expect("linked");
        let workspace = Workspace::open(&inner).expect("opened");
        (place, workspace)
    }

    fn text(workspace: &Workspace, path: &str) -> Option<String> {
        let (mut file, _) = workspace.file(path).ok()?;
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        Some(text)
    }

    fn any_path() -> impl Strategy<Value = String> {
        let part = "(a|b|f|s|up|in|abs|loop|secret|w|\\.|\\.\\.||~|%2e%2e|\u{0}|\\.\\.\\\\|/)";
        prop_oneof![
            4 => prop::collection::vec(part, 1..7).prop_map(|parts| parts.join("/")),
            1 => any::<String>(),
        ]
    }

    #[test]
    fn links_are_followed_inside_and_nowhere_else() {
        let (_place, workspace) = tempting();
        assert_eq!(text(&workspace, "a/in").as_deref(), Some("inside"));
        for path in ["s", "up/secret", "a/abs", "a/up/secret", "../secret", "a/../../secret"] {
            assert_eq!(text(&workspace, path), None, "{path}");
        }
    }

    #[test]
    fn no_path_leaves_the_workspace() {
        let (_place, workspace) = tempting();
        proptest!(|(path in any_path())| {
            prop_assert!(text(&workspace, &path).is_none_or(|text| text == "inside"), "{path:?}");
            if let Ok(directory) = workspace.directory(&path) {
                prop_assert!(!directory.exists("secret"), "{path:?}");
            }
            prop_assert!(!matches!(workspace.look(&path), Ok(Some((_, size))) if size == SECRET.len() as u64));
        });
    }
}
