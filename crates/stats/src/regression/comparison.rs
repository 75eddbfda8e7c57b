//! Two sides that were measured in blocks.

/// Why two sides cannot be compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// Too few blocks for how blocks differ to be seen.
    #[error("`{side}` has {found} blocks: measure at least {FEWEST_BLOCKS}")]
    TooFewBlocks {
        /// `a` (baseline) or `b` (candidate).
        side: &'static str,
        /// How many it has.
        found: usize,
    },
    /// Interleaved sides need a block of each in turn.
    #[error("interleaved sides have {a} and {b} blocks: give as many of each, in pairs")]
    Unpaired {
        /// Blocks of the baseline.
        a: usize,
        /// Blocks of the candidate.
        b: usize,
    },
    /// A block with too few values.
    #[error("block {block} (from 1) of `{side}` has {found} values: give at least {FEWEST_VALUES}")]
    SmallBlock {
        /// `a` or `b`.
        side: &'static str,
        /// The number of the block, from 1.
        block: usize,
        /// How many values it has.
        found: usize,
    },
    /// A latency that is not a positive number.
    #[error("block {block} (from 1) of `{side}` holds {value}: latencies are above 0 and finite")]
    NotPositive {
        /// `a` or `b`.
        side: &'static str,
        /// The number of the block, from 1.
        block: usize,
        /// The value.
        value: f64,
    },
    /// One instant for each block is needed.
    #[error("`{side}` has {blocks} blocks and {times} instants: give one for each block")]
    Times {
        /// `ta` or `tb`.
        side: &'static str,
        /// How many blocks there are.
        blocks: usize,
        /// How many instants were given.
        times: usize,
    },
}

/// Fewest blocks a side.
pub const FEWEST_BLOCKS: usize = 5;
/// Fewest values a block.
pub const FEWEST_VALUES: usize = 10;

/// In which order the two sides were measured.
#[derive(Debug, Clone, PartialEq)]
pub enum Design {
    /// In pairs, a block of each right after the other: what the machine does meets both.
    Interleaved,
    /// One side after the other, with the place of each block in time.
    Sequential {
        /// Of the baseline's blocks.
        baseline: Vec<f64>,
        /// Of the candidate's blocks.
        candidate: Vec<f64>,
    },
}

/// Latencies, or another positive number where more is worse, of a baseline and a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    name: String,
    baseline: Vec<Vec<f64>>,
    candidate: Vec<Vec<f64>>,
    design: Design,
}

impl Comparison {
    /// Blocks of both sides under a name that findings carry, such as `chat ttft`.
    ///
    /// # Errors
    /// When there are too few blocks or values, a value is not positive, or numbers of blocks and
    /// instants do not fit the design.
    pub fn try_new(
        name: impl Into<String>,
        baseline: Vec<Vec<f64>>,
        candidate: Vec<Vec<f64>>,
        design: Design,
    ) -> Result<Self, ComparisonError> {
        check("a", &baseline)?;
        check("b", &candidate)?;
        match &design {
            Design::Interleaved => {
                let (a, b) = (baseline.len(), candidate.len());
                if a != b {
                    return Err(ComparisonError::Unpaired { a, b });
                }
            }
            Design::Sequential { baseline: before, candidate: after } => {
                instants("ta", baseline.len(), before)?;
                instants("tb", candidate.len(), after)?;
            }
        }
        Ok(Self { name: name.into(), baseline, candidate, design })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn baseline(&self) -> &[Vec<f64>] {
        &self.baseline
    }

    pub(crate) fn candidate(&self) -> &[Vec<f64>] {
        &self.candidate
    }

    pub(crate) fn design(&self) -> &Design {
        &self.design
    }
}

fn check(side: &'static str, blocks: &[Vec<f64>]) -> Result<(), ComparisonError> {
    let found = blocks.len();
    if found < FEWEST_BLOCKS {
        return Err(ComparisonError::TooFewBlocks { side, found });
    }
    for (i, values) in blocks.iter().enumerate() {
        let (block, found) = (i + 1, values.len());
        if found < FEWEST_VALUES {
            return Err(ComparisonError::SmallBlock { side, block, found });
        }
        if let Some(&value) = values.iter().find(|value| !(value.is_finite() && **value > 0.0)) {
            return Err(ComparisonError::NotPositive { side, block, value });
        }
    }
    Ok(())
}

fn instants(side: &'static str, blocks: usize, times: &[f64]) -> Result<(), ComparisonError> {
    let times = times.len();
    if times == blocks { Ok(()) } else { Err(ComparisonError::Times { side, blocks, times }) }
}
