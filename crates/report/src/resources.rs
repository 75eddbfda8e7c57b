//! The server's process over the run, in single numbers.

use crate::number::counted;
use victor_types::{Bytes, ProcessSample, ServerResources};

/// What limited or disturbed the server, as far as it was seen, each a clause of its own: kinds of
/// memory, the machine, the container, connections, and what the observation took.
pub(crate) fn notes(server: &ServerResources) -> Vec<String> {
    let mut notes = Vec::new();
    let all = &server.samples;
    let last = |value: fn(&ProcessSample) -> Option<Bytes>| all.iter().rev().find_map(value);
    let peak = |value: fn(&ProcessSample) -> Option<f64>| {
        all.iter().filter_map(value).max_by(f64::total_cmp)
    };
    let kinds = [
        ("anonymous", last(|sample| sample.memory?.anonymous)),
        ("proportional (PSS)", last(|sample| sample.memory?.pss)),
        ("its own (USS)", last(|sample| sample.memory?.uss)),
        ("heap as it says", last(|sample| sample.metrics?.heap)),
    ];
    let kinds: Vec<String> = kinds
        .iter()
        .filter_map(|(name, size)| Some(format!("{} {name}", size.as_ref()?)))
        .collect();
    if !kinds.is_empty() {
        notes.push(format!("memory at the end: {}", kinds.join(", ")));
    }
    if let Some(limit) = last(|sample| sample.cgroup?.memory_limit) {
        notes.push(format!("its container may use {limit} of memory"));
    }
    if let Some(kills) = peak(|sample| Some(sample.cgroup?.oom_kills? as f64)).filter(|&n| n > 0.0)
    {
        notes.push(format!(
            "the kernel has killed {kills:.0} of its container's processes for want of memory"
        ));
    }
    let shares: [(&str, Option<f64>, f64); 5] = [
        (
            "of the time kept off the CPU by its container's limit",
            peak(|sample| sample.cgroup?.throttled),
            0.01,
        ),
        ("of the time some task waited for a CPU", peak(|sample| sample.host?.cpu_pressure), 0.1),
        (
            "of the time some task waited for memory",
            peak(|sample| sample.host?.memory_pressure),
            0.05,
        ),
        ("of the time some task waited for a device", peak(|sample| sample.host?.io_pressure), 0.1),
        ("of a core taken by other machines", peak(|sample| sample.host?.steal_cores), 0.05),
    ];
    for (what, share, worth_saying) in shares {
        if let Some(share) = share.filter(|&share| share > worth_saying) {
            notes.push(format!("up to {:.0} % {what}", share * 100.0));
        }
    }
    let sessions = peak(|sample| sample.metrics?.live_sessions);
    if let Some(sessions) = sessions.filter(|&sessions| sessions > 0.0) {
        notes.push(format!("up to {sessions:.0} live sessions"));
    }
    if let Some(waiting) =
        peak(|sample| sample.sockets?.waiting_accept.map(f64::from)).filter(|&n| n > 0.0)
    {
        notes.push(format!("up to {waiting:.0} connections waiting to be accepted"));
    }
    notes.extend(server.observer.iter().map(|observer| format!("seen by {observer}")));
    notes.extend(cost(server));
    notes
}

/// What the observation took.
fn cost(server: &ServerResources) -> Option<String> {
    let cost = server.cost?;
    let left_out = match cost.skipped {
        0 => String::new(),
        skipped => format!(", {} left out to keep it small", counted(skipped, "reading")),
    };
    Some(format!(
        "observing it took {:.2} % of a core, at most {} at once{left_out}",
        cost.cpu_cores * 100.0,
        cost.longest_read,
    ))
}

/// Mean of the samples weighted by the time since the one before.
pub(crate) fn mean_cpu(samples: &[ProcessSample]) -> f64 {
    let (mut busy, mut seconds, mut before) = (0.0, 0.0, 0.0);
    for sample in samples {
        let span = (sample.at.0 - before).max(0.0);
        busy += sample.cpu_cores * span;
        seconds += span;
        before = sample.at.0;
    }
    if seconds > 0.0 { busy / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_types::Seconds;

    #[test]
    fn a_thinned_series_weighs_by_time() {
        let sample =
            |at, cpu_cores| ProcessSample { at: Seconds(at), cpu_cores, ..Default::default() };
        let mean = mean_cpu(&[sample(1.0, 1.0), sample(4.0, 2.0)]);
        assert!((mean - 1.75).abs() < 1e-12, "{mean}");
        assert!(mean_cpu(&[]).abs() < f64::EPSILON);
    }
}
