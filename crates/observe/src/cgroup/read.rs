//! The files of a control group.
//!
//! Version 2 is described in the kernel's `admin-guide/cgroup-v2.rst`; version 1 in
//! `admin-guide/cgroup-v1/memory.rst`, `cpuacct.rst` and `scheduler/sched-bwc.rst`.

use super::Version;
use super::place::Place;
use std::path::Path;

/// Version 1 says "no limit" by the largest number of whole pages.
const NO_LIMIT: u64 = 1 << 62;

/// Memory of a group.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) current: Option<u64>,
    pub(crate) inactive_file: Option<u64>,
    pub(crate) limit: Option<u64>,
    pub(crate) oom_kills: Option<u64>,
}

impl Memory {
    pub(crate) fn read(place: &Place) -> Self {
        let stat = place.text("memory.stat").unwrap_or_default();
        match place.version {
            Version::One => Self {
                current: whole(place.text("memory.usage_in_bytes")),
                inactive_file: entry(&stat, "total_inactive_file"),
                limit: entry(&stat, "hierarchical_memory_limit").filter(|&limit| limit < NO_LIMIT),
                oom_kills: entry(&place.text("memory.oom_control").unwrap_or_default(), "oom_kill"),
            },
            Version::Two => Self {
                current: whole(place.text("memory.current")),
                inactive_file: entry(&stat, "inactive_file"),
                limit: place.upwards().filter_map(|folder| number(folder, "memory.max")).min(),
                oom_kills: entry(&place.text("memory.events").unwrap_or_default(), "oom_kill"),
            },
        }
    }
}

/// CPU of a group: nanoseconds since it was made, and cores.
#[derive(Debug, Default)]
pub(crate) struct Cpu {
    pub(crate) used: Option<u64>,
    pub(crate) throttled: Option<u64>,
    pub(crate) limit: Option<f64>,
}

impl Cpu {
    pub(crate) fn read(place: &Place) -> Self {
        let stat = place.text("cpu.stat").unwrap_or_default();
        let limits = place.upwards().filter_map(|folder| match place.version {
            Version::One => {
                quota(number(folder, "cpu.cfs_quota_us")?, number(folder, "cpu.cfs_period_us")?)
            }
            Version::Two => {
                let text = std::fs::read_to_string(folder.join("cpu.max")).ok()?;
                let (allowed, period) = text.trim().split_once(' ')?;
                quota(allowed.parse().ok()?, period.parse().ok()?)
            }
        });
        let limit = limits.min_by(f64::total_cmp);
        let nanos = |name: &str| Some(entry(&stat, name)?.saturating_mul(1000));
        match place.version {
            Version::One => Self { used: None, throttled: entry(&stat, "throttled_time"), limit },
            Version::Two => {
                Self { used: nanos("usage_usec"), throttled: nanos("throttled_usec"), limit }
            }
        }
    }
}

/// CPU used by a group of version 1, in nanoseconds.
pub(crate) fn cpu_used(place: &Place) -> Option<u64> {
    whole(place.text("cpuacct.usage"))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a period")]
fn quota(allowed: u64, period: u64) -> Option<f64> {
    (period > 0).then(|| allowed as f64 / period as f64)
}

/// The value of `name` in lines of `name value`.
fn entry(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    value.trim().parse().ok()
}

/// A file that is one number; `None` for `max` and `-1`, which mean no limit.
fn number(folder: &Path, file: &str) -> Option<u64> {
    whole(std::fs::read_to_string(folder.join(file)).ok())
}

fn whole(text: Option<String>) -> Option<u64> {
    text?.trim().parse().ok()
}
