use crate::child::Child;
use crate::{Sampler, Usage};
use std::net::{TcpListener, TcpStream};
use victor_clock::{Duration, now, sleep};
use victor_types::{Bytes, ProcessSample, Seconds};

async fn sampled(sampler: &mut Sampler) -> ProcessSample {
    sleep(Duration::from_secs(1)).await;
    at_once(sampler)
}

fn at_once(sampler: &mut Sampler) -> ProcessSample {
    let usage: Usage = sampler.sample(now()).expect("running");
    usage.at(Seconds(1.0))
}

#[tokio::test]
async fn memory_that_is_written_to_is_anonymous_and_its_own() {
    // 48 MiB in a variable of the shell, and then nothing more.
    let script = "x=$(head -c 50331648 /dev/zero | tr '\\0' x); sleep 60; echo $x";
    let child = Child::run(script);
    let mut sampler = Sampler::new(child.pid()).expect("running");
    let large = Bytes(40 << 20);
    for _ in 0..20 {
        let sample = sampled(&mut sampler).await;
        if sample.rss < large {
            continue;
        }
        let Some(memory) = sample.memory else { continue };
        assert!(memory.anonymous >= Some(large), "{memory:?}");
        if memory.pss >= Some(large) {
            assert!(memory.uss >= Some(large) && memory.uss <= memory.pss, "{memory:?}");
            assert!(memory.pss <= Some(Bytes(sample.rss.0 + (8 << 20))), "{sample:?}");
            return;
        }
    }
    panic!("the child's memory was not seen");
}

#[tokio::test]
async fn switches_faults_and_kernel_time_of_a_busy_tree_are_rates() {
    let child = Child::run("while :; do (sleep 0.01); done");
    let mut sampler = Sampler::new(child.pid()).expect("running");
    at_once(&mut sampler);
    let sample = sampled(&mut sampler).await;
    let activity = sample.activity.expect("of a second reading");
    assert!(activity.voluntary_switches.is_some_and(|rate| rate.0 > 5.0), "{activity:?}");
    assert!(activity.minor_faults.is_some_and(|rate| rate.0 > 50.0), "{activity:?}");
    assert!(activity.involuntary_switches.is_some() && activity.read.is_some(), "{activity:?}");
    assert!(sample.cpu_system.is_some_and(|cpu| cpu <= sample.cpu_cores), "{sample:?}");
    assert!(sample.processes.is_some_and(|number| (1..=4).contains(&number)), "{sample:?}");
}

#[tokio::test]
async fn what_is_written_to_storage_is_seen() {
    // Beside the test's own program: the system's folder for such files may be in memory.
    let beside = std::env::current_exe().expect("this program");
    let folder = tempfile::tempdir_in(beside.parent().expect("a folder")).expect("writable");
    let script = "while :; do printf %04096d 0; sleep 0.01; done";
    let child = Child::run(&format!("{script} >{}", folder.path().join("out").display()));
    let mut sampler = Sampler::new(child.pid()).expect("running");
    at_once(&mut sampler);
    let sample = sampled(&mut sampler).await;
    let written = sample.activity.and_then(|activity| activity.written);
    assert!(written.is_some_and(|rate| rate.0 > 4096.0), "{written:?}");
}

#[tokio::test]
async fn sockets_are_counted_by_state() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let child = Child::holding(listener, "exec sleep 60");
    let waiting: Vec<TcpStream> =
        (0..3).map(|_| TcpStream::connect(address).expect("accepted by the kernel")).collect();
    let mut sampler = Sampler::new(child.pid()).expect("running");
    let sockets = at_once(&mut sampler).sockets.expect("own child");
    assert_eq!((sockets.listening, sockets.waiting_accept), (Some(1), Some(3)), "{sockets:?}");
    assert_eq!(sockets.established, Some(0), "none was accepted");
    drop(waiting);
}

#[tokio::test]
async fn accepted_and_forgotten_connections_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let open = TcpStream::connect(address).expect("connects");
    let closed = TcpStream::connect(address).expect("connects");
    let held = [listener.accept().expect("accepted"), listener.accept().expect("accepted")];
    drop(closed);
    let mut sampler = Sampler::new(std::process::id()).expect("running");
    let sockets = at_once(&mut sampler).sockets.expect("own process");
    // Other tests of this process may have sockets of their own.
    assert!(sockets.close_wait >= Some(1) && sockets.established >= Some(2), "{sockets:?}");
    drop((open, held));
}

#[tokio::test]
async fn the_machine_is_seen_beside_the_process() {
    let child = Child::run("while :; do :; done");
    let mut sampler = Sampler::new(child.pid()).expect("running");
    assert_eq!(at_once(&mut sampler).host, None, "rates need two readings");
    let host = sampled(&mut sampler).await.host.expect("readable");
    assert!(host.cpu_cores.is_some_and(|cores| cores > 0.2), "{host:?}");
    assert!(host.memory_available.is_some_and(|free| free.0 > 0), "{host:?}");
    for share in [host.cpu_pressure, host.memory_pressure, host.io_pressure].into_iter().flatten() {
        assert!((0.0..=1.0).contains(&share), "{host:?}");
    }
}
