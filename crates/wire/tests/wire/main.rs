//! The client against real sockets: servers that answer well, badly or not at all.
//!
//! Every fault here is made by the server's side of a real connection, and must be counted as the kind
//! of failure that the catalogue has for it.

mod connections;
mod faults;
mod http2;
mod proxy;
mod redirects;
mod support;
mod tls;
mod web_socket;
