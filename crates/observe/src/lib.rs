//! The target's process, machine, container and own metrics, sampled beside the load.
//!
//! The one idea: what a load test says about a server's CPU and memory must come from the server's
//! own process, read from the kernel, and never from the tester's. So the process is found by the
//! port it listens on, followed through forks and restarts, and when it cannot be seen, the reason
//! takes the place of the numbers.
//!
//! ```
//! use victor_observe::{Sampler, find_listener};
//!
//! let server = std::net::TcpListener::bind("127.0.0.1:0")?;
//! let pid = find_listener(server.local_addr()?)?.ok_or("nothing listens")?;
//! assert_eq!(pid, std::process::id());
//!
//! let mut sampler = Sampler::new(pid)?;
//! let usage = sampler.sample(victor_clock::now())?;
//! assert!(usage.rss().0 > 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A run starts a [`Watch`] as a task and feeds a [`Series`] from its channel. Beside a target on
//! another machine the same watch feeds an [`ObservationLog`] that [`serve`] shows, and the run's
//! watch relays that by a [`RemoteObserver`].
//!
//! Why not the `sysinfo` crate? It refreshes the whole machine to learn about one process, knows no
//! sockets, and takes an id that was given to another process for the same one.

mod cgroup;
#[cfg(test)]
mod child;
mod counters;
mod details;
mod endpoint;
mod error;
mod exposition;
mod fetch;
mod holder;
mod host;
mod ledger;
mod listener;
mod log;
mod machine;
mod meaning;
mod merge;
mod meter;
mod metrics;
mod outlet;
mod pace;
mod remote;
mod sampler;
mod series;
mod status;
mod tree;
mod watch;

pub use endpoint::{SharedLog, serve};
pub use error::ObserveError;
pub use host::{Host, SelfUsage, host, self_usage};
pub use listener::find_listener;
pub use log::ObservationLog;
pub use metrics::TargetMetrics;
pub use remote::RemoteObserver;
pub use sampler::{Sampler, Usage};
pub use series::Series;
pub use status::Status;
pub use victor_types::Observation;
pub use watch::{Target, Watch};
