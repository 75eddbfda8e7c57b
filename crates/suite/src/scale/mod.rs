//! The scalability tests: each is a plan and a judgement of what came of it.

mod budget;
mod case;
mod catalogue;
mod concurrent;
mod context;
mod endurance;
mod expression;
mod integrity;
mod levels;
mod memory;
mod plans;
mod probe;
mod reference;
mod said;
mod select;
mod stress;
mod times;

pub use budget::within_budget;
pub use case::{Case, Context, Param, TestError, TestResult};
pub use catalogue::catalogue;
pub use expression::{Expression, ExpressionError};
pub use reference::reference_page;
pub use select::{Selection, SelectionError};
