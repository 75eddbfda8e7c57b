//! Why a fault cannot be switched on.

use super::catalogue::forms;

/// A fault that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFault {
    /// No fault of that name.
    #[error("`{text}` is no fault: write one of {}", forms())]
    Unknown {
        /// What was given.
        text: String,
    },
    /// The value does not fit the fault.
    #[error("`{text}` cannot be read: write {form}, such as {example}")]
    Value {
        /// What was given.
        text: String,
        /// The form of this fault.
        form: String,
        /// One that is right.
        example: String,
    },
}
