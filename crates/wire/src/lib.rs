//! HTTP/1.1, HTTP/2, TLS and server-sent events at connection level.
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

mod client;
mod connection;
mod cookies;
mod dial;
mod endpoint;
mod error;
mod exchange;
mod head;
mod http2;
mod inflate;
mod proxy;
mod redirect;
mod request;
mod response;
mod sse;
mod stream;
mod target;
mod tls;
mod watch;
mod web_socket;

pub use client::{Channel, Client};
pub use endpoint::{Endpoint, EndpointError, Scheme};
pub use error::WireError;
pub use exchange::{Limits, Sink, Times};
pub use head::{ContentType, Encoding, Head};
pub use request::{Message, RequestTemplate};
pub use response::{Event, ParseError, ResponseParser};
pub use sse::{SseEvent, SseParser, SseTooLong};
pub use target::Target;
pub use tls::{TlsCause, TlsError};
pub use web_socket::WebSocket;
