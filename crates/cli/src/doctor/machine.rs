//! This machine as a load generator.

use super::check::Check;
use std::fs;
use victor_clock::{Duration, FineTimer, now, sleep};
use victor_engine::Machine;

/// How long CPU, steal and throttling are watched.
const WATCHED: Duration = Duration::from_millis(500);
/// Users that a machine should have room for before its limits are worth a word.
const USERS: u64 = 10_000;
const GIB: u64 = 1 << 30;

pub(crate) async fn examine() -> Vec<Check> {
    let mut machine = Machine::watch(now());
    let timer = timer().await;
    sleep(WATCHED).await;
    machine.look();
    let mut checks = limits(&machine);
    checks.extend(clock());
    checks.push(timer);
    checks.extend(cpu(&machine));
    checks
}

fn limits(machine: &Machine) -> Vec<Check> {
    const FILES: &str = "open files";
    let (soft, hard) = Machine::file_limits();
    let number = |limit: Option<u64>| limit.map_or("no limit".to_owned(), |n| n.to_string());
    let found = format!("soft limit {}, hard limit {}", number(soft), number(hard));
    let files = match (soft, hard) {
        (_, Some(hard)) if hard < 256 => {
            Check::bad(FILES, found, "raise the hard limit (`ulimit -Hn`, LimitNOFILE=)")
        }
        (_, Some(hard)) if hard < USERS => Check::caution(
            FILES,
            found,
            format!("each user needs one: for {USERS} users raise the hard limit (`ulimit -Hn`)"),
        ),
        (Some(soft), _) if soft < USERS => Check::caution(
            FILES,
            found,
            format!("each user needs one: for up to {USERS} users run `ulimit -n {USERS}` before"),
        ),
        _ => Check::good(FILES, found),
    };
    let health = machine.health();
    let (taken, ports) = health.ports;
    let fix = "widen net.ipv4.ip_local_port_range, or give more addresses with --source-address";
    let found = format!("{ports} ephemeral ports for one address, about {taken} taken");
    let ports = match ports.saturating_sub(taken) {
        0..256 => Check::bad("ports", found, fix),
        left => Check::unless(left < USERS, "ports", found, fix),
    };
    let (total, free) = (health.memory.1.0, Machine::memory_available().0);
    let group = machine.memory_limit().map(|limit| limit.0).filter(|limit| *limit < total);
    let gib = |bytes: u64| format!("{}.{} GiB", bytes / GIB, bytes % GIB * 10 / GIB);
    let mut found = format!("{} of {} available", gib(free), gib(total));
    if let Some(group) = group {
        found.push_str(&format!(", control group limit {}", gib(group)));
    }
    let least = group.map_or(free, |group| group.min(free));
    let fix = "stop other programs or raise the limit: 10,000 users need about 1 GiB";
    let memory = match least {
        bytes if bytes < GIB / 8 => Check::bad("memory", found, fix),
        bytes => Check::unless(bytes < GIB, "memory", found, fix),
    };
    vec![files, ports, memory]
}

fn clock() -> Option<Check> {
    let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let source = fs::read_to_string(path).ok()?.trim().to_owned();
    let fast = matches!(
        source.as_str(),
        "tsc" | "kvm-clock" | "arch_sys_counter" | "hyperv_clocksource_tsc_page"
    );
    let fix =
        "reading the time costs a system call: boot with clocksource=tsc where that is stable";
    Some(Check::unless(!fast, "clock source", source, fix))
}

/// How late a timer wakes this process.
async fn timer() -> Check {
    let slack = fs::read_to_string("/proc/self/timerslack_ns").unwrap_or_default();
    let slack =
        slack.trim().parse::<u64>().map_or("unknown".to_owned(), |ns| format!("{} µs", ns / 1000));
    let fine = FineTimer::new().ok();
    let mut late = Vec::new();
    for _ in 0..50 {
        let due = now() + Duration::from_millis(2);
        match &fine {
            Some(timer) if timer.sleep_until(due).await.is_ok() => {}
            _ => victor_clock::sleep_until(due).await,
        }
        late.push(now().saturating_duration_since(due));
    }
    late.sort_unstable();
    let ms = |span: Duration| span.as_secs_f64() * 1e3;
    let (median, worst) = (late[late.len() / 2], late[late.len() - 1]);
    let found = format!(
        "wakes {:.2} ms late (median of 50; {:.2} ms at worst), timer slack {slack}",
        ms(median),
        ms(worst)
    );
    let fix = "sends leave late and the run may be invalid: free a core for the generator";
    let late = median > Duration::from_millis(2) || worst > Duration::from_millis(20);
    Check::unless(late, "timer", found, fix)
}

fn cpu(machine: &Machine) -> Vec<Check> {
    let health = machine.health();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    let cores = health.cores;
    let found = format!("{cores} cores usable, load {load:.2}");
    let cpu = if cores < 1.0 {
        let fix = "less than one core: raise the quota, or numbers are the generator's";
        Check::caution("CPU", found, fix)
    } else {
        let fix = "others keep the cores busy: stop them, or latencies hold their time too";
        Check::unless(load > cores * 0.7, "CPU", found, fix)
    };
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let steal = Check::unless(
        health.steal > 0.02,
        "steal",
        format!("{} of the CPU time went to other machines of this host", percent(health.steal)),
        "use a machine with CPU of its own",
    );
    let quota = machine.cpu_quota();
    let found = match quota {
        None => "no CPU quota".to_owned(),
        Some(quota) => {
            format!("quota {quota} cores, stopped by it {} of the time", percent(health.throttled))
        }
    };
    let fix = "the quota stops the generator in mid-run: raise it, or use fewer users";
    let throttled = health.throttled > 0.01;
    vec![cpu, steal, Check::unless(throttled, "control group", found, fix)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_part_of_the_machine_is_looked_at() {
        let names: Vec<&str> = examine().await.iter().map(|check| check.what).collect();
        for name in ["open files", "ports", "memory", "timer", "CPU", "steal", "control group"] {
            assert!(names.contains(&name), "{name} is missing in {names:?}");
        }
    }
}
