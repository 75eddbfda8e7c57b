//! TCP sockets by state.

use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::{FDTarget, Process, Stat};
use std::collections::BTreeSet;
use victor_types::SocketCounts;

/// Counts the sockets of the tree, in the network namespace of its root. `None` when a process's
/// descriptors may not be looked at.
pub(crate) fn count(live: &[&(&Process, Stat)]) -> Option<SocketCounts> {
    let (root, _) = live.first()?;
    let mut inodes = BTreeSet::new();
    for (process, _) in live {
        for descriptor in process.fd().ok()?.flatten() {
            if let FDTarget::Socket(inode) = descriptor.target {
                inodes.insert(inode);
            }
        }
    }
    let mut entries = root.tcp().ok()?;
    // A kernel without IPv6 has no such table.
    entries.extend(root.tcp6().unwrap_or_default());
    Some(tally(&entries, &inodes))
}

/// The entries that belong to `inodes`; those in `TIME_WAIT` belong to nobody, and count when they
/// were connections to a port that one of `inodes` listens on.
fn tally(entries: &[TcpNetEntry], inodes: &BTreeSet<u64>) -> SocketCounts {
    let own = || entries.iter().filter(|entry| inodes.contains(&entry.inode));
    let listening = || own().filter(|entry| entry.state == TcpState::Listen);
    let ports: BTreeSet<u16> = listening().map(|entry| entry.local_address.port()).collect();
    let in_state = |state: TcpState| Some(number(own().filter(|entry| entry.state == state)));
    let known = [TcpState::Listen, TcpState::Established, TcpState::CloseWait];
    SocketCounts {
        established: in_state(TcpState::Established),
        close_wait: in_state(TcpState::CloseWait),
        time_wait: Some(number(entries.iter().filter(|entry| {
            entry.state == TcpState::TimeWait && ports.contains(&entry.local_address.port())
        }))),
        listening: in_state(TcpState::Listen),
        other: Some(number(own().filter(|entry| !known.contains(&entry.state)))),
        // Of a listening socket the kernel shows the accept queue in this place.
        waiting_accept: Some(listening().map(|entry| entry.rx_queue).sum()),
    }
}

fn number<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
