//! A failed turn with its evidence.

use victor_types::{FailureKind, OtherHalf};

/// Why a turn failed, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its place in the catalogue.
    pub kind: FailureKind,
    /// What was seen, at most 300 characters.
    pub seen: String,
    /// What was expected, where that can be said.
    pub expected: Option<String>,
    /// The other session of an offending pair.
    pub other: Option<OtherHalf>,
}

impl Failure {
    /// A failure of which only the evidence is known.
    #[must_use]
    pub fn new(kind: FailureKind, seen: impl Into<String>) -> Self {
        Self { kind, seen: seen.into(), expected: None, other: None }
    }
}
