//! The CPU quota and memory limit of this process's control group, version 1 or 2.

use std::fs;
use std::path::{Path, PathBuf};
use victor_clock::Duration;
use victor_types::Bytes;

const ROOT: &str = "/sys/fs/cgroup";

/// The group of this process and those around it, innermost first.
#[derive(Debug, Default)]
pub(crate) struct CpuGroup {
    folders: Vec<PathBuf>,
}

impl CpuGroup {
    /// The own group; empty where there is none.
    pub(crate) fn own() -> Self {
        let text = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        Self { folders: folders(&text, Path::new(ROOT)) }
    }

    /// Cores that the tightest quota allows; `None` without one.
    pub(crate) fn quota(&self) -> Option<f64> {
        let quotas = self.folders.iter().filter_map(|folder| {
            let read = |name| fs::read_to_string(folder.join(name)).ok();
            match read("cpu.max") {
                Some(text) => quota_v2(&text),
                None => quota_v1(&read("cpu.cfs_quota_us")?, &read("cpu.cfs_period_us")?),
            }
        });
        quotas.reduce(f64::min)
    }

    /// The tightest limit of memory; `None` without one. Version 1 keeps it in folders of its own.
    pub(crate) fn memory_limit(&self) -> Option<Bytes> {
        let unified = self.folders.iter().map(|folder| folder.join("memory.max"));
        let old = Path::new(ROOT).join("memory/memory.limit_in_bytes");
        let read = |path: PathBuf| memory_limit(&fs::read_to_string(path).ok()?);
        unified.chain([old]).filter_map(read).min().map(Bytes)
    }

    /// How long quotas have stopped the group.
    pub(crate) fn throttled(&self) -> Duration {
        let stats = self.folders.iter().map(|folder| {
            fs::read_to_string(folder.join("cpu.stat"))
                .map_or(Duration::ZERO, |text| stopped(&text))
        });
        stats.sum()
    }
}

/// Every folder of the group that has a say, from `/proc/self/cgroup` (cgroups(7)).
fn folders(text: &str, root: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let bases: Vec<PathBuf> = match controllers {
            "" => vec![root.to_owned(), root.join("unified")],
            _ if controllers.split(',').any(|name| name == "cpu") => {
                vec![root.join(controllers), root.join("cpu")]
            }
            _ => continue,
        };
        let path = Path::new(path.trim_start_matches('/'));
        for base in bases {
            let found = path.ancestors().map(|part| base.join(part));
            folders.extend(found.filter(|folder| folder.join("cpu.stat").is_file()));
        }
    }
    folders.dedup();
    folders
}

/// `max 100000` or `50000 100000`.
fn quota_v2(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok().filter(|period| *period > 0.0)?)
}

/// `max`, or bytes; version 1 writes no limit as the largest multiple of a page.
fn memory_limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|limit| *limit < 1 << 60)
}

/// A quota of -1 is none.
fn quota_v1(quota: &str, period: &str) -> Option<f64> {
    let quota = quota.trim().parse::<f64>().ok().filter(|quota| *quota > 0.0)?;
    Some(quota / period.trim().parse::<f64>().ok().filter(|period| *period > 0.0)?)
}

/// `throttled_usec` of version 2, `throttled_time` in nanoseconds of version 1.
fn stopped(text: &str) -> Duration {
    let number = |line: &str, name: &str| line.strip_prefix(name)?.trim().parse::<u64>().ok();
    let of_line = |line: &str| {
        number(line, "throttled_usec")
            .map(Duration::from_micros)
            .or_else(|| number(line, "throttled_time").map(Duration::from_nanos))
    };
    text.lines().find_map(of_line).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_read() {
        assert_eq!(quota_v2("50000 100000\n"), Some(0.5));
        assert_eq!(quota_v2("max 100000\n"), None);
        assert_eq!(quota_v1("-1\n", "100000\n"), None);
        assert_eq!(quota_v1("150000\n", "100000\n"), Some(1.5));
        assert_eq!((memory_limit("max\n"), memory_limit("1048576\n")), (None, Some(1 << 20)));
        assert_eq!(memory_limit("9223372036854771712\n"), None);
        assert_eq!(stopped("nr_periods 4\nthrottled_usec 1500\n"), Duration::from_micros(1500));
        assert_eq!(stopped("nr_throttled 4\nthrottled_time 1500\n"), Duration::from_nanos(1500));
    }

    #[test]
    fn groups_around_the_own_one_count_too() {
        let root = Path::new("/nowhere/that/exists");
        assert!(folders("2:cpuset:/a\n1:cpu,cpuacct:/a/b\n0::/c\n", root).is_empty());
        let own = CpuGroup { folders: Vec::new() };
        assert_eq!((own.quota(), own.throttled()), (None, Duration::ZERO));
    }
}
