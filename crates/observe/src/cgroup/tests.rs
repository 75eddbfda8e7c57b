use super::*;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use victor_clock::{Duration, now};

/// Writes files below a folder of its own.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("below")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn close(found: Option<f64>, wanted: f64) -> bool {
    found.is_some_and(|found| (found - wanted).abs() < 1e-9)
}

#[test]
fn version_two_with_limits_of_the_group_and_the_one_above() {
    let folder = tree(&[
        ("system.slice/memory.max", "536870912\n"),
        ("system.slice/cpu.max", "150000 100000\n"),
        ("system.slice/app.service/cgroup.events", "populated 1\nfrozen 0\n"),
        ("system.slice/app.service/memory.current", "104857600\n"),
        ("system.slice/app.service/memory.max", "max\n"),
        (
            "system.slice/app.service/memory.stat",
            "anon 81788928\nfile 20971520\ninactive_file 9437184\nactive_file 11534336\n",
        ),
        (
            "system.slice/app.service/memory.events",
            "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n",
        ),
        ("system.slice/app.service/cpu.max", "200000 100000\n"),
        (
            "system.slice/app.service/cpu.stat",
            "usage_usec 5000000\nuser_usec 4000000\nsystem_usec 1000000\nnr_periods 10\nnr_throttled 3\nthrottled_usec 250000\n",
        ),
    ]);
    let root = folder.path().display();
    let mounts = format!(
        "24 1 0:22 / /proc rw,nosuid - proc proc rw\n30 24 0:27 / {root} rw,nosuid shared:9 - \
         cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
    );
    let mut group = Cgroup::found("0::/system.slice/app.service\n", &mounts).expect("found");
    let start = now();
    let first = group.read(start).expect("readable");
    assert_eq!(first.memory, Some(Bytes(104_857_600)));
    assert_eq!(first.inactive_file, Some(Bytes(9_437_184)));
    assert_eq!(first.memory_limit, Some(Bytes(536_870_912)), "of the group above");
    assert_eq!(first.oom_kills, Some(1));
    assert!(close(first.cpu_limit, 1.5), "{first:?}");
    assert_eq!(first.cpu_cores, None, "a rate needs two readings");
    let later = "usage_usec 6500000\nnr_throttled 4\nthrottled_usec 750000\n";
    write(folder.path(), "system.slice/app.service/cpu.stat", later);
    let second = group.read(start + Duration::from_secs(1)).expect("readable");
    assert!(close(second.cpu_cores, 1.5) && close(second.throttled, 0.5), "{second:?}");
}

#[test]
fn version_one_with_a_hierarchy_for_each_controller() {
    let folder = tree(&[
        ("memory/jobs/7/memory.usage_in_bytes", "73400320\n"),
        (
            "memory/jobs/7/memory.stat",
            "cache 4096\nrss 70000000\ninactive_file 1\nhierarchical_memory_limit 1073741824\ntotal_inactive_file 2097152\n",
        ),
        ("memory/jobs/7/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
        ("cpu/jobs/7/cpu.cfs_quota_us", "-1\n"),
        ("cpu/jobs/7/cpu.cfs_period_us", "100000\n"),
        ("cpu/jobs/7/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 1000000\n"),
        ("cpu/jobs/7/cpuacct.usage", "2000000000\n"),
        ("unified/jobs/7/cgroup.procs", "7\n"),
    ]);
    let root = folder.path().display();
    let mounts = format!(
        "33 31 0:29 / {root}/unified rw - cgroup2 cgroup2 rw\n\
         35 31 0:31 / {root}/cpu rw,relatime shared:15 - cgroup cgroup rw,cpu,cpuacct\n\
         36 31 0:32 / {root}/memory rw,relatime - cgroup cgroup rw,memory\n"
    );
    let membership = "7:memory:/jobs/7\n3:cpu,cpuacct:/jobs/7\n0::/jobs/7\n";
    let mut group = Cgroup::found(membership, &mounts).expect("found");
    let start = now();
    let first = group.read(start).expect("readable");
    assert_eq!(first.memory, Some(Bytes(73_400_320)));
    assert_eq!(first.inactive_file, Some(Bytes(2_097_152)), "of the groups below as well");
    assert_eq!(first.memory_limit, Some(Bytes(1 << 30)));
    assert_eq!((first.oom_kills, first.cpu_limit), (Some(2), None));
    write(folder.path(), "cpu/jobs/7/cpuacct.usage", "2250000000\n");
    let second = group.read(start + Duration::from_secs(1)).expect("readable");
    assert!(close(second.cpu_cores, 0.25) && close(second.throttled, 0.0), "{second:?}");
}

#[test]
fn a_container_sees_its_own_group_at_the_mount() {
    let folder = tree(&[
        ("memory.usage_in_bytes", "5\n"),
        ("memory.stat", "hierarchical_memory_limit 9223372036854771712\n"),
    ]);
    let mounts =
        format!("9 1 0:3 /docker/ab {} ro - cgroup cgroup rw,memory\n", folder.path().display());
    let mut group = Cgroup::found("4:memory:/docker/ab\n", &mounts).expect("found");
    let sample = group.read(now()).expect("readable");
    assert_eq!(
        (sample.memory, sample.memory_limit),
        (Some(Bytes(5)), None),
        "no limit is no number"
    );
}

#[test]
fn the_root_group_and_groups_out_of_sight_are_not_shown() {
    let folder = tree(&[
        ("release_agent", ""),
        ("memory.usage_in_bytes", "5\n"),
        ("cpu.stat", "usage_usec 5\n"),
    ]);
    let root = folder.path().display();
    let one = format!("9 1 0:3 / {root} rw - cgroup cgroup rw,memory\n");
    assert!(Cgroup::found("4:memory:/\n", &one).is_none(), "the root of version 1 is the machine");
    let two = format!("9 1 0:3 / {root} rw - cgroup2 cgroup2 rw\n");
    assert!(Cgroup::found("0::/\n", &two).is_none(), "the root of version 2, too");
    assert!(Cgroup::found("0::/../other\n", &two).is_none());
    assert!(Cgroup::found("garbage\n\n::\n", "garbage\n - \n").is_none());
}
