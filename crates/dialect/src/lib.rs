//! What an assistant's API says.
//!
//! The one idea: users speak in [`Turn`]s and hear [`Answer`]s; only this crate knows how either
//! looks on the wire. A [`Decoder`] takes the response as it arrives, so that the first token has a
//! time of its own, and ends in an answer or in a [`Failure`] of the catalogue: a success status
//! alone is never a success.
//!
//! Several APIs are spoken ([`victor_plan::Api`], and [`Custom`] ones), each in a module of its own
//! that says how a turn is written, how a plain answer is read, and what each event of a stream
//! means. Everything else is common: where a server keeps no sessions, the [`Conversation`] is
//! carried by the client, so that users behave alike on all of them.
//!
//! ```
//! use victor_dialect::{Conversation, Dialect, Turn};
//! use victor_plan::Api;
//!
//! let turn = Turn { message: "hello".into(), ..Turn::default() };
//! let none = Conversation::default();
//! assert_eq!(Dialect::victor().encode(&turn, &none), br#"{"message":"hello"}"#);
//! assert_eq!(
//!     Dialect::new(Api::OpenAi).encode(&turn, &none),
//!     br#"{"messages":[{"role":"user","content":"hello"}]}"#,
//! );
//! ```
//!
//! Why not judge in the user classes? Every class would repeat it for every API. Why not a trait
//! object per API? There is one decoder a turn and one call an event; a `match` costs nothing and
//! shows all APIs side by side.

mod answer;
mod anthropic;
mod conversation;
mod custom;
mod decoder;
mod dialect;
mod failure;
mod heard;
mod openai;
mod plain;
mod responses;
mod stream_times;
mod tools;
mod turn;
mod victor;
mod victor_python;

pub use answer::{Answer, Tokens, ToolUse, Usage};
pub use conversation::Conversation;
pub use custom::{Custom, CustomApi, CustomError};
pub use decoder::Decoder;
pub use dialect::{Dialect, path_of};
pub use failure::Failure;
pub use stream_times::StreamTimes;
pub use turn::{Turn, excerpt};
