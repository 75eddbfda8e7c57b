//! The run in one word and one sentence, as the page and the summary open.

use crate::number::{counted, finished, percent_of, rate, ratio};
use victor_types::{Before, EndReason, HistoryPoint, Outcome, RunReport};

/// What the verdicts and doubts come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overall {
    /// The numbers are not the target's.
    Invalid,
    /// A limit is broken.
    Failed,
    /// Something could not be decided, and nothing failed.
    Inconclusive,
    /// Every limit that applies holds.
    Passed,
    /// No limit applied.
    NotJudged,
}

impl Overall {
    pub(crate) fn of(report: &RunReport) -> Self {
        let any = |outcome| report.verdicts.iter().any(|verdict| verdict.outcome == outcome);
        if !report.validity.is_valid() {
            Self::Invalid
        } else if any(Outcome::Fail) {
            Self::Failed
        } else if any(Outcome::Invalid) || any(Outcome::Inconclusive) {
            Self::Inconclusive
        } else if any(Outcome::Pass) {
            Self::Passed
        } else {
            Self::NotJudged
        }
    }

    /// The word printed for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
            Self::Passed => "passed",
            Self::NotJudged => "not judged",
        }
    }
}

/// One sentence: was it valid, did it pass, what was carried.
pub(crate) fn headline(report: &RunReport) -> String {
    let total = &report.total;
    let failed = match total.failed {
        0 => "and no turn failed".to_owned(),
        failed => {
            format!("and {:.2} % of the turns failed", percent_of(failed, finished(total)))
        }
    };
    format!(
        "{} {}: {} carried {}, {failed}.",
        subject(report),
        judgement(report),
        counted(report.run.users, "user"),
        carried(report),
    )
}

/// The throughput, in words: that with all users running, where there was time for it, with the
/// range seen over stretches of five seconds (what was seen, not a confidence interval); else that
/// of the whole run.
fn carried(report: &RunReport) -> String {
    let whole = rate(report.total.throughput.0);
    match steady(report) {
        None => format!("{whole} turns a second"),
        Some(Steady { mean, low, high }) => format!(
            "{} turns a second{} (between {} and {} over stretches of 5 s; \
             {whole} over the whole run)",
            rate(mean),
            if report.run.arrival_rate.is_some() { "" } else { " with all of them running" },
            rate(low),
            rate(high)
        ),
    }
}

fn subject(report: &RunReport) -> &'static str {
    match report.run.end {
        EndReason::RunTime | EndReason::Done => "The run",
        EndReason::Interrupted => "The interrupted run",
        EndReason::Futile => "The run, stopped because its first turns all failed,",
        EndReason::Failures => "The run, ended because too many turns failed,",
        EndReason::Slow => "The run, ended because turns were too slow for too long,",
        EndReason::Saturated => "The run, ended because the target no longer kept up,",
        EndReason::Tokens => "The run, ended because its tokens were used up,",
    }
}

/// What the verdicts are about.
pub(crate) fn judged_part(report: &RunReport) -> String {
    let Some(part) = &report.judged else { return "all of the run".to_owned() };
    let ended = part.total.succeeded + part.total.failed;
    let before = match part.before {
        Before::WarmUp => "after the warm-up; the tables leave it out too",
        Before::Ramp => "once all users had been started; the tables hold the ramp too",
    };
    format!("{} that ended from {:.0} s on, {before}", counted(ended, "turn"), part.from.0)
}

/// From when on the run was steady.
pub(crate) fn settled(report: &RunReport) -> String {
    match report.steady_from {
        Some(from) => format!("latency and throughput from {:.0} s on (MSER-5)", from.0),
        None => "not found: too short, or still moving (MSER-5)".to_owned(),
    }
}

fn judgement(report: &RunReport) -> String {
    let named = |outcome| {
        let hits = report.verdicts.iter().filter(move |verdict| verdict.outcome == outcome);
        hits.map(|verdict| verdict.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let count = |outcome| report.verdicts.iter().filter(|v| v.outcome == outcome).count();
    let judged = report.verdicts.len() - count(Outcome::NotApplicable);
    match Overall::of(report) {
        Overall::Invalid => "is invalid, its numbers are the load generator's".to_owned(),
        Overall::Failed => format!(
            "is valid and failed {} of {judged} targets ({})",
            count(Outcome::Fail),
            named(Outcome::Fail)
        ),
        Overall::Inconclusive => format!(
            "is valid and failed no target, but {} of {judged} could not be decided",
            count(Outcome::Inconclusive) + count(Outcome::Invalid)
        ),
        Overall::Passed if judged == 1 => "is valid and passed its target".to_owned(),
        Overall::Passed => format!("is valid and passed all {judged} targets"),
        Overall::NotJudged => "is valid and was held against no target".to_owned(),
    }
}

/// Throughput with all users running.
struct Steady {
    mean: f64,
    low: f64,
    high: f64,
}

/// Over stretches of five seconds; `None` when there are fewer than two.
fn steady(report: &RunReport) -> Option<Steady> {
    const STRETCH: f64 = 5.0;
    let mut rates: Vec<f64> = Vec::new();
    let (mut turns, mut seconds) = (0, 0.0);
    let (mut all_turns, mut all_seconds) = (0, 0.0);
    let open = report.run.arrival_rate.is_some();
    let full = |point: &&HistoryPoint| open || point.users == report.run.users;
    for point in report.history.iter().filter(full) {
        turns += point.succeeded;
        seconds += point.window.0;
        // Windows are a second give or take a timer's millisecond.
        if seconds > STRETCH - 0.1 {
            rates.push(ratio(turns, 1) / seconds);
            all_turns += turns;
            all_seconds += seconds;
            (turns, seconds) = (0, 0.0);
        }
    }
    let low = rates.iter().copied().reduce(f64::min)?;
    let high = rates.iter().copied().reduce(f64::max)?;
    (rates.len() > 1).then(|| Steady { mean: ratio(all_turns, 1) / all_seconds, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use victor_types::{Validity, Warning};

    #[test]
    fn an_invalid_run_says_so_whatever_its_verdicts() {
        let mut report = golden::report();
        assert_eq!(Overall::of(&report), Overall::Failed);
        report.validity = Validity::new(vec![Warning::GeneratorCpu { share: 0.95 }]);
        assert_eq!(Overall::of(&report), Overall::Invalid);
        assert!(headline(&report).contains("is invalid"));
    }

    #[test]
    fn what_does_not_apply_counts_for_nothing() {
        let mut report = golden::report();
        report.verdicts.retain(|verdict| verdict.outcome == Outcome::NotApplicable);
        assert_eq!(Overall::of(&report), Overall::NotJudged);
        assert!(headline(&report).contains("no target"));
    }

    #[test]
    fn the_sentence_names_what_failed() {
        let text = headline(&golden::report());
        assert!(text.contains("failed 2 of 5 targets (latency p99, error rate)"), "{text}");
        assert!(text.contains("50 users carried"), "{text}");
    }
}
