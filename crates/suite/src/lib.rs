//! What the numbers of a run mean.
//!
//! The one idea: a verdict is given only with the numbers it stands on, and has four answers, not
//! two: what was measured too little, or by a generator that was itself the bottleneck, is neither
//! a pass nor a failure. [`measure()`] runs a plan beside a watch on the server's process and hands
//! over the run report, judged; [`scale`] holds the scalability tests, each a plan and a judgement.
//!
//! ```
//! use victor_suite::scale::{Selection, catalogue};
//!
//! let quick = Selection::parse(&[], None, Some("not slow")).expect("an expression");
//! assert!(catalogue().iter().any(|case| quick.takes(case)));
//! ```
//!
//! Why not judge in the report? A test, an exit code and a page must never disagree.

mod amount;
mod exit;
mod findings;
mod judged;
mod measure;
mod offered;
pub mod scale;
mod steady;
mod steering;
mod targets;
mod watched;

pub use exit::exit_code;
pub use measure::{MeasureOptions, Progress, measure};
pub use offered::{Offer, Thinking};
pub use steering::{Change, Steering};
pub use targets::judge;
