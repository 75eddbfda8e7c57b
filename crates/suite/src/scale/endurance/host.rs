//! Whether the machine around a run stayed the same.

use victor_types::{ProcessSample, RunReport};

/// Rise of a share of time, from the first half of a run to the second, from which the machine is
/// not the same.
const RISE: f64 = 0.1;

/// Why what changed within a run may not be the server's doing: something else took the machine.
pub(super) fn disturbed(report: &RunReport) -> Option<String> {
    let server = report.server.as_ref()?;
    let (first, second) = server.samples.split_at(server.samples.len() / 2);
    let cores = f64::from(server.cores.max(1));
    let others = |sample: &ProcessSample| {
        let host = sample.host?.cpu_cores?;
        let generator = report.generator.cpu * f64::from(report.generator.shards);
        Some((host - sample.cpu_cores - generator) / cores)
    };
    let steal = |sample: &ProcessSample| Some(sample.host?.steal_cores? / cores);
    let rise = |of: &dyn Fn(&ProcessSample) -> Option<f64>| {
        Some((mean(second, of)? - mean(first, of)?).abs())
    };
    let named: [(&str, Option<f64>); 2] =
        [("other programs", rise(&others)), ("other machines on the host", rise(&steal))];
    let (who, share) =
        named.into_iter().find_map(|(who, rise)| Some((who, rise?)).filter(is_much))?;
    Some(format!(
        "{who} used {:.0} % more or less of the machine in the second half of the run: repeat it \
         on a quiet machine",
        100.0 * share
    ))
}

fn is_much((_, rise): &(&str, f64)) -> bool {
    *rise > RISE
}

fn mean(samples: &[ProcessSample], of: &dyn Fn(&ProcessSample) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = samples.iter().filter_map(of).collect();
    #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
    let count = values.len() as f64;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;
    use victor_types::{HostSample, ServerResources};

    #[test]
    fn a_neighbour_that_wakes_up_is_named() {
        let run = |late: f64| {
            let sample = |at: u32| ProcessSample {
                cpu_cores: 0.5,
                host: Some(HostSample {
                    cpu_cores: Some(if at < 10 { 0.6 } else { late }),
                    ..HostSample::default()
                }),
                ..ProcessSample::default()
            };
            let mut report = report(4000, 0);
            report.server = Some(ServerResources {
                cores: 2,
                samples: (0..20).map(sample).collect(),
                ..ServerResources::default()
            });
            report
        };
        assert_eq!(disturbed(&run(0.6)), None);
        assert!(disturbed(&run(1.9)).is_some_and(|why| why.contains("other programs")));
        assert_eq!(disturbed(&report(4000, 0)), None, "nothing is known");
    }
}
