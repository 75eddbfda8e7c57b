//! From an address to the process that listens there.

use crate::ObserveError;
use crate::holder::{Holder, choose};
use procfs::ProcError;
use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::{FDTarget, Process, all_processes};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// A process, and the listening socket by which it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listener {
    /// The process.
    pub(crate) pid: u32,
    /// The socket's descriptor in that process.
    descriptor: i32,
    /// The socket itself.
    inode: u64,
}

/// The id of the process on this machine that listens on `address`: on that very address, or on the
/// wildcard of IPv4 or IPv6. `None` when nothing listens there. An unspecified address (`0.0.0.0`)
/// means this machine.
///
/// Of several processes that share the socket, such as forked workers, the oldest ancestor is
/// chosen. A proxy that listens in front of a server is what is found, not the server.
///
/// Takes some milliseconds, more on machines with many processes and connections: not for a thread
/// that makes load.
///
/// # Errors
/// [`ObserveError::NotLocal`] when the address belongs to another machine,
/// [`ObserveError::Hidden`] when something listens but its process may not be looked at, and
/// [`ObserveError::Unreadable`] without a readable `/proc`.
pub fn find_listener(address: SocketAddr) -> Result<Option<u32>, ObserveError> {
    Ok(listener(address)?.map(|listener| listener.pid))
}

