//! Room for connections: each needs a file descriptor.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors kept for everything that is not a connection: the truth log, the tools, the runtime.
const OTHERS: u64 = 128;

/// Raises the soft limit of open files, as far as the hard one allows, and returns for how many of
/// the `wanted` connections there is room.
pub(crate) fn make_room(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let need = u64::try_from(wanted).unwrap_or(u64::MAX).saturating_add(OTHERS);
    // No limit is written as `None`.
    let Some(soft) = current.filter(|soft| *soft < need) else { return wanted };
    let raised = maximum.map_or(need, |hard| hard.min(need)).max(soft);
    let set = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum });
    let room = if set.is_ok() { raised } else { soft };
    usize::try_from(room.saturating_sub(OTHERS)).map_or(wanted, |room| room.min(wanted).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_within_the_hard_limit() {
        let room = make_room(2000);
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let soft = current.unwrap_or(u64::MAX);
        assert!(soft >= room as u64 + OTHERS || room == 1, "{soft} for {room}");
        if maximum.is_none_or(|hard| hard >= 2000 + OTHERS) {
            assert_eq!(room, 2000);
        }
    }
}
