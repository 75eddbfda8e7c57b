//! Servers that are no assistants.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// A listener on a free port of this machine, until it is dropped.
#[derive(Debug)]
pub(crate) struct Pretend {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
}

impl Pretend {
    /// Answers every HTTP request with `status`, such as `404 Not Found`, and a little JSON.
    pub(crate) fn http(status: &'static str) -> Self {
        let body = r#"{"detail":"pretended"}"#;
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self::listen(move |stream| {
            let mut reader = BufReader::new(stream);
            while request(&mut reader).is_some() {
                reader.get_mut().write_all(answer.as_bytes()).ok()?;
            }
            None
        })
    }

    /// Answers every turn with an apology, under status 200 and with the session's own id.
    pub(crate) fn apologising() -> Self {
        Self::listen(move |stream| {
            let mut reader = BufReader::new(stream);
            while let Some(body) = request(&mut reader) {
                let named = body.split(r#""session_id":""#).nth(1);
                let session = named.and_then(|rest| rest.split('"').next()).unwrap_or("none");
                let body = format!(
                    r#"{{"response":"Sorry, I cannot help with that.","session_id":"{session}"}}"#
                );
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
                let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
                reader.get_mut().write_all(answer.as_bytes()).ok()?;
            }
            None
        })
    }

    /// Reads one HTTP request, answers it with `bytes` and hangs up.
    pub(crate) fn answering(bytes: &'static [u8]) -> Self {
        Self::listen(move |stream| {
            let mut reader = BufReader::new(stream);
            request(&mut reader)?;
            reader.get_mut().write_all(bytes).ok()
        })
    }

    /// Speaks first, as a mail or SSH server does, then listens and says no more.
    pub(crate) fn greeting(bytes: &'static [u8]) -> Self {
        Self::listen(move |mut stream| {
            stream.write_all(bytes).ok()?;
            stream.read_to_end(&mut Vec::new()).ok().map(|_| ())
        })
    }

    /// Serves every connection with `serve`, on a thread of its own.
    pub(crate) fn listen(serve: impl Fn(TcpStream) -> Option<()> + Send + Clone + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (connections, closed) = <(Arc<AtomicUsize>, Arc<AtomicBool>)>::default();
        let (count, end) = (Arc::clone(&connections), Arc::clone(&closed));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if end.load(Ordering::Relaxed) {
                    return;
                }
                count.fetch_add(1, Ordering::Relaxed);
                let serve = serve.clone();
                let limit = stream.set_read_timeout(Some(Duration::from_secs(20)));
                thread::spawn(move || limit.ok().and_then(|()| serve(stream)));
            }
        });
        Self { address, connections, closed }
    }

    /// Its address as `--host` takes it.
    pub(crate) fn host(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Pretend {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

/// Reads a request and hands over its body; `None` when the client has gone.
fn request(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}
