//! What the server holds, over the length of a load.

use crate::scale::memory::loaded::Loaded;
use crate::scale::{memory::size, said};
use victor_stats::{LeakFinding, LeakPolicy, LeakVerdict, SeriesError, leak_verdict};
use victor_types::{Outcome, ProcessSample, Verdict};

/// Growth of a count that is not worth a verdict: five, or a fiftieth.
const FEW: (f64, f64) = (5.0, 0.02);
/// A leak verdict takes a page, 4096 bytes, for the grain of what it is given. The grain of a count
/// is one.
const GRAIN: f64 = 4096.0;

/// How a number of samples is read.
type Of = fn(&ProcessSample) -> Option<f64>;

const RESOURCES: [(&str, Of); 3] = [
    ("open files", |sample| sample.fds.map(f64::from)),
    ("threads", |sample| Some(f64::from(sample.threads))),
    ("connections left by their clients", |sample| {
        sample.sockets.and_then(|sockets| sockets.close_wait).map(f64::from)
    }),
];

/// Whether memory grows without an end in sight.
pub(super) fn memory(loaded: &Loaded) -> Verdict {
    let name = "memory trend";
    let found = match loaded.memory() {
        Ok(series) => leak_verdict(&series, LeakPolicy::default()),
        Err(error) => return unseen(name, &error, loaded),
    };
    let hourly = found.bytes_per_hour();
    let growth = found.growth();
    let text = format!(
        "{} ({} to {}) in this run, {} an hour",
        size(growth.value),
        size(growth.low),
        size(growth.high),
        size(hourly.value)
    );
    let limit = format!("no growth beyond {}", size(found.resolution()));
    decided(name, limit, text, &found)
}

/// Whether counts that should be level grow.
pub(super) fn resources(loaded: &Loaded) -> Vec<Verdict> {
    RESOURCES.iter().filter_map(|(name, of)| resource(loaded, name, *of)).collect()
}

fn resource(loaded: &Loaded, name: &str, of: Of) -> Option<Verdict> {
    let found = match loaded.series(|sample| Some(GRAIN * of(sample)?)) {
        Ok(series) => leak_verdict(&series, LeakPolicy::new(GRAIN * FEW.0, FEW.1)),
        // Not every kernel tells every count, and sockets are counted seldom.
        Err(_) if loaded.count() > 0 && name.starts_with("connections") => return None,
        Err(error) => return Some(unseen(name, &error, loaded)),
    };
    let growth = found.growth();
    let each = found.bytes_per_request().map_or(0.0, |each| counted(1000.0 * each.value));
    let text = format!(
        "{:.1} ({:.1} to {:.1}) in this run, {each:.1} in 1000 requests",
        counted(growth.value),
        counted(growth.low),
        counted(growth.high)
    );
    let limit = format!("no growth beyond {:.0}", found.resolution() / GRAIN);
    Some(decided(name, limit, text, &found))
}

/// As a count to one decimal, without a sign on 0.
fn counted(value: f64) -> f64 {
    (10.0 * value / GRAIN).round() / 10.0 + 0.0
}

fn decided(name: &str, limit: String, measured: String, found: &LeakFinding) -> Verdict {
    let said = |outcome| said::verdict(name, limit, measured, outcome);
    match found.verdict() {
        LeakVerdict::Leak => said(Outcome::Fail),
        LeakVerdict::NoLeak => said(Outcome::Pass),
        LeakVerdict::Inconclusive => {
            let why = format!(
                "run longer: a leak is {:.0} % probable, none {:.0} %",
                100.0 * found.leak_probability(),
                100.0 * found.no_leak_probability()
            );
            said::because(said(Outcome::Inconclusive), why)
        }
    }
}

fn unseen(name: &str, error: &SeriesError, loaded: &Loaded) -> Verdict {
    let open =
        said::verdict(name, "no growth".to_owned(), "not judged".to_owned(), Outcome::Inconclusive);
    if loaded.count() == 0 {
        let why = "run it on the server's machine, or name its process with --target-pid";
        return said::because(open, why);
    }
    said::because(open, format!("{error}: run longer"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::report;
    use victor_types::{Bytes, Seconds};

    fn loaded(files: impl Fn(u32) -> u32) -> Loaded {
        let sample = |at: u32| ProcessSample {
            at: Seconds(f64::from(at) / 5.0),
            rss: Bytes(50_000_000),
            fds: Some(files(at)),
            threads: 6,
            ..ProcessSample::default()
        };
        let mut loaded = Loaded::default();
        loaded.add(&report(4000, 0), (1..=100).map(sample).collect());
        loaded
    }

    #[test]
    fn files_that_stay_open_are_found_and_a_level_count_passes() {
        let outcomes = |loaded: &Loaded| -> Vec<Outcome> {
            resources(loaded).iter().map(|verdict| verdict.outcome).collect()
        };
        assert_eq!(outcomes(&loaded(|at| 30 + at / 2)), [Outcome::Fail, Outcome::Pass]);
        assert_eq!(outcomes(&loaded(|at| 30 + at % 2)), [Outcome::Pass, Outcome::Pass]);
        assert_eq!(memory(&loaded(|_| 30)).outcome, Outcome::Pass);
        assert_eq!(memory(&Loaded::default()).outcome, Outcome::Inconclusive);
    }
}
