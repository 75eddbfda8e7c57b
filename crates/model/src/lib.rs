//! The simulated assistant model: what it says and how long it takes.
//!
//! The one idea: a reply is a pure function of the seed, of the messages handed in and of the turn's number. The model
//! reads no clock, keeps no state and does no waiting; it says when each token is ready, and
//! whoever serves it waits. A fact that was cut from the messages is therefore really forgotten,
//! and a run can be repeated draw by draw.
//!
//! ```
//! use victor_model::{Message, Model, ModelSettings, Step};
//!
//! let model = Model::new(ModelSettings::default());
//! let told = Message::user("Remember: my code word is zebra.");
//! let reply = model.reply(&[told, Message::user("What is my code word?")], 1);
//! let Step::Answer(answer) = reply.step else { panic!("no tool is needed") };
//! assert!(answer.text().contains("zebra"));
//! assert!(reply.timing.total().as_millis() > 0);
//! ```
//!
//! Why not a small real language model? It cannot be made to answer in 40 ms on any machine, its
//! times cannot be known beforehand, and whether it remembered a fact would be a matter of luck;
//! a tester proven against it would be proven against noise.

mod behaviour;
mod draw;
mod lengths;
mod message;
mod model;
mod preset;
mod profile;
mod timing;
mod tokens;

pub use behaviour::{SUMMARY_OPENING, digest, summary_request};
pub use message::{Message, Role, ToolCall};
pub use model::{Answer, Model, ModelSettings, Reply, Step, Usage};
pub use preset::{Delivery, Preset, UnknownPreset};
pub use profile::{Profile, UnknownProfile};
pub use timing::Timing;
pub use tokens::count_tokens;
