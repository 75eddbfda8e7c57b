//! A small HTTP/1.1 client on a bare socket.

use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One connection.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    unread: Vec<u8>,
}

/// The head of a response.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
}

/// A whole response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Head {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("JSON: {}", self.text()))
    }

    /// Status and error code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let code = self.json()["error"]["code"].as_str().expect("an error code").to_owned();
        (self.head.status, code)
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        Self { stream, unread: Vec::new() }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server reads");
    }

    /// Sends a request; `headers` are whole lines that end with `\r\n`.
    pub(crate) async fn send(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) {
        let host = if headers.contains("Host:") { "" } else { "Host: localhost\r\n" };
        let kind = if headers.contains("Content-Type:") {
            ""
        } else {
            "Content-Type: application/json\r\n"
        };
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{host}{kind}{headers}Content-Length: {length}\r\n\r\n"
        );
        self.write(&[head.as_bytes(), body].concat()).await;
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", b"").await;
        self.answer().await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "", body.to_string().as_bytes()).await;
        self.answer().await
    }

    /// The answer to a message, in a session if one is named.
    pub(crate) async fn chat(&mut self, message: &str, session: Option<&str>) -> Value {
        let body = json!({ "message": message, "session_id": session });
        let answer = self.post("/api/v1/chat", &body).await;
        assert_eq!(answer.head.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Reads more; false at the end of the connection.
    async fn more(&mut self) -> bool {
        self.stream.read_buf(&mut self.unread).await.is_ok_and(|read| read > 0)
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.unread.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.unread.drain(..at + 2).take(at).collect();
                return Some(String::from_utf8(line).expect("UTF-8"));
            }
            if !self.more().await {
                return None;
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.unread.len() < length {
            if !self.more().await {
                return None;
            }
        }
        Some(self.unread.drain(..length).collect())
    }

    /// The head of the next response; `None` when the connection ended instead.
    pub(crate) async fn head(&mut self) -> Option<Head> {
        let status = self.line().await?.get(9..12)?.parse().ok()?;
        let mut headers = Vec::new();
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Some(Head { status, headers })
    }

    /// The next chunk of a chunked body; `None` at its end or when it is cut.
    pub(crate) async fn chunk(&mut self) -> Option<String> {
        let length = usize::from_str_radix(&self.line().await?, 16).expect("a chunk size");
        let chunk = self.exactly(length).await?;
        self.line().await?;
        (length > 0).then(|| String::from_utf8(chunk).expect("UTF-8"))
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        self.maybe_answer().await.expect("a response")
    }

    /// The next response; `None` when the connection ends before its end.
    pub(crate) async fn maybe_answer(&mut self) -> Option<Answer> {
        let head = self.head().await?;
        let mut body = Vec::new();
        if let Some(length) = head.header("content-length") {
            body = self.exactly(length.parse().ok()?).await?;
        } else {
            while let Some(chunk) = self.chunk().await {
                body.extend(chunk.into_bytes());
            }
        }
        Some(Answer { head, body })
    }
}

/// The JSON of each event of a stream; `[DONE]` becomes a string.
pub(crate) fn events(body: &str) -> Vec<Value> {
    body.split_terminator("\n\n")
        .map(|event| event.strip_prefix("data: ").expect("an event starts with `data: `"))
        .map(|data| serde_json::from_str(data).unwrap_or_else(|_| Value::from(data)))
        .collect()
}