/// As [`find_listener`], with the socket.
pub(crate) fn listener(address: SocketAddr) -> Result<Option<Listener>, ObserveError> {
    if !is_local(address.ip()) {
        return Err(ObserveError::NotLocal { address });
    }
    let mut entries = procfs::net::tcp()?;
    match procfs::net::tcp6() {
        Ok(more) => entries.extend(more),
        // A kernel without IPv6 has no such table.
        Err(ProcError::NotFound(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let inodes = sockets(&entries, address);
    if inodes.is_empty() {
        return Ok(None);
    }
    let found = choose(holders(&inodes)?).ok_or(ObserveError::Hidden { address })?;
    let (pid, descriptor) = (found.pid, found.descriptor);
    let inode = open(pid).and_then(|process| socket_at(&process, descriptor));
    Ok(inode.map(|inode| Listener { pid, descriptor, inode }))
}

impl Listener {
    /// Whether `process` still has the socket open: one system call, where a new search is thousands.
    pub(crate) fn is_held_by(&self, process: &Process) -> bool {
        socket_at(process, self.descriptor) == Some(self.inode)
    }
}

fn open(pid: u32) -> Option<Process> {
    Process::new(i32::try_from(pid).ok()?).ok()
}

fn socket_at(process: &Process, descriptor: i32) -> Option<u64> {
    match process.fd_from_fd(descriptor).ok()?.target {
        FDTarget::Socket(inode) => Some(inode),
        _ => None,
    }
}

/// Whether packets to `ip` stay on this machine: only such an address can be bound to.
fn is_local(ip: IpAddr) -> bool {
    ip.is_loopback() || ip.is_unspecified() || UdpSocket::bind((ip, 0)).is_ok()
}

/// The sockets that would accept a connection to `address`: those with the most specific match, as
/// in the kernel.
fn sockets(entries: &[TcpNetEntry], address: SocketAddr) -> Vec<u64> {
    let ranked: Vec<(u8, u64)> = entries
        .iter()
        .filter(|entry| {
            entry.state == TcpState::Listen && entry.local_address.port() == address.port()
        })
        .filter_map(|entry| Some((rank(entry.local_address.ip(), address.ip())?, entry.inode)))
        .collect();
    let best = ranked.iter().map(|entry| entry.0).min();
    ranked.into_iter().filter(|entry| Some(entry.0) == best).map(|entry| entry.1).collect()
}

/// How specifically a socket bound to `bound` matches connections to `wanted`: 0 is the address
/// itself, then the wildcard of its family, then an IPv6 wildcard for IPv4.
fn rank(bound: IpAddr, wanted: IpAddr) -> Option<u8> {
    let (bound, wanted) = (bound.to_canonical(), wanted.to_canonical());
    let wanted = match wanted {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        other => other,
    };
    match (bound, wanted) {
        (bound, wanted) if bound == wanted => Some(0),
        (IpAddr::V4(bound), IpAddr::V4(_)) if bound.is_unspecified() => Some(1),
        (IpAddr::V6(bound), IpAddr::V6(_)) if bound.is_unspecified() => Some(1),
        (IpAddr::V6(bound), IpAddr::V4(_)) if bound.is_unspecified() => Some(2),
        _ => None,
    }
}

/// The processes that hold one of the sockets, as far as they may be looked at.
fn holders(inodes: &[u64]) -> Result<Vec<Holder>, ObserveError> {
    let held = |process: &Process| {
        process.fd().ok()?.flatten().find_map(|descriptor| match descriptor.target {
            FDTarget::Socket(inode) if inodes.contains(&inode) => Some(descriptor.fd),
            _ => None,
        })
    };
    let processes = all_processes()?.flatten();
    Ok(processes.filter_map(|process| holder(&process, held(&process)?)).collect())
}

fn holder(process: &Process, descriptor: i32) -> Option<Holder> {
    let stat = process.stat().ok()?;
    let mut ancestors = Vec::new();
    let mut parent = u32::try_from(stat.ppid).ok()?;
    while parent > 0 && !ancestors.contains(&parent) {
        ancestors.push(parent);
        let next = open(parent).and_then(|process| process.stat().ok()).map(|stat| stat.ppid);
        parent = next.and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0);
    }
    Some(Holder {
        pid: u32::try_from(stat.pid).ok()?,
        name: stat.comm,
        started: stat.starttime,
        ancestors,
        descriptor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn own() -> Result<Option<u32>, ObserveError> {
        Ok(Some(std::process::id()))
    }

    #[test]
    fn a_socket_of_this_process_is_found_until_it_is_closed() {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = socket.local_addr().expect("bound");
        assert_eq!(find_listener(address), own());
        let listener = listener(address).expect("readable").expect("found");
        let process = Process::myself().expect("readable");
        assert!(listener.is_held_by(&process));
        drop(socket);
        assert_eq!(find_listener(address), Ok(None));
        assert!(!listener.is_held_by(&process));
    }

    #[test]
    fn wildcards_of_both_families_are_found() {
        for wildcard in ["0.0.0.0:0", "[::]:0"] {
            let Ok(socket) = TcpListener::bind(wildcard) else { continue };
            let port = socket.local_addr().expect("bound").port();
            assert_eq!(find_listener((Ipv4Addr::LOCALHOST, port).into()), own(), "{wildcard}");
            assert_eq!(find_listener((Ipv4Addr::UNSPECIFIED, port).into()), own(), "{wildcard}");
        }
    }

    #[test]
    fn another_loopback_address_is_another_listener() {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = socket.local_addr().expect("bound").port();
        assert_eq!(find_listener(([127, 0, 0, 2], port).into()), Ok(None));
    }

    #[test]
    fn an_address_of_another_machine_is_said_to_be_one() {
        // From the range reserved for documentation: nobody's.
        let address: SocketAddr = ([192, 0, 2, 1], 80).into();
        let error = find_listener(address).expect_err("not here");
        assert_eq!(error, ObserveError::NotLocal { address });
        assert!(error.to_string().starts_with("192.0.2.1:80 is not on this machine"));
    }

    #[test]
    fn the_address_itself_goes_before_wildcards() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(rank(ip("127.0.0.1"), ip("127.0.0.1")), Some(0));
        assert_eq!(rank(ip("::ffff:127.0.0.1"), ip("127.0.0.1")), Some(0));
        assert_eq!(rank(ip("0.0.0.0"), ip("127.0.0.1")), Some(1));
        assert_eq!(rank(ip("::"), ip("127.0.0.1")), Some(2));
        assert_eq!(rank(ip("::"), ip("::1")), Some(1));
        assert_eq!(rank(ip("0.0.0.0"), ip("::1")), None);
        assert_eq!(rank(ip("10.0.0.1"), ip("127.0.0.1")), None);
    }
}
