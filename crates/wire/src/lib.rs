//! HTTP/1.1 and server-sent events at connection level.
//!
//! The one idea: a connection is something a user owns and sees. There is no pool that a request
//! could wait in unnoticed, every phase of an exchange has its own timestamp and its own time
//! limit, and the bytes are stamped when the read that brought them returns. The parsers
//! ([`ResponseParser`], [`SseParser`]) do no I/O, so they can be tested over every split of their
//! input. Reading goes through one buffer per thread; an idle connection holds no memory but its
//! socket.
//!
//! ```
//! use victor_wire::{Event, ResponseParser};
//!
//! let mut parser = ResponseParser::default();
//! let mut input: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
//! let Some(Event::Head(head)) = parser.next(&mut input)? else { panic!("no head") };
//! assert_eq!(head.status, 200);
//! assert_eq!(parser.next(&mut input)?, Some(Event::Data(b"hi")));
//! assert_eq!(parser.next(&mut input)?, Some(Event::End));
//! # Ok::<(), victor_wire::ParseError>(())
//! ```
//!
//! Why not hyper or reqwest? They hide when a connection was opened, waited for and first heard
//! from, and cost more a request than the measuring does.

mod connection;
mod endpoint;
mod error;
mod request;
mod response;
mod sse;

pub use connection::{Connection, Limits, Sink, Times};
pub use endpoint::{Endpoint, EndpointError};
pub use error::WireError;
pub use request::RequestTemplate;
pub use response::{ContentType, Event, Head, ParseError, ResponseParser};
pub use sse::{SseEvent, SseParser, SseTooLong};
