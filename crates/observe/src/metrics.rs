//! The target's own metrics, read beside the samples.

use crate::ObserveError;
use crate::fetch::{Address, fetch};
use crate::meaning::Meaning;
use crate::status::Board;
use tokio::sync::watch::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use victor_clock::{Duration, now, sleep_until};
use victor_types::MetricsSample;

/// The pause between two readings. It grows where the target takes long to answer, to 20 times that.
const EVERY: Duration = Duration::from_secs(2);
const SHARE: u32 = 20;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether and where the target shows metrics of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetMetrics(Wanted);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Off,
    /// Asked once, and followed if there is something known.
    Probe(Address),
    At(Address),
}

impl TargetMetrics {
    /// None are read.
    #[must_use]
    pub fn off() -> Self {
        Self(Wanted::Off)
    }

    /// Asks once for `/metrics` below `base`, an address such as `http://127.0.0.1:8000`, and goes
    /// on if that shows a metric whose meaning is known. An address that cannot be asked, such as one
    /// of https, is as good as a target without metrics.
    #[must_use]
    pub fn probe(base: &str) -> Self {
        let address = Address::parse(base).map(|address| address.below("/metrics", None));
        Self(address.map_or(Wanted::Off, Wanted::Probe))
    }

    /// Reads them at `url`, again and again also while it does not answer.
    ///
    /// # Errors
    /// [`ObserveError::Address`] when `url` is no address of http.
    pub fn at(url: &str) -> Result<Self, ObserveError> {
        Ok(Self(Wanted::At(Address::parse(url).map_err(|error| ObserveError::address(&error))?)))
    }
}

/// The newest reading; stops to read when dropped.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    newest: Option<Receiver<Option<MetricsSample>>>,
    /// Held for its end: a set of tasks ends them when it is dropped.
    _task: JoinSet<()>,
}

impl Feed {
    pub(crate) fn start(metrics: TargetMetrics, board: &Board) -> Self {
        let (address, insist) = match metrics.0 {
            Wanted::Off => return Self::default(),
            Wanted::Probe(address) => (address, false),
            Wanted::At(address) => (address, true),
        };
        let (out, newest) = channel(None);
        let mut task = JoinSet::new();
        task.spawn(follow(address, insist, out, board.clone()));
        Self { newest: Some(newest), _task: task }
    }

    /// The reading since the last call, if there is one.
    pub(crate) fn take(&mut self) -> Option<MetricsSample> {
        let newest = self.newest.as_mut()?;
        newest.has_changed().ok()?.then(|| *newest.borrow_and_update())?
    }
}

async fn follow(address: Address, insist: bool, out: Sender<Option<MetricsSample>>, board: Board) {
    let mut meaning = Meaning::default();
    let mut complaint = None;
    let mut found = false;
    loop {
        let began = now();
        let reading = match fetch(&address, None, PATIENCE).await {
            Ok(text) => meaning.read(&text, began).ok_or("it shows no metric that is known".into()),
            Err(error) => Err(error.to_string()),
        };
        match reading {
            Ok(sample) => {
                found = true;
                board.metrics(address.as_str());
                out.send_replace(Some(sample));
            }
            Err(_) if !insist && !found => return,
            Err(why) => {
                if complaint.as_ref() != Some(&why) {
                    tracing::warn!("the target's metrics at {}: {why}", address.as_str());
                    complaint = Some(why);
                }
            }
        }
        let took = now().saturating_duration_since(began);
        sleep_until(began + (took * SHARE).clamp(EVERY, LONGEST_PAUSE)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use victor_clock::sleep;

    /// Answers every request with `body`, and says where.
    async fn answering(body: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n{body}");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn metrics_that_are_found_are_followed_and_others_asked_for_once() {
        let board = Board::default();
        let base = answering("victor_sessions_live 7\n").await;
        let mut feed = Feed::start(TargetMetrics::probe(&base), &board);
        let sample = loop {
            match feed.take() {
                Some(sample) => break sample,
                None => sleep(Duration::from_millis(5)).await,
            }
        };
        assert_eq!(sample.live_sessions, Some(7.0));
        assert_eq!(feed.take(), None, "told once");
        assert_eq!(board.subscribe().borrow().metrics(), Some(format!("{base}/metrics").as_str()));

        let base = answering("<html>404</html>").await;
        let mut feed = Feed::start(TargetMetrics::probe(&base), &board);
        let newest = feed.newest.as_mut().expect("asked");
        assert!(newest.changed().await.is_err(), "it has ended without a reading");
    }

    #[test]
    fn an_address_given_must_be_one() {
        let error = TargetMetrics::at("localhost:9090").expect_err("no scheme");
        assert!(error.to_string().contains("localhost:9090"), "{error}");
        assert!(TargetMetrics::at("http://localhost:9090/metrics").is_ok());
        assert_eq!(TargetMetrics::probe("https://x"), TargetMetrics::off());
    }
}
