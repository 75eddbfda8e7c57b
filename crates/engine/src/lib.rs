//! Runs a plan.
//!
//! The one idea: three parts meet here and nothing else. The *schedule* (in `victor-plan`) says
//! when, the *user* (in `victor-users`) says what and whether the answer was right, the *recorder*
//! keeps it. There is one way to make a turn, in `guest`, for every kind of load: users of a closed load (`user_task`) make
//! theirs when they are ready, those of an open load (`crowd`) when one is due. Each shard is a thread with
//! its own runtime, users and recorder; it shares nothing on the hot path, and all that leaves it
//! is a [`victor_types::Snapshot`] a second (with the trace lines of that second, if a trace was
//! asked for). A [`Timeline`] adds snapshots up; display, reports and verdicts read only that.
//!
//! ```no_run
//! # async fn example(plan: victor_plan::Plan) -> Result<(), victor_engine::EngineError> {
//! let mut run = victor_engine::Run::start(&plan, "0a1b2c3d", victor_engine::Trace::Off).await?;
//! while run.next().await?.is_some() {
//!     // A second has passed: show `run.timeline()`.
//! }
//! let finished = run.finish();
//! # let _ = finished; Ok(())
//! # }
//! ```
//!
//! Why not one multi-threaded runtime? Work stealing moves a user between cores in the middle of a
//! measurement, and every shared counter would be a cache line to fight over.

mod alarm;
mod burst;
mod cgroup;
mod control;
mod crowd;
mod distribution;
mod error;
mod flight;
mod gate;
mod guest;
mod history;
mod machine;
mod metrics;
mod order;
mod own_thread;
mod probe;
mod ready;
mod recorder;
mod roster;
mod row;
mod run;
mod shard;
mod single;
mod stream_report;
mod stream_row;
mod sum;
mod ticker;
mod timeline;
mod turn;
mod user_task;

pub use error::EngineError;
pub use machine::Machine;
pub use probe::{settle, speaks, template};
pub use ready::wait_for;
pub use run::{Finished, Run, Trace, Update};
pub use single::{Exchange, Single};
pub use timeline::{Part, Timeline};
