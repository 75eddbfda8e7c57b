//! A plain HTTP client that shares no code with the one under test: one request a connection.

use serde_json::{Value, json};
use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest silence of a server.
const PATIENCE: Duration = Duration::from_secs(20);

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends a request (a `POST` when there is a body) and reads the response to its end.
pub(crate) fn call(address: SocketAddr, path: &str, body: Option<&Value>) -> Reply {
    let mut text = String::new();
    send(address, path, body).read_to_string(&mut text).expect("a response of text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a response has a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Reply { status, body: body.to_owned() }
}

/// What a server answers to one chat message without a session.
pub(crate) fn chat(address: SocketAddr, message: &str) -> Value {
    let reply = call(address, "/api/v1/chat", Some(&json!({ "message": message })));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// Asks for a streamed answer and hands over what comes, head included.
pub(crate) fn stream_of(address: SocketAddr, message: &str) -> BufReader<TcpStream> {
    let body = json!({ "message": message, "stream": true });
    BufReader::new(send(address, "/api/v1/chat", Some(&body)))
}

fn send(address: SocketAddr, path: &str, body: Option<&Value>) -> TcpStream {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    let body = body.map(Value::to_string);
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("a request that is taken");
    stream
}
