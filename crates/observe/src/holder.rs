//! Which of several processes that share a socket is the server.

/// A process that holds a listening socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Its id.
    pub(crate) pid: u32,
    /// Its name, as the kernel shows it.
    pub(crate) name: String,
    /// When it started, in ticks since boot.
    pub(crate) started: u64,
    /// Its parent, that one's parent, and so on to the first process.
    pub(crate) ancestors: Vec<u32>,
    /// The descriptor of the socket.
    pub(crate) descriptor: i32,
}

/// The holder to sample: the oldest of those that have no ancestor among the holders, for forked
/// workers inherit the socket of their master, and the master's descendants are sampled with it.
///
/// A systemd that keeps an activated service's socket open as well is not the service.
pub(crate) fn choose(holders: Vec<Holder>) -> Option<Holder> {
    let is_activator = |holder: &Holder| holder.pid == 1 && holder.name == "systemd";
    let only_activators = holders.iter().all(is_activator);
    let candidates: Vec<Holder> =
        holders.into_iter().filter(|holder| only_activators || !is_activator(holder)).collect();
    let pids: Vec<u32> = candidates.iter().map(|holder| holder.pid).collect();
    candidates
        .into_iter()
        .filter(|holder| !holder.ancestors.iter().any(|ancestor| pids.contains(ancestor)))
        .min_by_key(|holder| (holder.started, holder.pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(pid: u32, name: &str, started: u64, ancestors: &[u32]) -> Holder {
        let ancestors = ancestors.to_vec();
        Holder { pid, name: name.to_owned(), started, ancestors, descriptor: 3 }
    }

    fn chosen(holders: Vec<Holder>) -> Option<u32> {
        choose(holders).map(|holder| holder.pid)
    }

    #[test]
    fn a_master_is_chosen_before_its_workers_and_their_children() {
        // Ids wrap around, so the master need not have the smallest.
        let master = holder(900, "gunicorn", 50, &[1]);
        let worker = holder(12, "gunicorn", 60, &[900, 1]);
        let grandchild = holder(13, "sh", 70, &[99, 12, 900, 1]);
        assert_eq!(chosen(vec![worker, grandchild, master]), Some(900));
    }

    #[test]
    fn of_unrelated_holders_the_oldest_is_chosen() {
        let siblings = vec![holder(30, "worker", 61, &[7, 1]), holder(31, "worker", 60, &[7, 1])];
        assert_eq!(chosen(siblings), Some(31));
        assert_eq!(chosen(Vec::new()), None);
    }

    #[test]
    fn the_service_is_chosen_and_not_the_systemd_that_activated_it() {
        let init = holder(1, "systemd", 0, &[]);
        let service = holder(400, "victor", 90, &[1]);
        assert_eq!(chosen(vec![init.clone(), service]), Some(400));
        assert_eq!(chosen(vec![init]), Some(1), "not yet started");
        let contained = vec![holder(1, "gunicorn", 0, &[]), holder(9, "gunicorn", 5, &[1])];
        assert_eq!(chosen(contained), Some(1), "the first process of a container is a server");
    }
}
