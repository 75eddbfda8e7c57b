//! The scalability tests: each is a plan and a judgement of what came of it.

mod case;
mod concurrent;
mod expression;
mod isolation;
mod select;

pub use case::{Case, Context, Param, TestError, TestResult, catalogue};
pub use expression::{Expression, ExpressionError};
pub use select::{Selection, SelectionError};
