//! What an assistant's API says.
//!
//! The one idea: users speak in [`Turn`]s and hear [`Answer`]s; only this crate knows how either
//! looks on the wire. A [`Decoder`] takes the response as it arrives, so that the first token has a
//! time of its own, and ends in an answer or in a [`Failure`] of the catalogue: a success status
//! alone is never a success.
//!
//! ```
//! use victor_dialect::{Dialect, Turn};
//!
//! let dialect = Dialect::victor();
//! let turn = Turn { message: "hello".into(), ..Turn::default() };
//! assert_eq!(dialect.encode(&turn), br#"{"message":"hello"}"#);
//! ```
//!
//! Why not judge in the user classes? Every class would repeat it for every API.

mod answer;
mod decoder;
mod failure;
mod turn;
mod victor;

pub use answer::{Answer, ToolUse, Usage};
pub use decoder::Decoder;
pub use failure::Failure;
pub use turn::{Turn, excerpt};
pub use victor::Dialect;
