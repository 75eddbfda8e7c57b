//! The workspace as the rules see it: its files, and its dependencies as cargo resolves them.

use cargo_metadata::{Metadata, MetadataCommand, Node, Package};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("workspace folder")
}

/// A file of the workspace by its path from the root, as messages name it.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Files below `folder` whose names end in `ending`, sorted by path; none when there is no such
/// folder.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("folder entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let text = std::fs::read_to_string(&path).expect("text file");
                let path = path.strip_prefix(&root).expect("below the root").display().to_string();
                found.push(File { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Names of the folders below `crates/`, sorted.
pub(crate) fn crate_folders() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("crates")).expect("crates/");
    let paths = entries.map(|entry| entry.expect("folder entry").path());
    let crates = paths.filter(|path| path.join("Cargo.toml").exists());
    let name = |path: PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = crates.filter_map(name).collect();
    names.sort();
    names
}

/// What cargo resolves for Linux, from the lockfile alone.
pub(crate) fn metadata() -> &'static Metadata {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    METADATA.get_or_init(|| {
        let options = ["--offline", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"];
        MetadataCommand::new()
            .manifest_path(root().join("Cargo.toml"))
            .other_options(options.map(str::to_owned))
            .exec()
            .unwrap_or_else(|error| {
                panic!(
                    "cargo cannot resolve the workspace offline: run `cargo fetch`, and commit \
                     Cargo.lock if it changed\n{error}"
                )
            })
    })
}

/// Packages and graph nodes by their ids.
pub(crate) struct Graph {
    packages: HashMap<&'static str, &'static Package>,
    nodes: HashMap<&'static str, &'static Node>,
}

impl Graph {
    pub(crate) fn read() -> Self {
        let metadata = metadata();
        let nodes = &metadata.resolve.as_ref().expect("a resolved graph").nodes;
        Self {
            packages: metadata.packages.iter().map(|one| (one.id.repr.as_str(), one)).collect(),
            nodes: nodes.iter().map(|node| (node.id.repr.as_str(), node)).collect(),
        }
    }

    /// Every package in the graph.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &'static Package> + '_ {
        self.nodes.keys().map(|id| self.packages[id])
    }

    /// What `package` is built from: itself, and all that it needs directly or through others, but
    /// not for tests.
    pub(crate) fn built_from(&self, package: &Package) -> Vec<&'static Package> {
        let mut seen = vec![package.id.repr.as_str()];
        let mut at = 0;
        while at < seen.len() {
            let node = self.nodes[seen[at]];
            for dependency in &node.deps {
                let built = dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind != cargo_metadata::DependencyKind::Development);
                let id = dependency.pkg.repr.as_str();
                if built && !seen.contains(&id) {
                    seen.push(id);
                }
            }
            at += 1;
        }
        seen.iter().map(|id| self.packages[id]).collect()
    }
}
