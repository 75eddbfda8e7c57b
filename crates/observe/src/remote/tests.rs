use super::*;
use crate::child::{Child, socket};
use crate::{ObservationLog, Series, SharedLog, Status, Target, Watch, serve};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use victor_clock::sleep;

const EVERY: Duration = Duration::from_millis(100);

/// A whole observer of `target`: what `victor observe` runs.
fn observer(target: Target, instance: &str, listener: TcpListener) -> JoinSet<()> {
    let start = now();
    let watch = Watch::local(target, start).every(EVERY);
    let status = watch.status();
    let log: SharedLog = Arc::new(Mutex::new(ObservationLog::new(instance.to_owned(), start)));
    let (out, mut inbox) = channel(8);
    let mut tasks = JoinSet::new();
    let written = log.clone();
    tasks.spawn(watch.run(out));
    tasks.spawn(async move {
        while let Some(observation) = inbox.recv().await {
            written.lock().expect("whole").push(observation);
        }
    });
    let token = Some("secret".to_owned());
    tasks.spawn(async move {
        serve(listener, log, status, token, std::future::pending()).await.expect("serves");
    });
    tasks
}

/// A run's view of an observer.
struct Relay {
    inbox: Receiver<Observation>,
    status: watch::Receiver<Status>,
    series: Series,
    _task: JoinSet<()>,
}

impl Relay {
    fn of(address: SocketAddr, token: &str) -> Self {
        let observer = RemoteObserver::new(&format!("http://{address}"), Some(token.to_owned()));
        let watch = Watch::remote(observer.expect("an address"), now()).every(EVERY);
        let (status, (out, inbox), mut task) = (watch.status(), channel(8), JoinSet::new());
        task.spawn(watch.run(out));
        Self { inbox, status, series: Series::new(), _task: task }
    }

    /// The next observation for which `pick` gives something.
    async fn next<T>(&mut self, pick: impl Fn(&Observation) -> Option<T>) -> T {
        let search = async {
            loop {
                let observation = self.inbox.recv().await.expect("goes on");
                let picked = pick(&observation);
                self.series.observe(observation);
                if let Some(picked) = picked {
                    return picked;
                }
            }
        };
        timeout(Duration::from_secs(20), search).await.expect("reported in time")
    }
}

fn found(observation: &Observation) -> Option<u32> {
    match observation {
        Observation::Found { pid, .. } => Some(*pid),
        _ => None,
    }
}

fn sampled(observation: &Observation) -> Option<f64> {
    matches!(observation, Observation::Sample(_)).then(|| observation.at().0)
}

fn reason(observation: &Observation) -> Option<String> {
    match observation {
        Observation::Missing { reason, .. } => Some(reason.clone()),
        _ => None,
    }
}

async fn bound() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    (listener, address)
}

async fn rebind<T, F: Future<Output = std::io::Result<T>>>(bind: impl Fn() -> F) -> T {
    loop {
        match bind().await {
            Ok(listener) => return listener,
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

#[tokio::test]
async fn samples_come_on_the_runs_clock_and_a_restart_of_the_target_is_told() {
    let (listening, target) = socket();
    let first = Child::holding(listening, "exec sleep 60");
    let (listener, address) = bound().await;
    let _observer = observer(Target::Port(target), "a", listener);
    // The observer is older than the run.
    sleep(Duration::from_millis(700)).await;
    let start = now();
    let mut relay = Relay::of(address, "secret");
    assert_eq!(relay.next(found).await, first.pid());
    let at = relay.next(sampled).await;
    let elapsed = now().saturating_duration_since(start).as_secs_f64();
    assert!((0.0..=elapsed).contains(&at), "{at} of {elapsed}");
    drop(first);
    let second = Child::holding(
        rebind(|| async { std::net::TcpListener::bind(target) }).await,
        "exec sleep 60",
    );
    assert_eq!(relay.next(found).await, second.pid());
    relay.next(sampled).await;
    assert_eq!(relay.series.warnings().len(), 1, "{:?}", relay.series.warnings());
    let status = relay.status.borrow().clone();
    let resources = relay.series.resources(&status).expect("sampled");
    assert_eq!(resources.observer, Some(format!("http://{address}")));
    assert!(resources.cores > 0 && resources.cost.is_some_and(|cost| cost.samples > 0));
}

#[tokio::test]
async fn an_observer_that_is_away_is_said_and_found_again_without_a_false_restart() {
    let child = Child::run("exec sleep 60");
    let (listener, address) = bound().await;
    drop(listener);
    let mut relay = Relay::of(address, "secret");
    let away = relay.next(reason).await;
    assert!(away.contains("cannot be reached") && away.contains("--observe"), "{away}");
    for instance in ["first", "second"] {
        let listener = rebind(|| TcpListener::bind(address)).await;
        let observer = observer(Target::Pid(child.pid()), instance, listener);
        relay.next(sampled).await;
        assert_eq!(relay.series.warnings(), [], "seen in the end, and never replaced");
        drop(observer);
        relay.next(reason).await;
    }
}

#[tokio::test]
async fn a_wrong_token_and_a_stranger_are_named() {
    let (listener, address) = bound().await;
    let _observer = observer(Target::Pid(std::process::id()), "a", listener);
    let refused = Relay::of(address, "wrong").next(reason).await;
    assert!(refused.contains("VICTOR_OBSERVE_TOKEN"), "{refused}");

    let (listener, address) = bound().await;
    let router = axum::Router::new().fallback(|| async { "hello" });
    let mut task = JoinSet::new();
    task.spawn(async move { axum::serve(listener, router).await });
    let stranger = Relay::of(address, "secret").next(reason).await;
    assert!(stranger.contains("no victor observe"), "{stranger}");
    let shown = format!("{:?}", RemoteObserver::new("http://h", Some("secret".to_owned())));
    assert!(!shown.contains("secret"), "{shown}");
}
