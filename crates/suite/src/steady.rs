//! From when on a run no longer moved.

use victor_stats::steady_from;
use victor_types::{HistoryPoint, Seconds};

/// When both the mean latency and the throughput of each second had settled; `None` when one never
/// did, or there are too few seconds to tell.
#[expect(clippy::cast_precision_loss, reason = "counts of one second")]
pub(crate) fn found(history: &[HistoryPoint]) -> Option<Seconds> {
    let busy: Vec<&HistoryPoint> =
        history.iter().filter(|point| point.succeeded > 0 && point.window.0 > 0.5).collect();
    let latency: Vec<f64> = busy.iter().map(|point| point.latency.mean().unwrap_or(0.0)).collect();
    let rate: Vec<f64> = busy.iter().map(|point| point.succeeded as f64 / point.window.0).collect();
    let first = steady_from(&latency)?.max(steady_from(&rate)?);
    let point = busy.get(first)?;
    Some(Seconds((point.at.0 - point.window.0).max(0.0)))
}
