//! The built-in users.
//!
//! The one idea: a user is a small state machine without I/O. It says what to ask next
//! ([`User::ask`]), hears how that went ([`User::hear`]) and decides whether the answer was right;
//! when to ask and how to send it is the engine's business. Users work on every dialect, and what
//! a user does depends on its number and the run's seed alone.
//!
//! ```
//! use victor_users::{Class, Run, User};
//!
//! let run = Run::new("0a1b2c3d", 42);
//! let class = Class::by_name("VictorLoadTest").expect("built in");
//! let mut user = User::new(class, &run, 7);
//! let asked = user.ask(std::time::Duration::ZERO);
//! assert!(asked.name.starts_with("/api/v1/chat ("));
//! ```
//!
//! Why not an async trait with a client in it? A user would then hold its own future and buffers
//! (kilobytes each), and its judgement could not be tested without a server.

mod class;
mod judge;
mod leak;
mod load;
mod marker;
mod payload;
mod script;
mod session;
mod stress;
mod user;

pub use class::{Class, TaskInfo};
pub use judge::{Expectation, judge};
pub use marker::{Marker, Run};
pub use user::{Asked, User};
