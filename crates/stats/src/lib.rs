//! Mathematics only: percentiles and their intervals, trends, leaks, regressions, capacity, change
//! points. No I/O, no clock, no random numbers.
//!
//! The one idea: turns of a loaded server are not independent. A slow spell makes many turns slow at
//! once, so a thousand turns may say as little as a hundred independent ones, and textbook intervals
//! are several times too narrow. Everything here therefore takes a *sequence of equally long blocks
//! of time* rather than a bag of values, measures from it how much the turns are worth (the design
//! effect), and says "too little was measured" in its type where that is so.
//!
//! ```
//! use victor_stats::{ExceedanceVerdict, percentile, percentile_interval, percentile_verdict};
//! use victor_types::{Histogram, Millis};
//!
//! // 60 seconds with 20 turns each, between 80 and 99 ms.
//! let second: Histogram = (80..100).map(|ms| (ms * 1000, 1)).collect();
//! let run = vec![second.clone(); 60];
//!
//! assert_eq!(percentile(&second, 0.95), Some(98_000));
//! let p95 = percentile_interval(&run, 0.95).expect("1200 values");
//! assert!(p95.interval().low <= Millis(98.0));
//!
//! // "p95 < 300 ms", with no failures.
//! let blocks: Vec<_> = run.iter().map(|latency| (latency, 0)).collect();
//! let verdict = percentile_verdict(&blocks, Millis(300.0), 0.95, 0.95);
//! assert_eq!(verdict, ExceedanceVerdict::Below);
//! ```
//!
//! The same idea decides about series: [`leak_verdict`], [`regression_verdict`] and [`change_points`] weigh serial correlation
//! together with what they look for, because each looks like the other, and say so when a run is too short. [`usl`] and
//! [`BreakingPoint`] find capacity.
//!
//! Why not the bootstrap, or the autocorrelation of single turns? The bootstrap needs random numbers
//! and single values; autocorrelation needs every turn in order. A histogram a second is all that a
//! run keeps, and counting by block is enough: the coverage measured in simulations stands in the
//! documentation of [`percentile_interval`] and [`percentile_verdict`].

mod batch;
mod breaking_point;
mod changes;
mod chi_square;
mod distribution;
mod estimate;
mod exceedance;
mod interval;
mod leak;
mod linear;
mod margin;
mod mean;
mod percentile;
mod proportion;
mod regression;
#[cfg(test)]
mod simulate;
mod trend;
mod usl;

pub use batch::binomial_deff;
pub use breaking_point::{
    BreakingPoint, BreakingPointError, BreakingPointFinding, Cause, Criteria, Knee, NextStep,
    StepResult, Threshold,
};
pub use changes::{ChangePoint, change_points, steady_from};
pub use chi_square::chi_square;
pub use estimate::Estimate;
pub use exceedance::{
    ExceedanceVerdict, exceedance_interval, exceedance_verdict, percentile_verdict,
};
pub use interval::{PercentileInterval, interval_with_design_effect, percentile_interval};
pub use leak::{
    Driver, FEWEST_SAMPLES, LeakFinding, LeakPolicy, LeakVerdict, MemorySeries, SeriesError, Shape,
    leak_verdict,
};
pub use mean::{MeanInterval, mean_interval};
pub use percentile::{adjusted_percentile, nearest_rank, percentile};
pub use proportion::{ShareInterval, clopper_pearson, lower_bound, upper_bound, wilson};
pub use regression::{
    Comparison, ComparisonError, Design, FEWEST_BLOCKS, FEWEST_VALUES, Metric, MetricFinding,
    RegressionFinding, RegressionVerdict, regression_verdict,
};
pub use trend::{Trend, trend};
pub use usl::{FEWEST_LEVELS, UslDoubt, UslError, UslFit, UslLoss, UslPeak, usl};
