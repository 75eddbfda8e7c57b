//! What to run and when.
//!
//! The one idea: a run is decided before it starts. A [`Plan`] holds every choice (how many users,
//! which, how fast they start, how long they think, when to stop, what counts as good enough) and
//! everything random in it comes from one seed, so that the same plan offers the same load.
//! Nothing here knows about time passing, sockets or files.
//!
//! ```
//! use victor_plan::{SpawnSchedule, parse_run_time};
//! use std::time::Duration;
//!
//! // 4 users at 2 a second: two shards start their halves without talking to each other.
//! let spawn = SpawnSchedule::try_new(4, 2.0)?;
//! let mut second_shard = spawn.for_shard(1, 2);
//! let first = second_shard.next_if_due(Duration::from_secs(1)).expect("due by then");
//! assert_eq!((first.place, first.at), (1, Duration::from_millis(500)));
//! assert_eq!(second_shard.due(), Some(Duration::from_millis(1500)));
//! assert_eq!(parse_run_time("1h20m"), Ok(Duration::from_secs(4800)));
//! # Ok::<(), victor_plan::PlanError>(())
//! ```
//!
//! Why not let the engine decide as it goes? Then no test could ask what a run will do, and shards
//! would have to talk to each other on the hot path.

mod api;
mod arrival_trace;
mod arrivals;
mod crew;
mod error;
mod habits;
mod load;
mod mix;
mod payload;
mod plan;
mod profile;
mod queue;
mod rng;
mod run_time;
mod secret;
mod shape;
mod slo;
mod spawn;
mod stage;
mod stop;
mod targets;
mod transport;
mod wait;
mod weights;

pub use api::Api;
pub use arrival_trace::{ArrivalTrace, TraceError};
pub use arrivals::{Arrivals, Spacing};
pub use crew::{Crew, Move};
pub use error::PlanError;
pub use habits::{Habits, Retries};
pub use load::Load;
pub use mix::{ClassShare, Mix};
pub use payload::{Method, Payload};
pub use plan::{Plan, TargetAddress, TimeLimits};
pub use queue::Queue;
pub use rng::{UserRng, run_rng, user_rng};
pub use run_time::{RunTimeError, parse_run_time};
pub use secret::Secret;
pub use shape::Shape;
pub use slo::{Slo, SloError};
pub use spawn::SpawnSchedule;
pub use stage::{Stage, parse_stages};
pub use stop::{Alarms, StopRule};
pub use targets::Targets;
pub use transport::{
    Carrier, Compression, ConnectionReuse, Cookies, HttpVersion, Proxy, TlsOptions,
    TransportOptions, Verify,
};
pub use wait::Wait;
pub use weights::Weights;
