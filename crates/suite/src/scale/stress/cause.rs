//! Why a loaded target does not take more, from the evidence of a run.

use crate::amount::{count, percent};
use crate::scale::said;
use victor_types::{FailureKind, RunReport};

/// Share of all cores from which the CPU is called full.
const CPU_FULL: f64 = 0.85;

/// What the run says about it, strongest evidence first.
pub(super) fn cause_of(report: &RunReport) -> String {
    if !said::valid(report) {
        return "the load generator was the bottleneck".to_owned();
    }
    let of = |wanted: fn(&FailureKind) -> bool| -> u64 {
        report.failures.iter().filter(|row| wanted(&row.kind)).map(|row| row.count).sum()
    };
    let shed = of(|kind| matches!(kind, FailureKind::HttpStatus(429 | 503)));
    let refused = of(|kind| matches!(kind, FailureKind::Connect | FailureKind::Cut));
    let own = of(|kind| matches!(kind, FailureKind::GeneratorOverload));
    let late = of(|kind| matches!(kind, FailureKind::Timeout(_) | FailureKind::StreamStalled));
    let failed = report.total.failed.max(1);
    let most = |part: u64| 2 * part > failed;
    let busy = said::server_cpu(report.server.as_ref()).map(|(used, cores)| used / cores);
    if report.total.failed > 0 && most(own) {
        return format!("this machine ran out of sockets, ports or files ({} turns)", count(own));
    }
    if report.total.failed > 0 && most(shed) {
        return format!("the server shed load: {} turns were refused with 503 or 429", count(shed));
    }
    if report.total.failed > 0 && most(refused) {
        return format!("connections were refused or cut ({} turns)", count(refused));
    }
    if let Some(busy) = busy.filter(|busy| *busy > CPU_FULL) {
        return format!("the server's CPU was full: {} of all cores", percent(busy));
    }
    if report.total.failed > 0 && most(late) {
        return format!("{} turns ran out of time", count(late));
    }
    let idle = busy.map_or_else(String::new, |busy| {
        format!(" while its CPU was used to {}: a lock, a pool or an upstream", percent(busy))
    });
    format!("turns queued in the server{idle}")
}

/// Little's law: the turns in flight that throughput and latency speak of. In a closed loop without
/// wait they are as many as the users; if not, one of the two is wrong.
#[expect(clippy::cast_precision_loss, reason = "counts of a run")]
pub(super) fn littles_law(report: &RunReport) -> Option<f64> {
    let points: Vec<_> =
        report.history.iter().filter(|point| point.users == report.run.users).collect();
    let length: f64 = points.iter().map(|point| point.window.0).sum();
    if points.len() < 2 || length <= 0.0 {
        return None;
    }
    let ended = points.iter().map(|point| point.succeeded + point.failed).sum::<u64>() as f64;
    let mut all = report.total.latency.histogram.clone();
    all.merge(&report.total.failed_latency);
    Some(ended / length * all.mean()? / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;
    use victor_types::{FailureRow, RowKey, Seconds};

    #[test]
    fn the_strongest_evidence_speaks() {
        let mut run = report(1000, 400);
        assert!(cause_of(&run).contains("queued"), "{}", cause_of(&run));
        run.failures.push(FailureRow {
            key: RowKey::default(),
            kind: FailureKind::HttpStatus(503),
            count: 390,
            first_seen: Seconds(0.0),
            last_seen: Seconds(1.0),
            exemplars: Vec::new(),
        });
        assert!(cause_of(&run).contains("shed"), "{}", cause_of(&run));
        run.failures[0].kind = FailureKind::Connect;
        assert!(cause_of(&run).contains("connections"), "{}", cause_of(&run));
    }

    #[test]
    fn littles_law_is_reckoned_from_the_same_windows() {
        let run = report(4000, 0);
        // 200 turns a second of 50.5 ms on average.
        let reckoned = littles_law(&run).expect("windows");
        assert!((reckoned - 10.1).abs() < 0.2, "{reckoned}");
    }
}
