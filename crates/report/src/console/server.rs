//! The target's process in some lines.

use super::paint::{Brush, Ink};
use super::summary::hang;
use crate::resources::{mean_cpu, notes};
use victor_types::ServerResources;

pub(crate) fn server(server: &ServerResources, width: usize, brush: Brush) -> String {
    let lead = "Server: ";
    let Some((first, last)) = server.samples.first().zip(server.samples.last()) else {
        let text = format!("{} (pid {}) was not sampled", server.command, server.pid);
        return hang(lead, Ink::Strong, &text, width, brush);
    };
    let samples = &server.samples;
    let peak_cpu = samples.iter().map(|sample| sample.cpu_cores).fold(0.0, f64::max);
    let peak_rss = samples.iter().map(|sample| sample.rss).max().unwrap_or_default();
    let threads = samples.iter().map(|sample| sample.threads).max().unwrap_or_default();
    let mut text = format!(
        "{} (pid {}); CPU {:.2} cores on average, {peak_cpu:.2} at the peak, of {}; memory {} to \
         {}, {peak_rss} at the peak, of {}; at most {threads} threads",
        server.command,
        server.pid,
        mean_cpu(samples),
        server.cores,
        first.rss,
        last.rss,
        server.memory_total,
    );
    if let Some(fds) = samples.iter().filter_map(|sample| sample.fds).max() {
        text += &format!(" and {fds} open files");
    }
    for note in notes(server) {
        text += &format!("; {note}");
    }
    hang(lead, Ink::Strong, &text, width, brush)
}
