//! The target's process in two lines.

use super::paint::{Brush, Ink};
use super::summary::hang;
use victor_types::{Bytes, ProcessSample, ServerResources};

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
        Bytes(server.memory_total.0),
    );
    if let Some(fds) = samples.iter().filter_map(|sample| sample.fds).max() {
        text += &format!(" and {fds} open files");
    }
    hang(lead, Ink::Strong, &text, width, brush)
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
