//! Where the files of a process's control groups are.

use super::Version;
use std::path::{Path, PathBuf};

/// A group in one hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) version: Version,
    /// Names of its controllers; all of them, in version 2.
    controllers: Vec<String>,
    /// Where the hierarchy is mounted, and the group's own folder.
    top: PathBuf,
    pub(crate) folder: PathBuf,
}

impl Place {
    /// Whether `controller` is counted here.
    pub(crate) fn has(&self, controller: &str) -> bool {
        match self.version {
            Version::One => self.controllers.iter().any(|name| name == controller),
            // Version 2 has no `cpuacct`: `cpu` counts as well.
            Version::Two => match controller {
                "memory" => self.folder.join("memory.current").exists(),
                "cpu" => self.folder.join("cpu.stat").exists(),
                _ => false,
            },
        }
    }

    /// The text of one of the group's files.
    pub(crate) fn text(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(file)).ok()
    }

    /// The folders of the group and of those above it, up to the mount.
    pub(crate) fn upwards(&self) -> impl Iterator<Item = &Path> {
        self.folder.ancestors().take_while(|folder| folder.starts_with(&self.top))
    }
}

/// A mounted hierarchy.
#[derive(Debug)]
struct Mount<'a> {
    version: Version,
    /// The group that is shown at the mount.
    root: &'a str,
    at: &'a str,
    /// Controllers of version 1 are among the mount's options.
    options: Vec<&'a str>,
}

/// The places of a process whose `/proc/PID/cgroup` is `membership`, from this process's
/// `/proc/self/mountinfo`. Version 1 comes first: a controller is only in one of them, and on hybrid
/// systems that is the older one. Root groups are left out, for they are the machine: only that of
/// version 1 has a `release_agent`, and only that of version 2 no `cgroup.events`.
pub(crate) fn places(membership: &str, mountinfo: &str) -> Vec<Place> {
    let mounts: Vec<Mount<'_>> = mountinfo.lines().filter_map(mount).collect();
    let mut found: Vec<Place> =
        membership.lines().filter_map(|line| place(line, &mounts)).collect();
    found.retain(|place| match place.version {
        Version::One => !place.folder.join("release_agent").exists(),
        Version::Two => place.folder.join("cgroup.events").exists(),
    });
    found.sort_by_key(|place| place.version == Version::Two);
    found
}

/// A line such as `4:memory:/jobs/7`, or `0::/jobs/7` for version 2.
fn place(line: &str, mounts: &[Mount<'_>]) -> Option<Place> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?);
    let controllers: Vec<&str> = controllers.split(',').filter(|name| !name.is_empty()).collect();
    let mount = mounts.iter().find(|mount| match (mount.version, controllers.first()) {
        (Version::Two, None) => true,
        (Version::One, Some(first)) => mount.options.contains(first),
        _ => false,
    })?;
    // A path outside of this process's namespace begins with `/..`.
    if path.split('/').any(|part| part == "..") {
        return None;
    }
    let below = path.strip_prefix(mount.root.trim_end_matches('/')).unwrap_or(path);
    let top = PathBuf::from(mount.at);
    let folder = match below.trim_matches('/') {
        "" => top.clone(),
        below => top.join(below),
    };
    let controllers = controllers.into_iter().map(str::to_owned).collect();
    Some(Place { version: mount.version, controllers, top, folder })
}

/// A line of `mountinfo`, as in `proc_pid_mountinfo(5)`: id, parent, device, root, mount point, options,
/// optional fields, `-`, type, source, options of the file system.
fn mount(line: &str) -> Option<Mount<'_>> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(3);
    let (root, at) = (before.next()?, before.next()?);
    let mut after = after.split(' ');
    let version = match after.next()? {
        "cgroup" => Version::One,
        "cgroup2" => Version::Two,
        _ => return None,
    };
    let options = after.nth(1).unwrap_or_default().split(',').collect();
    Some(Mount { version, root, at, options })
}
