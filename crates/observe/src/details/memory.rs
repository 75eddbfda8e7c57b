//! What resident memory is made of.

use procfs::process::{Process, Stat};
use victor_types::{Bytes, MemorySample};

/// Anonymous and swapped memory, from counters that the kernel keeps (`/proc/PID/status`).
pub(crate) fn quick(live: &[&(&Process, Stat)]) -> Option<MemorySample> {
    let mut anonymous = None;
    let mut swap = None;
    for (process, _) in live {
        let Ok(status) = process.status() else { continue };
        add(&mut anonymous, status.rssanon.map(|kib| kib * 1024));
        add(&mut swap, status.vmswap.map(|kib| kib * 1024));
    }
    (anonymous.is_some() || swap.is_some()).then(|| MemorySample {
        anonymous: anonymous.map(Bytes),
        swap: swap.map(Bytes),
        ..MemorySample::default()
    })
}

/// Proportional and unique memory, for which the kernel walks the page tables while it holds the
/// process's memory map (`/proc/PID/smaps_rollup`). `None` when one of the processes may not be
/// looked into: a sum without it would be too small.
pub(crate) fn shares(live: &[&(&Process, Stat)]) -> Option<(Bytes, Bytes)> {
    let (mut pss, mut uss) = (0, 0);
    for (process, _) in live {
        let rollup = process.smaps_rollup().ok()?;
        for map in rollup.memory_map_rollup {
            let bytes = |name: &str| map.extension.map.get(name).copied();
            pss += bytes("Pss")?;
            uss += bytes("Private_Clean")? + bytes("Private_Dirty")?;
        }
    }
    (pss > 0).then_some((Bytes(pss), Bytes(uss)))
}

fn add(sum: &mut Option<u64>, more: Option<u64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0) + more);
    }
}
