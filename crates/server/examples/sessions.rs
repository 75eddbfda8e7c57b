//! What sessions cost the process of a running server, measured from outside.
//!
//! `sessions [COUNT] [TURNS] [ROUNDS]` opens COUNT sessions (10,000) of TURNS turns (20) with
//! messages of 100 to 300 bytes, ROUNDS times (1), against the server of `VICTOR_API_HOST`, and
//! leaves them behind. After each round it waits until none is live when there is another round to
//! come, or when the server's sessions live for less than a minute. It prints one JSON line a round: the
//! server's resident memory before, at the peak and after, what it accounts for, and what is left.
//!
//! ```sh
//! SERVE_ARGS='--profile instant' scripts/with-server.sh \
//!     cargo run --release -q -p victor-server --example sessions
//! SERVE_ARGS='--profile instant --session-ttl 20s --max-sessions 200000' scripts/with-server.sh \
//!     cargo run --release -q -p victor-server --example sessions 100000 1 2
//! ```

use serde_json::{Value, json};
use std::error::Error;
use std::io::Write as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

type Failure = Box<dyn Error + Send + Sync>;

/// Connections that talk at once.
const CLIENTS: usize = 16;

/// A keep-alive connection.
struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    async fn connect(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Asks, and reads an answer with a length.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<Value, Failure> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.read.clear();
        loop {
            if let Some((head, body)) = parts(&self.read) {
                return if head.starts_with("HTTP/1.1 2") {
                    Ok(serde_json::from_slice(body)?)
                } else {
                    Err(format!("{method} {path}: {head}").into())
                };
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
    }
}

/// Head and body of a whole answer.
fn parts(read: &[u8]) -> Option<(&str, &[u8])> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&read[..end]).ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let body = read.get(end + 4..end + 4 + length.trim().parse::<usize>().ok()?)?;
    Some((head, body))
}

/// A message like a person's, of 100 to 300 bytes.
fn message(session: usize, turn: usize) -> String {
    let clause = "and then tell me how closures capture what they name in Rust, ";
    format!("Turn {turn} of {session}: {}", clause.repeat(1 + (session + turn) % 4))
}

/// Every `CLIENTS`-th session from `first` on.
async fn talk(
    address: String,
    round: usize,
    first: usize,
    count: usize,
    turns: usize,
) -> Result<(), Failure> {
    let mut client = Client::connect(&address).await?;
    for session in (first..count).step_by(CLIENTS) {
        let id = format!("r{round}-s{session}");
        for turn in 0..turns {
            let body = json!({ "message": message(session, turn), "session_id": id }).to_string();
            client.ask("POST", "/api/v1/chat", &body).await?;
        }
    }
    Ok(())
}

async fn diagnostics(client: &mut Client) -> Result<Value, Failure> {
    client.ask("GET", "/api/v1/diagnostics", "").await
}

fn rss(seen: &Value) -> i64 {
    seen["process"]["rss_bytes"].as_i64().unwrap_or_default()
}

async fn round(
    address: &str,
    number: usize,
    count: usize,
    turns: usize,
    empty: bool,
) -> Result<Value, Failure> {
    let mut watch = Client::connect(address).await?;
    let before = diagnostics(&mut watch).await?;
    let mut talking = JoinSet::new();
    for first in 0..CLIENTS.min(count) {
        talking.spawn(talk(address.to_owned(), number, first, count, turns));
    }
    while let Some(done) = talking.join_next().await {
        done??;
    }
    let full = diagnostics(&mut watch).await?;
    let mut after = full.clone();
    while empty && after["sessions"]["live"] != 0 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        after = diagnostics(&mut watch).await?;
    }
    if empty {
        // The allocator gives pages back some time after they are free.
        tokio::time::sleep(Duration::from_secs(5)).await;
        after = diagnostics(&mut watch).await?;
    }
    let live = full["sessions"]["live"].as_i64().unwrap_or_default();
    let grown = rss(&full) - rss(&before);
    Ok(json!({
        "round": number,
        "sessions": count,
        "turns": turns,
        "live": live,
        "rss_before": rss(&before),
        "rss_full": rss(&full),
        "rss_after": rss(&after),
        "rss_per_session": grown / live.max(1),
        "accounted_per_session": full["sessions"]["bytes"].as_i64().unwrap_or_default() / live.max(1),
        "bytes_after": after["sessions"]["bytes"],
        "services_after": after["services"],
    }))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut number = |default: usize| numbers.next().unwrap_or(Ok(default));
    let (count, turns, rounds) = (number(10_000)?, number(20)?, number(1)?);
    let host = std::env::var("VICTOR_API_HOST").unwrap_or("http://127.0.0.1:8000".to_owned());
    let address = host.trim_start_matches("http://").trim_end_matches('/').to_owned();
    // The server's own threads and buffers are there before the first measured session.
    round(&address, 0, 200, 2, false).await?;
    for n in 1..=rounds {
        let line = round(&address, n, count, turns, rounds > 1).await?;
        writeln!(std::io::stdout().lock(), "{line}")?;
    }
    Ok(())
}
