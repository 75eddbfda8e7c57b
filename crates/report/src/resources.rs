//! The server's process over the run, in single numbers.

use victor_types::ProcessSample;

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
