//! What is known of a process beyond CPU and resident memory.
//!
//! Every field is optional: what the kernel or the target does not tell is absent, never 0. Rates are
//! means over the time since the reading before.

use crate::{Bytes, PerSecond};
use serde::{Deserialize, Serialize};

/// Declares structs whose fields are all optional and left out of JSON where absent.
macro_rules! optional {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$field_doc:meta])* $field:ident: $type:ty, )* }
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $( $(#[$field_doc])*
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>, )*
        }
    )* };
}

optional! {
    /// The kinds of memory that the resident size is made of, over the process tree.
    MemorySample {
        /// Resident pages of no file (`RssAnon`): heap and stacks, what a leak grows.
        anonymous: Bytes,
        /// Pages of the tree that are on the swap device.
        swap: Bytes,
        /// Resident memory with each shared page divided among those that share it (`Pss`). Read
        /// seldom, because the kernel walks the page tables for it.
        pss: Bytes,
        /// Resident pages that no other process has (`Private_Clean` and `Private_Dirty`): what
        /// would be free if the tree ended. Read together with `pss`.
        uss: Bytes,
    }

    /// What the process tree did, a second.
    ActivitySample {
        /// Threads that gave up the CPU to wait for something.
        voluntary_switches: PerSecond,
        /// Threads that the scheduler took off the CPU: a sign of too few cores.
        involuntary_switches: PerSecond,
        /// Page faults served from memory.
        minor_faults: PerSecond,
        /// Page faults that had to wait for a device.
        major_faults: PerSecond,
        /// Bytes read from storage; what the page cache had does not count.
        read: PerSecond,
        /// Bytes sent to storage.
        written: PerSecond,
    }

    /// TCP sockets of the process tree, by state.
    SocketCounts {
        /// Connections in use or idle.
        established: u32,
        /// Connections the peer has closed and the target has not: they pile up where it forgets to.
        close_wait: u32,
        /// Closed connections to the target's ports that the kernel still remembers.
        time_wait: u32,
        /// Listening sockets.
        listening: u32,
        /// Connections in any other state, such as half-closed.
        other: u32,
        /// Connections that wait to be accepted by the target.
        waiting_accept: u32,
    }

    /// The machine the target is on, with everything else that runs there.
    HostSample {
        /// CPU in use, in cores.
        cpu_cores: f64,
        /// CPU that the hypervisor gave to another machine while it was wanted here, in cores.
        steal_cores: f64,
        /// Idle CPU with some task waiting for a device, in cores.
        io_wait_cores: f64,
        /// Memory that new programs could have without swapping.
        memory_available: Bytes,
        /// Share of the time in which some task waited for a CPU, 0 to 1.
        cpu_pressure: f64,
        /// Share of the time in which some task waited for memory, 0 to 1.
        memory_pressure: f64,
        /// Share of the time in which some task waited for a device, 0 to 1.
        io_pressure: f64,
        /// Bytes received over all network interfaces but the loopback one.
        received: PerSecond,
        /// Bytes sent over them.
        sent: PerSecond,
    }

    /// The control group (container) of the target.
    CgroupSample {
        /// Memory charged to it, with its page cache.
        memory: Bytes,
        /// The part of `memory` that is page cache not used lately, free for the asking.
        inactive_file: Bytes,
        /// The least limit on memory of it and the groups above.
        memory_limit: Bytes,
        /// CPU used, in cores.
        cpu_cores: f64,
        /// The least limit on CPU of it and the groups above, in cores.
        cpu_limit: f64,
        /// Share of the time in which it was kept off the CPU by that limit, summed over the cores.
        throttled: f64,
        /// Processes of it that the kernel has killed for want of memory, since it was made.
        oom_kills: u64,
    }

    /// What the target tells of itself at its metrics address.
    MetricsSample {
        /// Heap in use.
        heap: Bytes,
        /// Garbage collections.
        gc_runs: PerSecond,
        /// Share of the time spent in garbage collection, 0 to 1.
        gc_share: f64,
        /// Sessions (conversations) held.
        live_sessions: f64,
        /// Requests being worked on.
        in_flight: f64,
        /// Requests that wait to be worked on.
        waiting: f64,
    }
}
