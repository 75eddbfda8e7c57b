//! An observer beside a target on another machine.

use crate::ObserveError;
use crate::fetch::{Address, FetchError, fetch};
use crate::outlet::Outlet;
use crate::status::Board;
use std::fmt;
use victor_clock::{Duration, Instant, now, sleep_until};
use victor_types::{OBSERVER_VERSION, Observation, ObserverPage, Seconds};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest pause between questions that are not answered.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where a `victor observe` answers.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteObserver {
    address: Address,
    token: Option<String>,
}

impl RemoteObserver {
    /// The observer at `url`, such as `http://10.0.0.5:9127`, with the token it asks for.
    ///
    /// # Errors
    /// [`ObserveError::Address`] when `url` is no address of http.
    pub fn new(url: &str, token: Option<String>) -> Result<Self, ObserveError> {
        let address = Address::parse(url).map_err(|error| ObserveError::address(&error))?;
        Ok(Self { address, token })
    }
}

impl fmt::Debug for RemoteObserver {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteObserver").field(&self.address.as_str()).finish()
    }
}

/// Asks for what is new once in `every` until nobody listens.
pub(crate) async fn follow(
    observer: RemoteObserver,
    every: Duration,
    start: Instant,
    mut out: Outlet,
    board: Board,
) {
    board.observer(observer.address.as_str());
    let mut reader = Reader { start, position: None, offset: None, process: None, reason: None };
    let mut pause = every;
    loop {
        let asked = now();
        let seen = match reader.ask(&observer).await {
            Ok(page) => {
                pause = every;
                board.machine(page.machine);
                board.cost(page.cost);
                reader.take(page, asked, now())
            }
            Err(why) => {
                pause = (pause * 2).min(LONGEST_PAUSE.max(every));
                reader.missing(why, asked).into_iter().collect()
            }
        };
        for observation in seen {
            if !out.send(observation).await {
                return;
            }
        }
        tokio::select! {
            () = sleep_until(asked + pause) => {}
            () = out.closed() => return,
        }
    }
}

/// What is known from the answers so far.
#[derive(Debug)]
struct Reader {
    start: Instant,
    /// The observer's instance, and the number to ask from.
    position: Option<(String, u64)>,
    /// The shortest exchange so far, and what to add to the observer's clock.
    offset: Option<(Duration, f64)>,
    process: Option<(u32, String)>,
    reason: Option<String>,
}

impl Reader {
    async fn ask(&self, observer: &RemoteObserver) -> Result<ObserverPage, String> {
        let query = self.position.as_ref().map(|(_, next)| format!("after={next}"));
        let address = observer.address.below("/v1/observations", query.as_deref());
        let text = fetch(&address, observer.token.as_deref(), PATIENCE).await;
        let text = text.map_err(|error| unreachable(observer, &error))?;
        let page: ObserverPage = serde_json::from_str(&text).map_err(|_| {
            format!("what answers at {} is no victor observe", observer.address.as_str())
        })?;
        if page.version > OBSERVER_VERSION {
            return Err(format!(
                "the observer at {} is newer than this victor: update victor",
                observer.address.as_str()
            ));
        }
        Ok(page)
    }

    /// The observations of a page that was asked for at `asked` and there at `answered`, on the run's
    /// clock.
    fn take(&mut self, page: ObserverPage, asked: Instant, answered: Instant) -> Vec<Observation> {
        let same = self.position.as_ref().is_some_and(|(known, _)| *known == page.instance);
        let restarted = self.position.is_some() && !same;
        self.position = (!restarted).then_some((page.instance, page.next));
        self.reason = None;
        if restarted {
            // Its numbers and its clock began anew: ask from the start.
            self.offset = None;
            return Vec::new();
        }
        let took = answered.saturating_duration_since(asked);
        // One that is not much slower is taken as well, for clocks drift.
        if self.offset.is_none_or(|(best, _)| took <= best * 2) {
            let middle = (asked + took / 2).saturating_duration_since(self.start).as_secs_f64();
            let best = self.offset.map_or(took, |(best, _)| best.min(took));
            self.offset = Some((best, middle - page.now.0));
        }
        let later = self.offset.map_or(0.0, |(_, offset)| offset);
        let on_the_runs_clock = |observation: Observation| {
            let at = observation.at().0 + later;
            observation.shifted(Seconds(later + (0.0 - at).max(0.0)))
        };
        let seen = page.observations.into_iter().map(on_the_runs_clock).collect::<Vec<_>>();
        seen.into_iter().filter(|observation| self.is_news(observation)).collect()
    }

    /// False for a process that was told before: an observer that was restarted finds it again.
    fn is_news(&mut self, observation: &Observation) -> bool {
        let Observation::Found { pid, command, .. } = observation else { return true };
        let found = Some((*pid, command.clone()));
        let news = self.process != found;
        self.process = found;
        news
    }

    fn missing(&mut self, reason: String, asked: Instant) -> Option<Observation> {
        if self.reason.as_ref() == Some(&reason) {
            return None;
        }
        tracing::warn!("the server is not observed: {reason}");
        self.reason = Some(reason.clone());
        let at = asked.saturating_duration_since(self.start).into();
        Some(Observation::Missing { at, reason })
    }
}

fn unreachable(observer: &RemoteObserver, error: &FetchError) -> String {
    let at = observer.address.as_str();
    match error {
        FetchError::Status(401) => format!(
            "the observer at {at} asks for its token: set VICTOR_OBSERVE_TOKEN to the one it was \
             started with"
        ),
        _ => format!(
            "the observer at {at} cannot be reached ({error}): start `victor observe --port PORT \
             --listen ADDRESS` beside the server, or check --observe"
        ),
    }
}

#[cfg(test)]
mod tests;
