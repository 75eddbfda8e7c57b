//! Flags, environment and `victor.toml` become one plan, and every value knows where it came from.
//!
//! The one idea: settings are data. One table says for each of them how it is spelt on the command
//! line, in the environment and in the file, what it defaults to and how its text is read; the
//! command line, the resolution, `--show-config`, the error messages and the reference page are
//! made from that table and can therefore not disagree.
//!
//! ```
//! use std::path::Path;
//! use victor_config::{load_command, resolve_load};
//!
//! let matches = load_command().try_get_matches_from(["load", "-u", "100", "ChatUser"])?;
//! let env = |name: &str| (name == "LOCUST_RUN_TIME").then(|| "5m".to_owned());
//! let config = resolve_load(&matches, &env, Path::new("/nowhere"), &["ChatUser"])?;
//! assert_eq!(config.plan.load.most_users(), 100);
//! assert_eq!(config.plan.stop.run_time.map(|span| span.as_secs()), Some(300));
//! let origin = config.origins.of("run-time").map(ToString::to_string);
//! assert_eq!(origin.as_deref(), Some("environment LOCUST_RUN_TIME"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Why not clap's own `env` and a merging crate such as figment? They forget where a value came
//! from as soon as they have it, so a message could not name the variable or the line at fault.

mod burst;
mod command;
mod error;
mod file;
mod level;
mod load;
mod locust;
mod near;
mod offer;
mod origin;
mod problem;
mod read;
mod reference;
mod resolve;
mod setting;
mod settings;
mod source;
mod transport;

pub use command::load_command;
pub use error::ConfigError;
pub use level::LogLevel;
pub use load::{LoadConfig, Outputs, RunOptions, SingleUser, resolve_load};
pub use locust::IgnoredKeys;
pub use origin::{Origin, Origins};
pub use problem::Problem;
pub use reference::reference_page;
