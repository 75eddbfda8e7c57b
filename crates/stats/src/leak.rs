//! Whether memory leaks: the posterior over the shapes that memory may take.

mod points;
mod posterior;
mod series;
mod shapes;

pub use series::{FEWEST_SAMPLES, MemorySeries, SeriesError};
pub use shapes::Shape;

use crate::estimate::Estimate;
use crate::trend::median_of_sorted;
use points::points;
use posterior::{Explanation, Posterior};

/// What a leak verdict says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeakVerdict {
    /// Memory grows, and no shape that ends explains it as well.
    Leak,
    /// Growth of twice the resolution or more is excluded.
    NoLeak,
    /// Neither could be shown: run longer.
    Inconclusive,
}

/// The least growth that matters; see [`leak_verdict`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeakPolicy {
    bytes: f64,
    share: f64,
}

impl Default for LeakPolicy {
    /// 1 MiB or 1 % of the median, whichever is more.
    fn default() -> Self {
        Self { bytes: 1024.0 * 1024.0, share: 0.01 }
    }
}

impl LeakPolicy {
    /// Growth over the run under both `bytes` and the `share` (0 to 1) of the median is no leak worth a
    /// verdict. Negative values count as 0.
    #[must_use]
    pub fn new(bytes: f64, share: f64) -> Self {
        Self { bytes: bytes.max(0.0), share: share.max(0.0) }
    }
}

/// What drives a leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// Time alone, or what rises evenly with it.
    Time,
    /// Completed requests.
    Requests,
    /// Ended sessions.
    Sessions,
}

/// A leak verdict and what it stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct LeakFinding {
    verdict: LeakVerdict,
    growth: Estimate,
    resolution: f64,
    leaking: f64,
    harmless: f64,
    shape: Shape,
    driver: Driver,
    cycles: usize,
    correlation: f64,
    requests: f64,
    seconds: f64,
}

impl LeakFinding {
    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> LeakVerdict {
        self.verdict
    }

    /// Bytes by which memory grew in this run without an end in sight, if it leaks; bytes by which it
    /// would still grow in another run as long, if it does not. For an inconclusive run both
    /// together, so the upper end is the largest leak not excluded.
    #[must_use]
    pub fn growth(&self) -> Estimate {
        self.growth
    }

    /// [`Self::growth`] for each completed request; `None` when none was.
    #[must_use]
    pub fn bytes_per_request(&self) -> Option<Estimate> {
        (self.requests > 0.0).then(|| self.growth.times(1.0 / self.requests))
    }

    /// [`Self::growth`] in bytes an hour.
    #[must_use]
    pub fn bytes_per_hour(&self) -> Estimate {
        self.growth.times(3600.0 / self.seconds)
    }

    /// The least growth in bytes over this run that was looked for.
    #[must_use]
    pub fn resolution(&self) -> f64 {
        self.resolution
    }

    /// The probability of unbounded growth beyond the resolution.
    #[must_use]
    pub fn leak_probability(&self) -> f64 {
        self.leaking
    }

    /// The probability that growth still to come is under twice the resolution.
    #[must_use]
    pub fn no_leak_probability(&self) -> f64 {
        self.harmless
    }

    /// The most probable shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// What growth follows most closely.
    #[must_use]
    pub fn driver(&self) -> Driver {
        self.driver
    }

    /// Cycles of a sawtooth, such as of a garbage collector; 0 when there is none.
    #[must_use]
    pub fn cycles(&self) -> usize {
        self.cycles
    }

    /// The correlation of noise at neighbouring points, of which there are 40 in a run.
    #[must_use]
    pub fn correlation(&self) -> f64 {
        self.correlation
    }
}

/// Probability from which a run is called leaking.
const LEAK: f64 = 0.7;
/// Probability from which a run is called free of leaks.
const NO_LEAK: f64 = 0.9;

/// Whether the memory of a process leaks under constant load.
///
/// Method: the run is reduced to 40 points. Fourteen families of shapes may explain them, seven that
/// end ([`Shape::is_unbounded`] says which do not), each with every value of its own parameter, any
/// first-order serial correlation, with or without a wave, over time, requests or sessions. Each
/// explanation is weighed by its marginal likelihood with priors worth one observation (Zellner; Liang et al.,
/// JASA 103, 2008), families that end and those that do not having half of the prior each. Memory of turns in flight
/// and garbage between two collections are columns of every explanation. The verdict is a leak when at
/// least 0.7 of the probability lies on unbounded growth beyond the resolution, and none
/// when at least 0.9 lies on less than twice the resolution, whatever the shape. What
/// was measured of both is in `docs/design/leak-decision.md`.
///
/// A cache that takes longer than about half of this run to fill cannot be told from a leak.
#[must_use]
pub fn leak_verdict(series: &MemorySeries, policy: LeakPolicy) -> LeakFinding {
    let mut sorted = series.memory().to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let resolution = policy.bytes.max(policy.share * median_of_sorted(&sorted));
    let (points, cycles) = points(series);
    let posterior = Posterior::of(&points);
    let leaking = posterior.unbounded_over(resolution);
    let harmless = posterior.under(2.0 * resolution);
    let verdict = if leaking >= LEAK {
        LeakVerdict::Leak
    } else if harmless >= NO_LEAK {
        LeakVerdict::NoLeak
    } else {
        LeakVerdict::Inconclusive
    };
    let counts = |e: &Explanation| match verdict {
        LeakVerdict::Leak => e.shape.is_unbounded(),
        LeakVerdict::NoLeak | LeakVerdict::Inconclusive => true,
    };
    let quantile = |p: f64| posterior.quantile(p, counts).unwrap_or(0.0);
    LeakFinding {
        verdict,
        growth: Estimate { value: quantile(0.5), low: quantile(0.025), high: quantile(0.975) },
        resolution,
        leaking,
        harmless,
        shape: posterior.shape(),
        driver: points.names.get(posterior.driver()).copied().unwrap_or(Driver::Time),
        cycles,
        correlation: posterior.sum(|e| e.correlation),
        requests: series.completed(),
        seconds: series.span(),
    }
}

#[cfg(test)]
mod tests;
