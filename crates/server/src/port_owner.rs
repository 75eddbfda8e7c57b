//! Who listens on a port, for the message that says it is taken.

use procfs::net::TcpState;
use procfs::process::{FDTarget, Process, all_processes};
use std::net::SocketAddr;

/// The process that listens on the port of `address`, as `name (pid 12)`. `None` when it cannot be
/// told: another user's process, or a system without `/proc`.
pub(crate) fn port_owner(address: SocketAddr) -> Option<String> {
    let entries = if address.is_ipv4() { procfs::net::tcp() } else { procfs::net::tcp6() };
    let inodes: Vec<u64> = entries
        .ok()?
        .into_iter()
        .filter(|entry| {
            entry.state == TcpState::Listen && entry.local_address.port() == address.port()
        })
        .map(|entry| entry.inode)
        .collect();
    all_processes().ok()?.flatten().find(|process| holds(process, &inodes)).and_then(|process| {
        let name = process.stat().ok()?.comm;
        Some(format!("{name} (pid {})", process.pid()))
    })
}

/// True when one of the process's open sockets is in `inodes`.
fn holds(process: &Process, inodes: &[u64]) -> bool {
    let Ok(descriptors) = process.fd() else { return false };
    descriptors.flatten().any(
        |descriptor| matches!(descriptor.target, FDTarget::Socket(inode) if inodes.contains(&inode)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_this_process() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let owner = port_owner(address).expect("found");
        assert!(owner.ends_with(&format!("(pid {})", std::process::id())), "{owner}");
        drop(listener);
        assert_eq!(port_owner(address), None);
    }
}
