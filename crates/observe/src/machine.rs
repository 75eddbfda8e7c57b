//! The machine the target is on.

use crate::counters::{Counters, per_second};
use procfs::{CpuPressure, Current, CurrentSI, IoPressure, KernelStats, Meminfo, MemoryPressure};
use victor_clock::Instant;
use victor_types::{Bytes, HostSample};

/// Reads the machine's CPU, memory, pressure and network again and again.
#[derive(Debug, Default)]
pub(crate) struct MachineReader {
    counters: Counters<(), 8>,
}

impl MachineReader {
    /// The machine since the last call. `None` the first time.
    pub(crate) fn read(&mut self, at: Instant) -> Option<HostSample> {
        let [busy, steal, io_wait] = cpu();
        let [received, sent] = network();
        let pressure = [
            CpuPressure::current().ok().map(|found| found.some.total),
            MemoryPressure::current().ok().map(|found| found.some.total),
            IoPressure::current().ok().map(|found| found.some.total),
        ];
        let counters =
            [busy, steal, io_wait, pressure[0], pressure[1], pressure[2], received, sent];
        let [busy, steal, io_wait, cpu, memory, io, received, sent] =
            self.counters.of_one(counters, at);
        busy?;
        #[expect(clippy::cast_precision_loss, reason = "ticks of a second")]
        let cores = |rate: Option<f64>| rate.map(|ticks| ticks / procfs::ticks_per_second() as f64);
        // Microseconds of stall a second.
        let share = |rate: Option<f64>| rate.map(|micros| (micros / 1e6).min(1.0));
        Some(HostSample {
            cpu_cores: cores(busy),
            steal_cores: cores(steal),
            io_wait_cores: cores(io_wait),
            memory_available: Meminfo::current()
                .ok()
                .and_then(|found| found.mem_available)
                .map(Bytes),
            cpu_pressure: share(cpu),
            memory_pressure: share(memory),
            io_pressure: share(io),
            received: per_second(received),
            sent: per_second(sent),
        })
    }
}

/// Ticks of all cores: in use, stolen, and idle with something waiting for a device.
fn cpu() -> [Option<u64>; 3] {
    let Ok(stats) = KernelStats::current() else { return [None; 3] };
    let total = stats.total;
    let interrupts = total.irq.unwrap_or(0) + total.softirq.unwrap_or(0);
    [Some(total.user + total.nice + total.system + interrupts), total.steal, total.iowait]
}

/// Bytes received and sent over all interfaces but the loopback one.
fn network() -> [Option<u64>; 2] {
    let Ok(devices) = procfs::net::dev_status() else {
        return [None; 2];
    };
    let outer = || devices.values().filter(|device| device.name != "lo");
    if outer().next().is_none() {
        return [None; 2];
    }
    [
        Some(outer().map(|device| device.recv_bytes).sum()),
        Some(outer().map(|device| device.sent_bytes).sum()),
    ]
}
