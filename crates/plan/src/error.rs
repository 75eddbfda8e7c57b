//! Choices that make no run.

/// A plan that cannot be run; the message names the flag and the fix.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// No users.
    #[error("--users is 0: give at least 1")]
    NoUsers,
    /// The spawn rate is not a positive, finite number.
    #[error("--spawn-rate is {0}: give a number of users a second above 0")]
    SpawnRate(f64),
    /// No user class has a positive weight.
    #[error("no user class has a weight above 0")]
    NoClass,
    /// Wait bounds that no wait fits.
    #[error("a wait between {low} s and {high} s is not possible: give 0 <= low <= high")]
    Wait {
        /// Lower bound in seconds.
        low: f64,
        /// Upper bound in seconds.
        high: f64,
    },
    /// A rate that is not positive and finite.
    #[error("a rate of {0} a second is not possible: give a number above 0")]
    Rate(f64),
    /// A stage that is none.
    #[error(
        "`{stage}` is not a stage: write LENGTH:LEVEL or LENGTH:LEVEL@PACE such as 30s:10 or \
         1m:50@5, with commas between stages"
    )]
    Stage {
        /// What was given.
        stage: String,
    },
    /// Stages without time or load.
    #[error("the stages hold no load: give at least one with a length and a level above 0")]
    NoStages,
}
