use super::*;
use crate::Series;
use crate::child::{Child, socket};
use std::net::TcpListener;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use victor_clock::sleep;
use victor_types::ProcessSample;

const EVERY: Duration = Duration::from_millis(100);

fn watching(target: Target) -> (Receiver<Observation>, JoinHandle<()>) {
    let (sender, receiver) = channel(8);
    (receiver, tokio::spawn(Watch::local(target, now()).every(EVERY).run(sender)))
}

/// The next observation for which `pick` gives something; the others go to `series`.
async fn next<T>(
    receiver: &mut Receiver<Observation>,
    series: &mut Series,
    pick: impl Fn(&Observation) -> Option<T>,
) -> T {
    let search = async {
        loop {
            let observation = receiver.recv().await.expect("watch goes on");
            let picked = pick(&observation);
            series.observe(observation);
            if let Some(picked) = picked {
                return picked;
            }
        }
    };
    timeout(Duration::from_secs(20), search).await.expect("reported in time")
}

fn found(observation: &Observation) -> Option<u32> {
    match observation {
        Observation::Found { pid, .. } => Some(*pid),
        _ => None,
    }
}

fn sample(observation: &Observation) -> Option<ProcessSample> {
    match observation {
        Observation::Sample(sample) => Some(*sample),
        _ => None,
    }
}

fn missing(observation: &Observation) -> Option<String> {
    match observation {
        Observation::Missing { reason, .. } => Some(reason.clone()),
        _ => None,
    }
}

async fn rebind(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address) {
            Ok(socket) => return socket,
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

#[tokio::test]
async fn a_restarted_server_is_found_again_and_the_restart_reported() {
    let (listening, address) = socket();
    let first = Child::holding(listening, "exec sleep 60");
    let (mut receiver, _task) = watching(Target::Port(address));
    let mut series = Series::new();
    assert_eq!(next(&mut receiver, &mut series, found).await, first.pid());
    let seen = next(&mut receiver, &mut series, sample).await;
    assert!(seen.rss.0 > 0 && seen.at.0 > 0.0, "{seen:?}");
    let gone = format!("process {} has ended", first.pid());
    drop(first);
    assert_eq!(next(&mut receiver, &mut series, missing).await, gone);
    let second = Child::holding(rebind(address).await, "exec sleep 60");
    assert_eq!(next(&mut receiver, &mut series, found).await, second.pid());
    next(&mut receiver, &mut series, sample).await;
    assert_eq!(series.warnings().len(), 1, "{:?}", series.warnings());
    assert!(series.resources(&Status::default()).is_some());
}

#[tokio::test]
async fn a_port_taken_over_is_followed_while_the_old_process_lives_on() {
    let (listening, address) = socket();
    let old = Child::holding(listening, "sleep 0.5 </dev/null; exec 0</dev/null; exec sleep 60");
    let (mut receiver, _task) = watching(Target::Port(address));
    let mut series = Series::new();
    assert_eq!(next(&mut receiver, &mut series, found).await, old.pid());
    let new = Child::holding(rebind(address).await, "exec sleep 60");
    assert_eq!(next(&mut receiver, &mut series, found).await, new.pid());
    assert_eq!(series.warnings().len(), 1);
}

#[tokio::test]
async fn the_master_is_found_when_workers_share_its_socket() {
    let (listening, address) = socket();
    let script = "exec 3<&0; sleep 60 & sleep 60 & wait";
    let master = Child::holding(listening, script);
    let (mut receiver, _task) = watching(Target::Port(address));
    let mut series = Series::new();
    assert_eq!(next(&mut receiver, &mut series, found).await, master.pid());
    let all = |observation: &Observation| sample(observation).filter(|sample| sample.threads == 3);
    next(&mut receiver, &mut series, all).await;
}

#[tokio::test]
async fn a_server_that_starts_later_is_waited_for() {
    let (listening, address) = socket();
    drop(listening);
    let (mut receiver, _task) = watching(Target::Port(address));
    let mut series = Series::new();
    let reason = next(&mut receiver, &mut series, missing).await;
    assert_eq!(reason, format!("nothing on this machine listens on {address}"));
    let server = Child::holding(rebind(address).await, "exec sleep 60");
    assert_eq!(next(&mut receiver, &mut series, found).await, server.pid());
    assert_eq!(series.warnings(), [], "found in the end, and never replaced");
}

#[tokio::test]
async fn it_ends_with_its_process_or_when_the_target_is_elsewhere() {
    let child = Child::run("exec sleep 60");
    let (mut receiver, task) = watching(Target::Pid(child.pid()));
    let mut series = Series::new();
    assert_eq!(next(&mut receiver, &mut series, found).await, child.pid());
    drop(child);
    next(&mut receiver, &mut series, missing).await;
    timeout(Duration::from_secs(20), task).await.expect("ends").expect("without a panic");
    assert_eq!(receiver.recv().await, None);

    let (mut receiver, task) = watching(Target::Port(([192, 0, 2, 1], 80).into()));
    let reason = next(&mut receiver, &mut series, missing).await;
    assert!(reason.starts_with("192.0.2.1:80 is not on this machine"), "{reason}");
    timeout(Duration::from_secs(20), task).await.expect("ends").expect("without a panic");
}

#[tokio::test]
async fn it_ends_when_nobody_listens_to_it() {
    let (receiver, task) = watching(Target::Pid(std::process::id()));
    drop(receiver);
    timeout(Duration::from_secs(20), task).await.expect("ends").expect("without a panic");
}

#[test]
fn the_grid_skips_what_was_missed() {
    let start = now();
    let at = |millis| start + Duration::from_millis(millis);
    assert_eq!(next_on_grid(start, Duration::from_secs(1), start), at(1000));
    assert_eq!(next_on_grid(start, Duration::from_secs(1), at(1000)), at(2000));
    assert_eq!(next_on_grid(start, Duration::from_secs(1), at(3700)), at(4000));
}
