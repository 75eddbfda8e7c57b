//! The samples a leak verdict is given.

/// Why a series cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeriesError {
    /// Two columns have different lengths.
    #[error(
        "`{column}` has {found} values where `{other}` has {expected}: give one for each sample"
    )]
    Length {
        /// The column with the wrong length.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The column it is compared with.
        other: &'static str,
        /// The length of that.
        expected: usize,
    },
    /// Fewer samples than a verdict needs.
    #[error("{found} samples are too few: give at least {needed}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A value is infinite or not a number.
    #[error("`{column}` is not a finite number at sample {sample} (from 1)")]
    NotFinite {
        /// The column.
        column: &'static str,
        /// The number of the sample, from 1.
        sample: usize,
    },
    /// A value is below the one before, or the column never rises.
    #[error("`{column}` must rise: sample {sample} (from 1) is not above what came before")]
    NotRising {
        /// The column.
        column: &'static str,
        /// The number of the sample, from 1.
        sample: usize,
    },
}

/// Fewest samples that a leak verdict is given for.
pub const FEWEST_SAMPLES: usize = 24;

/// Memory of a process over one run under constant load, sample by sample.
#[derive(Debug, Clone, PartialEq)]
pub struct MemorySeries {
    time: Vec<f64>,
    requests: Vec<f64>,
    memory: Vec<f64>,
    live: Option<Vec<f64>>,
    sessions: Option<Vec<f64>>,
}

impl MemorySeries {
    /// A series from the seconds since its start, requests completed so far, and memory in bytes.
    ///
    /// # Errors
    /// When lengths differ, there are fewer than [`FEWEST_SAMPLES`], a value is not finite, time does not
    /// rise or requests fall.
    pub fn try_new(
        time: Vec<f64>,
        requests: Vec<f64>,
        memory: Vec<f64>,
    ) -> Result<Self, SeriesError> {
        let needed = FEWEST_SAMPLES;
        if memory.len() < needed {
            return Err(SeriesError::TooFew { found: memory.len(), needed });
        }
        check("time", &time, memory.len())?;
        check("requests", &requests, memory.len())?;
        check("memory", &memory, memory.len())?;
        rises("time", &time, true)?;
        rises("requests", &requests, false)?;
        Ok(Self { time, requests, memory, live: None, sessions: None })
    }

    /// With the turns in flight at each sample, whose memory is no leak.
    ///
    /// # Errors
    /// When the length differs or a value is not finite.
    pub fn with_live(mut self, live: Vec<f64>) -> Result<Self, SeriesError> {
        check("live", &live, self.memory.len())?;
        self.live = Some(live);
        Ok(self)
    }

    /// With the sessions ended so far at each sample, which may be what leaks.
    ///
    /// # Errors
    /// When the length differs, a value is not finite or the number falls.
    pub fn with_sessions(mut self, sessions: Vec<f64>) -> Result<Self, SeriesError> {
        check("sessions", &sessions, self.memory.len())?;
        rises("sessions", &sessions, false)?;
        self.sessions = Some(sessions);
        Ok(self)
    }

    pub(crate) fn time(&self) -> &[f64] {
        &self.time
    }

    pub(crate) fn requests(&self) -> &[f64] {
        &self.requests
    }

    pub(crate) fn memory(&self) -> &[f64] {
        &self.memory
    }

    pub(crate) fn live(&self) -> Option<&[f64]> {
        self.live.as_deref()
    }

    pub(crate) fn sessions(&self) -> Option<&[f64]> {
        self.sessions.as_deref()
    }

    /// Seconds from the first sample to the last.
    pub(crate) fn span(&self) -> f64 {
        self.time.last().zip(self.time.first()).map_or(0.0, |(last, first)| last - first)
    }

    /// Requests completed between the first sample and the last.
    pub(crate) fn completed(&self) -> f64 {
        self.requests.last().zip(self.requests.first()).map_or(0.0, |(last, first)| last - first)
    }
}

fn check(column: &'static str, values: &[f64], expected: usize) -> Result<(), SeriesError> {
    if values.len() != expected {
        let found = values.len();
        return Err(SeriesError::Length { column, found, other: "memory", expected });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(SeriesError::NotFinite { column, sample: at + 1 }),
        None => Ok(()),
    }
}

fn rises(column: &'static str, values: &[f64], strictly: bool) -> Result<(), SeriesError> {
    let falls = |pair: &[f64]| pair[1] < pair[0] || (strictly && pair[1] <= pair[0]);
    match values.windows(2).position(falls) {
        Some(at) => Err(SeriesError::NotRising { column, sample: at + 2 }),
        None => Ok(()),
    }
}
